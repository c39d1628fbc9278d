"""What the journal knows of victims: pseudonyms and payments, and nothing by which a person could be named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recover.case import Case
from recover.case.journal import Entry

KIND = "victim"

PSEUDONYM = re.compile(r"V-[0-9A-Z]{6}")
"""How a case names a victim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment of a victim. Amounts in base units of `asset`; None is not known.

    `claimed` is what the victim says, `shown` the most that the exhibits showed when it was taken in. `loss` is
    the declared loss that stands for it; empty where no transaction is known yet. `rival` is the pseudonym of
    whoever claimed the same payment first. `learned` is set where the transaction became known after it was
    taken in.
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
    learned: str = ""

    @property
    def row(self) -> str:
        """The row of a list that it came from, as far as it can be told again without a transaction."""
        return f"{self.asset} {'' if self.claimed is None else self.claimed} {self.time} {self.service}"

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
class Way:
    """A bank or P2P platform through which coins were bought, and when: the way before the coin is recorded.

    Account, beneficiary, amount and reference are sealed with the identity, under the same number. `payment` is
    the payment that was made with these coins, empty where nobody said which.
    """

    id: str
    victim: str
    bank: str
    time: str = ""
    kind: str = "bank"
    payment: str = ""

    @property
    def number(self) -> int:
        """Which of the sealed ways it is, from 1."""
        return int(self.id.rpartition(".B")[2])


