"""The plan as persons settle it: what is seized where, by which authority, to which address, and who does what.

The destination counts only when two persons, each on a device of their own, have entered the same address. What is
here is words and addresses: no key, no seed and no signature ever is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from recover.case import Case
from recover.plugins.registry import Plugins
from recover.recognise.assets import measured, named
from recover.recognise.names import here, recognise
from recover.sdk.errors import Error
from recover.sdk.values import Address
from recover.victims import cameback, cues

KIND = "plan"
ROLES = ("operator", "verifier", "scribe", "commander")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One person's entry of the destination, on one device."""

    by: str
    device: str
    to: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One resting place that is to be seized. `units` are base units; None means all that is there."""

    id: str
    source: str
    asset: str
    units: int | None
    authority: str
    roles: Mapping[str, str]
    fee_most: int | None
    by: str
    at: datetime
    checks: tuple[Check, ...] = field(default=())

    @property
    def to(self) -> str:
        """The destination that two persons on two devices agree on; empty before."""
        for one in self.checks:
            for other in self.checks:
                if _apart(one, other) and one.to == other.to and not self.disagreed:
                    return one.to
        return ""

    @property
    def since(self) -> datetime:
        """From when on it stood whole: settled, with the destination that two persons agree on."""
        firsts = (self.checks[: n + 1] for n in range(len(self.checks)))
        agreed = next((some[-1].at for some in firsts if replace(self, checks=some).to == self.to), self.at)
        return max(self.at, agreed)

    @property
    def disagreed(self) -> bool:
        """Whether persons entered different destinations: then none counts."""
        last = {one.by.casefold(): one.to for one in self.checks}
        return len(set(last.values())) > 1


def _apart(one: Check, other: Check) -> bool:
    return one.by.casefold() != other.by.casefold() and one.device.casefold() != other.device.casefold()


def every(case: Case) -> dict[str, Target]:
    """Every target by its id; a later entry of the same place and asset takes the place of the earlier one."""
    found: dict[str, dict[str, Any]] = {}
    for entry in case.entries:
        if entry.kind != KIND:
            continue
        body = entry.body
        if body["act"] == "set":
            roles = {str(k): str(v) for k, v in body.get("roles", {}).items()}
            sums = {name: int(body[name]) if body.get(name) else None for name in ("units", "fee_most")}
            texts = {name: str(body.get(name, "")) for name in ("id", "source", "asset", "authority", "by")}
            found[body["id"]] = {**texts, **sums, "roles": roles, "at": entry.time, "checks": []}
        elif body["id"] in found:
            check = Check(by=str(body["by"]), device=str(body["device"]), to=str(body["to"]), at=entry.time)
            found[body["id"]]["checks"].append(check)
    return {name: Target(**{**one, "checks": tuple(one["checks"])}) for name, one in found.items()}


def nameable(case: Case) -> dict[str, Target]:
    """Those that may stand in lists for others: a place can be kept back for screening after it was settled."""
    held = cues.standing(case)
    return {name: one for name, one in every(case).items() if one.source not in held}


def settle(
    case: Case,
    plugins: Plugins,
    *,
    source: str,
    asset: str,
    units: str,
    authority: str,
    roles: Mapping[str, str],
    fee_most: str,
    by: str,
) -> Target:
    """Journal what is to be seized at a place. Raises Error without an authority, roles apart, and a name."""
    place = _address(case, plugins, source)
    of = named(case, plugins, asset)
    if of.chain != place.chain:
        raise Error(
            "plan-chains",
            f"{asset} is not on the chain of {source}.",
            f"The asset is on {of.chain}, the address on {place.chain}.",
            "Name the asset of the address's own chain by its CAIP-19 id.",
        )
    if not authority.strip() or not by.strip():
        raise Error(
            "plan-without-authority",
            "A seizure needs the authority it rests on, and the name of who plans it.",
            "Nobody moves anything without one.",
            "Say --authority (the warrant or order with its number) and --by.",
        )
    if paid := cameback.wallets(case).get(place.caip10):
        raise Error(
            "plan-victims-wallet",
            f"{source} is no place to seize from: it paid the declared loss {', '.join(paid[:6])}.",
            "Whoever paid a loss is a victim, and what came there is with a victim.",
            "If that payment was no loss, take it back first: `recover loss CASE --drop L`.",
        )
    if place.caip10 in cues.standing(case):
        raise Error(
            "plan-unscreened",
            f"{source} is in no plan: screen before treating as suspect.",
            "It is paid as people are who may be forced to work; a cue, and no more.",
            "A trained person screens, and lets it be named: `recover victim cues CASE ADDRESS --lift`.",
        )
    wrong = [role for role in roles if role not in ROLES]
    if wrong or _same(roles):
        raise Error(
            "plan-roles",
            f"{wrong[0]!r} is no role." if wrong else "One person is both operator and verifier.",
            f"Roles are {', '.join(ROLES)}; who verifies decodes independently of who operates.",
            "Say --role ROLE=NAME for each, with two persons.",
        )
    native = plugins.chains[place.chain].info.native
    former = [one for one in every(case).values() if (one.source, one.asset) == (place.caip10, of.id)]
    name = former[0].id if former else f"S{len(every(case)) + 1}"
    body: dict[str, Any] = {"act": "set", "id": name, "source": place.caip10, "asset": of.id, "by": by.strip()}
    body |= {"units": str(measured(units, of, "--units")) if units else "", "authority": authority.strip()}
    body |= {"roles": dict(roles), "fee_most": str(measured(fee_most, native, "--fee-most")) if fee_most else ""}
    case.note(KIND, body)
    return every(case)[name]


def enter(case: Case, plugins: Plugins, name: str, *, to: str, by: str, device: str) -> Target:
    """Journal one person's entry of the destination, read or typed on one device."""
    target = known(case, name)
    refuse_secret(to)
    if not by.strip() or not device.strip():
        raise Error(
            "plan-device",
            "A destination is entered by a named person on a named device.",
            "Two persons on two devices must see one address: a changed screen would send everything away.",
            "Say --by NAME and --device NAME.",
        )
    place = _address(case, plugins, to)
    if place.chain != target.source.rpartition(":")[0]:
        raise Error(
            "plan-chains",
            f"{to} is an address on {place.chain}.",
            f"{name} is on {target.source.rpartition(':')[0]}: what is sent across chains is lost.",
            "Give the agency's address on the chain of the source.",
        )
    others = [one for one in every(case).values() if one.id != name and place.caip10 in {c.to for c in one.checks}]
    if others:
        raise Error(
            "plan-address-shared",
            f"{to} is the destination of {others[0].id} already.",
            "One fresh agency address for each case and source: what is mixed cannot be told apart again.",
            "Make another address for this source.",
        )
    case.note(
        KIND, {"act": "destination", "id": name, "to": place.caip10, "by": by.strip(), "device": device.strip()}
    )
    return every(case)[name]


