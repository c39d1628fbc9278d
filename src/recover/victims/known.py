"""What the journal knows of victims: pseudonyms and payments, and nothing by which a person could be named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recover.case import Case

KIND = "victim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment of a victim. Amounts in base units of `asset`; None is not known.

    `claimed` is what the victim says, `shown` the most that the exhibits showed when it was taken in. `loss` is
    the declared loss that stands for it; empty where no transaction is known yet. `rival` is the pseudonym of
    whoever claimed the same payment first.
    """

    id: str
    victim: str
    chain: str = ""
    tx: str = ""
    asset: str = ""
    claimed: int | None = None
    shown: int | None = None
    time: str = ""
    service: str = ""
    loss: str = ""
    rival: str = ""

    @property
    def counted(self) -> int | None:
        """What is shared on: what is claimed, as far as the exhibits show it."""
        if self.claimed is None or self.shown is None:
            return self.claimed if self.shown is None else self.shown
        return min(self.claimed, self.shown)

    @property
    def state(self) -> str:
        """One word for how it stands."""
        if self.rival:
            return "claimed by two"
        if not self.tx:
            return "no transaction"
        if self.shown is None:
            return "not in the exhibits"
        return "above the transaction" if (self.claimed or 0) > self.shown else "shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """One victim as the journal has it. `received` is what came back, by asset, in base units."""

    id: str
    at: datetime
    by: str
    payments: tuple[Payment, ...] = ()
    banks: tuple[tuple[str, str], ...] = ()
    consent: tuple[str, ...] = ()
    received: Mapping[str, int]
    steps: tuple[str, ...] = ()
    facts: Mapping[str, str]
    erased: str = ""


def every(case: Case) -> dict[str, Victim]:
    """Every victim by pseudonym, in the order of intake."""
    found: dict[str, dict[str, Any]] = {}
    for entry in case.entries:
        if entry.kind != KIND:
            continue
        body = entry.body
        name = body["id"]
        if body["act"] == "add":
            found[name] = {"id": name, "at": entry.time, "by": body.get("by", ""), "payments": [], "received": {}}
            found[name] |= {"banks": [], "consent": (), "facts": {}, "erased": ""}
        one = found.get(name)
        if one is None:
            continue
        if body["act"] == "erase":
            one["erased"] = f"{entry.time:%Y-%m-%d} by {body.get('by', '')}: {body.get('reason', '')}"
            continue
        _more(one, body)
    return {name: Victim(**one) for name, one in ((n, _frozen(o)) for n, o in found.items())}


def _more(one: dict[str, Any], body: Mapping[str, Any]) -> None:
    for said in body.get("payments", ()):
        one["payments"].append(_payment(one["id"], len(one["payments"]) + 1, said))
    one["banks"] += [(str(bank), str(when)) for bank, when in body.get("banks", ())]
    one["facts"] = {**one["facts"], **{str(k): str(v) for k, v in body.get("facts", {}).items()}}
    for asset, amount in body.get("received", {}).items():
        one["received"][asset] = one["received"].get(asset, 0) + int(amount)
    if "consent" in body:
        one["consent"] = tuple(map(str, body["consent"]))


def _frozen(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "payments": tuple(one["payments"]), "banks": tuple(one["banks"])}


_TEXTS = ("chain", "tx", "asset", "time", "service", "loss", "rival")


def _payment(victim: str, number: int, said: Mapping[str, Any]) -> Payment:
    made: dict[str, Any] = {name: str(said.get(name, "")) for name in _TEXTS}
    made |= {name: int(said[name]) for name in ("claimed", "shown") if said.get(name) not in (None, "")}
    return Payment(id=f"{victim}.{number}", victim=victim, **made)
