"""The two sides of a crossing, as the logs of one chain tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from recover_bridges.book import Seen


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
    ledger shows both legs, since others can write the same event.
    """

    to_chain: str
    into: str = ""
    expected: int | None = None
    by: str | None = None
    fee: int | None = None
    anywhere: bool = False
    loose: bool = False
    coded: bool = False


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