def known(case: Case, name: str) -> Target:
    """Raises Error where the plan has no such target."""
    found = every(case)
    if name not in found:
        raise Error(
            "no-target",
            f"The plan has no target {name!r}.",
            f"It has {', '.join(found) or 'none yet'}.",
            "`recover plan set CASE --at ADDRESS --asset A --authority ORDER` enters one.",
        )
    return found[name]


_WORDS = re.compile(r"(?:[a-z]{3,8}\s+){11,23}[a-z]{3,8}")
_KEYS = re.compile(
    r"(?:0x)?[0-9a-fA-F]{64}|[5KLc][1-9A-HJ-NP-Za-km-z]{50,51}|[xyztuv]prv[1-9A-HJ-NP-Za-km-z]{100,}"
)


def refuse_secret(text: str) -> None:
    """Raises Error for what looks like a private key, an extended private key or the words of a wallet."""
    bare = " ".join(text.split())
    if _WORDS.fullmatch(bare.lower()) or _KEYS.fullmatch(bare) or "AGE-SECRET-KEY-" in bare:
        raise Error(
            "plan-secret",
            "This looks like a key, or the words of a wallet. It was not read further and is kept nowhere.",
            "A plan holds addresses and words alone: it never signs, and needs no key.",
            "Treat it as exposed. Give an address, or the unsigned transaction.",
        )


def _same(roles: Mapping[str, str]) -> bool:
    return bool(roles.get("operator")) and roles["operator"].casefold() == roles.get("verifier", "").casefold()


def _address(case: Case, plugins: Plugins, text: str) -> Address:
    refuse_secret(text)
    _, found = recognise(plugins, text, here(case))
    if not isinstance(found, Address):
        raise Error("plan-address", f"{text} is a transaction id.", "A place is an address.", "Name the address.")
    return found


def listed(texts: Sequence[str]) -> dict[str, str]:
    """ROLE=NAME texts."""
    return {role.strip(): name.strip() for role, _, name in (text.partition("=") for text in texts)}
