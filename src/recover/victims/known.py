"""What the journal knows of victims: pseudonyms and payments, and nothing by which a person could be named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recover.case import Case

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
class Victim:
    """One victim as the journal has it. `received` is what came back, by asset, in base units, and `back` the same
    by the row that said so. `alike` are pseudonyms with the same telephone or e-mail: perhaps one person.
    """

    id: str
    at: datetime
    by: str
    payments: tuple[Payment, ...] = ()
    banks: tuple[tuple[str, str], ...] = ()
    consent: tuple[str, ...] = ()
    received: Mapping[str, int]
    back: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    alike: tuple[str, ...] = ()
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
            found[name] = {"id": name, "at": entry.time, "by": body.get("by", ""), "payments": []}
            found[name] |= {"banks": [], "consent": (), "facts": {}, "erased": "", "back": {}, "alike": ()}
        one = found.get(name)
        if one is None:
            continue
        if body["act"] == "erase":
            one["erased"] = f"{entry.time:%Y-%m-%d} by {body.get('by', '')}: {body.get('reason', '')}"
            continue
        _more(one, body)
    for name, one in found.items():
        for other in one["alike"]:
            if other in found and name not in found[other]["alike"]:
                found[other]["alike"] = (*found[other]["alike"], name)
    return {name: Victim(**one) for name, one in ((n, _frozen(o)) for n, o in found.items())}


FORMER = "before"
"""The row of what came back where the rows were not told apart: what rows say takes its place."""


def _more(one: dict[str, Any], body: Mapping[str, Any]) -> None:
    for said in body.get("payments", ()):
        # A payment whose transaction became known stays the payment that it was.
        place = int(said.get("instead", 0)) or len(one["payments"]) + 1
        one["payments"][place - 1 : place] = [_payment(one["id"], place, said)]
    banks = [(str(bank), str(when)) for bank, when in body.get("banks", ())]
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
    return {**one, "payments": tuple(one["payments"]), "banks": tuple(one["banks"]), "received": received}


_TEXTS = ("chain", "tx", "asset", "time", "service", "loss", "rival", "learned")


def _payment(victim: str, number: int, said: Mapping[str, Any]) -> Payment:
    made: dict[str, Any] = {name: str(said.get(name, "")) for name in _TEXTS}
    made |= {name: int(said[name]) for name in ("claimed", "shown") if said.get(name) not in (None, "")}
    return Payment(id=f"{victim}.{number}", victim=victim, **made)
