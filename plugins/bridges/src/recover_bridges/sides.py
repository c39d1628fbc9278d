"""The two sides of a crossing, as the logs of one chain tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from recover_bridges.book import Seen
from recover_bridges.nearness import Payment

HOUR = timedelta(hours=1)
"""Relayers pay a few seconds before the block of a deposit by its clock; more is no clock's error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What both sides of a crossing have: where it is recorded, its key, what it moved and for whom.

    `token` is the contract, or one of `chains.COIN`; empty where the event does not name it: then any asset
    counts. `amount` is None where the event does not give it. `body` are bytes that both sides must show alike
    where both show any. `own` are the contracts into which, or out of which, the bridge itself pays. `refused`
    is why it counts for nothing.
    """

    key: bytes
    chain: str
    tx: str
    index: int
    time: datetime | None
    token: str = ""
    amount: int | None = None
    recipient: str | None = None
    body: bytes = b""
    own: frozenset[str] = frozenset()
    sought: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)
    refused: str = ""
    note: str = ""

    @property
    def place(self) -> tuple[str, str]:
        return self.chain, self.tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent(Side):
    """A departure. `to_chain` is empty where the chain's number is not known, or where the event names none.

    `into` is the asset promised there, `expected` how much of it; `by` whom the event names as having paid.
    `anywhere`: the event names no chain, so that an arrival on any other counts. `loose`: it counts only where the
    ledger shows both legs, since others can write the same event. `back` are payments that name no departure, and
    can have given this one back.
    """

    to_chain: str
    into: str = ""
    expected: int | None = None
    by: str | None = None
    fee: int | None = None
    anywhere: bool = False
    loose: bool = False
    coded: bool = False
    back: tuple[Payment, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Had(Side):
    """An arrival from `from_chain`. `part` is how much of the departure it pays, where that is a part.

    `to_payer`: it counts as a refund only where it is paid to who paid.
    """

    from_chain: str
    part: int | None = None
    fee: int | None = None
    refund: bool = False
    to_payer: bool = False


def about(seen: Seen) -> dict[str, Any]:
    """Where a side is recorded."""
    return {"chain": seen.chain, "tx": seen.tx, "index": seen.index, "time": seen.time}


def refused(side: Sent, why: str) -> Sent:
    return replace(side, refused=why)


def route(sent: Sent, had: Had) -> bool:
    """Whether an arrival is on the chain that the departure names, and names the departure's chain."""
    if had.refund:
        return had.chain == sent.chain
    if had.from_chain and had.from_chain != sent.chain:
        return False
    return had.chain == sent.to_chain or (sent.anywhere and had.chain != sent.chain)


def parts(sent: Sent, there: Sequence[Had]) -> bool:
    """Whether arrivals pay the departure in parts that are no more than it."""
    parts = [had.part for had in there]
    if not parts or any(part is None for part in parts) or sent.amount is None:
        return False
    return sum(part for part in parts if part is not None) <= sent.amount


def unlike(sent: Sent, had: Had) -> str:
    """Why two sides of one key are no crossing all the same: their own events contradict each other."""
    stated = bool(sent.body and had.body)
    if stated and sent.body == had.body:
        return _early(sent, had)
    if sent.recipient and had.recipient and sent.recipient != had.recipient:
        return "recipient"
    if stated:
        return "unlike"
    if sent.expected is not None and had.amount is not None and sent.expected != had.amount:
        return "uneven"
    return _early(sent, had)


def _early(sent: Sent, had: Had) -> str:
    if sent.time is not None and had.time is not None and had.time < sent.time - HOUR:
        return "early"
    return ""
