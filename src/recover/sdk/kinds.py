"""Kinds of assertion, and what each carries beside its columns: typed, and checked where a plugin is called.

`Assertion.params` is canonical JSON. What the core reads of it is declared here, once; further keys are kept for
readers and mean nothing to a figure. Amounts are decimal texts there, since JSON readers elsewhere lose digits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """`deposit-address`: the wallets it was swept into, largest first, how much in base units, how often, and
    what part of all that left it (in parts per million)."""

    hot_wallets: tuple[str, ...]
    swept: int
    sweeps: int | None = None
    share_ppm: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """`swap`: what was given and had, in base units of `asset` and of `into`."""

    sold: int
    bought: int
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """`drain`: how much was taken under an approval, by what transactions, and who could be seen to act."""

    amount: int
    approvals: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    spendings: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """`mix`: the equal amount of its outputs in base units, where it has one."""

    denomination: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cross:
    """`cross`: the two legs of one passage through a bridge. `address` is who sent, `asset` what left here.

    `key` is what both sides record, as 0x-hex; `level` 1: the same bytes on both chains; 2: the operator's answer;
    3: amount, rate and time only. `fee` is in base units of `into`, None where nobody says. `refund`: it came
    back. The assertion's `transactions` are the one here and the one there; where no exhibit shows the other side,
    `to_tx` is empty and only the first is named, and where none shows this side, only `to_tx` is: `sent` is 0.

    `source_leg` and `target_leg` are the numbers (`leg` of the ledger) of the movements out of `address` in
    `asset`, and to `other` in `into`; None where it is several movements, which then sum to the amount, or where
    none is shown. `whole` is the amount of the movement here where only a part of it crossed with this payment.
    `expected` is what the sender was promised there, in `into`. `sought` says how logs show the side that is not
    shown: each has a `contract` and `topics`, null for any, as a node filters them. `refused` is why the reader
    itself does not vouch for it: `version` (a layout that it does not know), `domain` (for another chain, or of a
    contract that is not the protocol's), `unfinal`, `early`, `replayed`, `uneven` (amounts), `unlike` (what both
    sides record), `recipient` (another had it), `twin` (whose movement it is, is not shown: one assertion for each
    who can have made it); empty where it does.
    """

    protocol: str
    key: str
    level: int
    to_chain: str
    to_tx: str
    into: str
    sent: int
    received: int
    fee: int | None = None
    refund: bool = False
    source_leg: int | None = None
    target_leg: int | None = None
    whole: int | None = None
    expected: int | None = None
    sought: tuple[Mapping[str, Any], ...] = ()
    refused: str = ""


KINDS: Mapping[str, type | None] = {
    "label": None,
    "deposit-address": Deposit,
    "hub": None,
    "same-owner": None,
    "change": None,
    "mix": Mix,
    "swap": Swap,
    "drain": Drain,
    "cross": Cross,
    "member": None,
    "shape": None,
}
"""Every kind that the core knows, and the type of what it carries; None where the columns say all."""


def read(kind: type[Made], params: str) -> Made:
    """What an assertion carries. Raises ValueError that says which key is missing or of the wrong type."""
    try:
        given = json.loads(params)
    except ValueError:
        raise ValueError("params is not JSON") from None
    if not isinstance(given, dict):
        raise ValueError("params is no JSON object")
    made = {}
    for f in fields(kind):  # type: ignore[arg-type]
        if f.name in given:
            made[f.name] = _value(f.name, str(f.type), given[f.name])
        elif f.default is MISSING and f.default_factory is MISSING:
            raise ValueError(f"params has no {f.name!r}")
    return kind(**made)


def _value(name: str, kind: str, value: object) -> Any:
    if value is None and kind.endswith("None"):
        return None
    if kind.startswith("int"):
        whole = value if type(value) is int else None
        if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit():
            whole = int(value)
        if whole is None:
            raise ValueError(f"params.{name} is {value!r}, and must be a whole number, as decimal text")
        return whole
    if kind.startswith("str") and isinstance(value, str):
        return value
    if kind.startswith("bool") and isinstance(value, bool):
        return value
    if kind.startswith("tuple[str") and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if kind.startswith("tuple[Mapping") and isinstance(value, list) and all(isinstance(v, dict) for v in value):
        return tuple(value)
    raise ValueError(f"params.{name} is {value!r}, which is no {kind}")