WAY = re.compile(rf"({PSEUDONYM.pattern})\.B[1-9][0-9]{{0,4}}")
"""How a case names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """One victim as the journal has it. `received` is what came back, by asset, in base units; `on_chain` what the
    trace shows of it, where it was asked, and `back` what the victim says, by the row that said so. `alike` are
    pseudonyms with the same telephone or e-mail: perhaps one person, until somebody settles it. `also` are those
    that were settled to be this person.
    """

    id: str
    at: datetime
    by: str
    payments: tuple[Payment, ...] = ()
    banks: tuple[tuple[str, str], ...] = ()
    ways: tuple[Way, ...] = ()
    consent: tuple[str, ...] = ()
    received: Mapping[str, int]
    on_chain: Mapping[str, int] = field(default_factory=dict)
    back: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    alike: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    facts: Mapping[str, str]
    erased: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """That two pseudonyms are one person, or are two: what a named person found, and why."""

    one: str
    other: str
    same: bool
    by: str
    reason: str
    at: datetime

    @property
    def said(self) -> str:
        """Who settled it, and when."""
        return f"{self.by}, {self.at:%Y-%m-%d}"


def names(case: Case) -> list[str]:
    """Every pseudonym, in the order of intake."""
    added = (e.body["id"] for e in case.entries if e.kind == KIND and e.body["act"] == "add")
    return list(dict.fromkeys(added))


def settlements(case: Case) -> dict[frozenset[str], Settlement]:
    """What stands of it, by the two pseudonyms; what was taken back is in the journal alone."""
    found: dict[frozenset[str], Settlement] = {}
    for entry in case.entries:
        body = entry.body
        if entry.kind != KIND or body["act"] not in ("settle", "reopen"):
            continue
        pair = frozenset((str(body["id"]), str(body["other"])))
        found.pop(pair, None)
        if body["act"] == "settle":
            said = {name: str(body[name]) for name in ("other", "by", "reason")}
            found[pair] = Settlement(one=str(body["id"]), same=body["as"] == "same", at=entry.time, **said)
    return found


def every(case: Case) -> dict[str, Victim]:
    """Every pseudonym as it was taken in, in the order of intake; `recover.victims.settled` has who is one."""
    # Asked again and again of one journal: what the last one said is kept, as long as it is the very same one.
    first, last, count = case.entries[0], case.entries[-1], len(case.entries)
    for began, ended, entries, victims in _LAST:
        if began is first and ended is last and entries == count:
            return dict(victims)
    victims = _every(case)
    _LAST[:] = [(first, last, count, victims)]
    return dict(victims)


_LAST: list[tuple[Entry, Entry, int, dict[str, Victim]]] = []


def _every(case: Case) -> dict[str, Victim]:
    found: dict[str, dict[str, Any]] = {}
    for entry in case.entries:
        if entry.kind != KIND:
            continue
        body = entry.body
        name = body["id"]
        if body["act"] == "add":
            found[name] = {"id": name, "at": entry.time, "by": body.get("by", ""), "payments": []}
            found[name] |= {
                "banks": [],
                "ways": {},
                "consent": (),
                "facts": {},
                "erased": "",
                "back": {},
                "alike": (),
            }
        one = found.get(name)
        if one is None or body["act"] in ("settle", "reopen"):
            continue
        if body["act"] == "erase":
            one["erased"] = f"{entry.time:%Y-%m-%d} by {body.get('by', '')}: {body.get('reason', '')}"
            continue
        _more(one, body)
    for name, one in found.items():
        for other in one["alike"]:
            if other in found and name not in found[other]["alike"]:
                found[other]["alike"] = (*found[other]["alike"], name)
    settled = settlements(case)
    for name, one in found.items() if settled else ():
        one["alike"] = tuple(other for other in one["alike"] if frozenset((name, other)) not in settled)
    return {name: Victim(**one) for name, one in ((n, _frozen(o)) for n, o in found.items())}


FORMER = "before"
"""The row of what came back where the rows were not told apart: what rows say takes its place."""


def _more(one: dict[str, Any], body: Mapping[str, Any]) -> None:
    for said in body.get("payments", ()):
        # A payment whose transaction became known stays the payment that it was.
        place = int(said.get("instead", 0)) or len(one["payments"]) + 1
        one["payments"][place - 1 : place] = [_payment(one["id"], place, said)]
    ways = [_way(one["id"], said) for said in body.get("ways", ())]
    one["ways"].update({way.id: way for way in ways})
    # As it was kept before each way had a number of its own.
    banks = [(str(bank), str(when)) for bank, when in body.get("banks", ())]
    banks += [(way.bank, way.time) for way in ways]
    one["banks"] += [bank for bank in dict.fromkeys(banks) if bank not in one["banks"]]
    one["alike"] = (*one["alike"], *(str(other) for other in body.get("alike", ())))
    one["facts"] = {**one["facts"], **{str(k): str(v) for k, v in body.get("facts", {}).items()}}
    for asset, amount in body.get("received", {}).items():  # as it was kept before each row was told apart
        whole = one["back"].get(f"{FORMER} {asset}", ("", 0))[1] + int(amount)
        one["back"][f"{FORMER} {asset}"] = str(asset), whole
    for row, asset, amount in body.get("back", ()):
        one["back"].pop(f"{FORMER} {asset}", None)
        one["back"][str(row)] = str(asset), int(amount)
    if "consent" in body:
        one["consent"] = tuple(map(str, body["consent"]))


def _frozen(one: dict[str, Any]) -> dict[str, Any]:
    received: dict[str, int] = {}
    for asset, amount in one["back"].values():
        received[asset] = received.get(asset, 0) + amount
    listed = {name: tuple(one[name]) for name in ("payments", "banks")}
    return {**one, **listed, "ways": tuple(one["ways"].values()), "received": received}


def _way(victim: str, said: Mapping[str, Any]) -> Way:
    texts = {name: str(said.get(name, "")) for name in ("bank", "time")}
    payment = f"{victim}.{said['payment']}" if said.get("payment") else ""
    kind = str(said.get("kind", "")) or "bank"
    return Way(id=f"{victim}.B{int(said['n'])}", victim=victim, kind=kind, payment=payment, **texts)


_TEXTS = ("chain", "tx", "asset", "time", "service", "loss", "rival", "learned")


def _payment(victim: str, number: int, said: Mapping[str, Any]) -> Payment:
    made: dict[str, Any] = {name: str(said.get(name, "")) for name in _TEXTS}
    made |= {name: int(said[name]) for name in ("claimed", "shown") if said.get(name) not in (None, "")}
    return Payment(id=f"{victim}.{number}", victim=victim, **made)
