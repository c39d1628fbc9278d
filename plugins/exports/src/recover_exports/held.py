"""What was held of each loss where a movement came from, just before and just after it, and which hops brought it.

Read from the flows of one rule. Lots of one loss are not told apart inside a pool, so the parents of a hop are all
hops that brought value of its loss there since the pool last held none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover_exports.carried import Carried, carried, movements
from recover_exports.places import Pool, coins, payer, receiver

MOST = 20
"""So many parents are written out; of more, the first and the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One movement's part of one loss. `before` and `after` are what its payer held of that loss."""

    seq: int
    loss: str
    part: Carried
    before: int
    after: int
    parents: tuple[int, ...]
    many: int = 0

    @property
    def id(self) -> str:
        return f"{self.seq}-{self.loss}"

    def parent_hops(self) -> str:
        """Ids joined by spaces; `FIRST..LAST` stands for every hop of the loss to this payer from one to the
        other."""
        ids = [f"{seq}-{self.loss}" for seq in self.parents]
        return "..".join(ids) if self.many > MOST else " ".join(ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The hops of one rule in the order of the ledger; by pool, the movement since which it held traced value; by
    (pool, seq), how much of all losses the movement brought or took."""

    hops: tuple[Hop, ...]
    since: Mapping[Pool, int]
    moved: Mapping[tuple[Pool, int], int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ledger:
    """The ledger, row by row when asked. `spent` gives, by output row, the input row that spends it."""

    table: pa.Table
    coins: frozenset[str]
    spent: Mapping[int, int]
    seen: dict[int, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, table: pa.Table) -> Ledger:
        spending = coins(table)
        return cls(table=table, coins=spending, spent=_spent(table) if spending else {})

    def move(self, seq: int) -> dict[str, Any]:
        """One movement as a mapping, `moved` its exact amount or None."""
        if seq not in self.seen:
            if len(self.seen) > 1 << 16:
                self.seen.clear()
            first = seq - seq % 512
            self.seen.update((row["seq"], row) for row in movements(self.table.slice(first, 512)))
        return self.seen[seq]

    def spender(self, seq: int) -> Pool | None:
        """The transaction in whose pool the output `seq` was spent."""
        at = self.spent.get(seq)
        return None if at is None else (self.move(at)["tx"], self.move(at)["asset"])


def _spent(table: pa.Table) -> dict[int, int]:
    names = ("seq", "chain", "tx", "leg", "spends_tx", "spends_index")
    made = table.filter(pc.equal(table.column("kind"), "output")).select(names[:4])
    used = table.filter(pc.equal(table.column("kind"), "input")).select([names[0], names[1], *names[4:]])
    at = {
        (chain, tx, leg): seq for seq, chain, tx, leg in zip(*(c.to_pylist() for c in made.columns), strict=True)
    }
    rows = zip(*(c.to_pylist() for c in used.columns), strict=True)
    found = ((at.get((chain, tx, index)), seq) for seq, chain, tx, index in rows)
    return {output: seq for output, seq in found if output is not None}


class _Running:
    """What each pool holds of each loss while the flows are read."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.held: dict[tuple[Pool, str], int] = {}
        self.came: dict[tuple[Pool, str], list[int]] = {}
        self.moved: dict[tuple[Pool, int], int] = {}
        self.since: dict[Pool, int] = {}

    def hop(self, seq: int, loss: str, part: Carried) -> Hop:
        move = self.ledger.move(seq)
        paid = payer(move, self.ledger.coins)
        before = after = 0
        came: list[int] = []
        if paid is not None:
            before = self.held.get((paid, loss), 0)
            came = self.came.get((paid, loss), []) if part.passed else []
            after = self.take(paid, seq, loss, part.passed)
        if part.traced > part.ended:
            self._bring(move, seq, loss, part.traced - part.ended)
        ends = tuple(came) if len(came) <= MOST else (came[0], came[-1])
        return Hop(seq=seq, loss=loss, part=part, before=before, after=after, parents=ends, many=len(came))

    def take(self, pool: Pool, seq: int, loss: str, amount: int) -> int:
        left = self.held.get((pool, loss), 0) - amount
        if amount:
            self.moved[pool, seq] = self.moved.get((pool, seq), 0) + amount
        self.held[pool, loss] = left
        if not left:
            self.came.pop((pool, loss), None)
        return left

    def _bring(self, move: Mapping[str, Any], seq: int, loss: str, amount: int) -> None:
        into = receiver(move, self.ledger.coins)
        at = seq
        if into is None and move["chain"] in self.ledger.coins:  # an output: its pool is the spending transaction
            into, at = self.ledger.spender(seq), self.ledger.spent.get(seq, seq)
        if into is None:
            return
        self.held[into, loss] = self.held.get((into, loss), 0) + amount
        self.came.setdefault((into, loss), []).append(seq)
        self.since.setdefault(into, at)
        self.moved[into, at] = self.moved.get((into, at), 0) + amount


def follow(ledger: Ledger, flows: pa.Table) -> Book:
    """Reads the flows of one rule through the ledger. Linear in the flows."""
    running = _Running(ledger)
    found = sorted(carried(flows).items(), key=lambda item: item[0][0])
    hops = [running.hop(seq, loss, part) for (seq, loss), part in found]
    hops += list(_fees(ledger, running, {hop.seq for hop in hops}))
    hops.sort(key=lambda hop: hop.seq)
    return Book(hops=tuple(hops), since=running.since, moved=running.moved)


def _fees(ledger: Ledger, running: _Running, known: set[int]) -> Iterator[Hop]:
    """The fees of coin transactions: what their outputs left of each loss. Flows do not name them."""
    left = {key: amount for key, amount in running.held.items() if amount}
    spent = {pool for pool, _ in left}
    if not ledger.coins or not spent:
        return
    table = ledger.table
    mine = pc.and_(
        pc.equal(table.column("kind"), "fee"),
        pc.is_in(table.column("chain"), value_set=pa.array(sorted(ledger.coins), pa.string())),
    )
    at = {ledger.move(seq)["tx"]: seq for seq in table.filter(mine).column("seq").to_pylist()}
    for (pool, loss), amount in left.items():
        seq = at.get(pool[0])
        if seq is None or seq in known:
            continue
        came = running.came.get((pool, loss), [])
        ends = tuple(came) if len(came) <= MOST else (came[0], came[-1])
        after = running.take(pool, seq, loss, amount)
        part = Carried(began=0, passed=amount, ended=amount)
        yield Hop(seq=seq, loss=loss, part=part, before=amount, after=after, parents=ends, many=len(came))
