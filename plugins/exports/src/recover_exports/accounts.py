"""The account of a pool: its movements in order, and what it held before and after each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover_exports.carried import movements
from recover_exports.places import Pool, coins, payer, receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement in a pool's account; amounts in base units, None where the exhibits do not say."""

    seq: int
    out: bool
    amount: int | None
    before: int | None

    @property
    def after(self) -> int | None:
        if self.before is None or self.amount is None:
            return None
        return self.before - self.amount if self.out else self.before + self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a pool held before its first movement, and its movements in the order of the ledger."""

    opening: int
    entries: Sequence[Entry]


def accounts(table: pa.Table, wanted: Collection[Pool]) -> dict[Pool, Account]:
    """The account of each wanted pool. Linear in the movements that touch one; nothing left out of lots counts."""
    spending = coins(table)
    found: dict[Pool, list[tuple[int, bool, int | None]]] = {pool: [] for pool in sorted(wanted)}
    for move in _touching(table, wanted):
        paid, got = payer(move, spending), receiver(move, spending)
        if paid == got:
            continue
        if paid in found:
            found[paid].append((move["seq"], True, move["moved"]))
        if got in found:
            found[got].append((move["seq"], False, move["moved"]))
    return {pool: _account(rows) for pool, rows in found.items()}


def _account(rows: Sequence[tuple[int, bool, int | None]]) -> Account:
    opening = running = 0
    whole = all(amount is not None for _, _, amount in rows)
    for _, out, amount in rows:
        running += (-amount if out else amount) if amount is not None else 0
        opening = max(opening, -running)
    entries: list[Entry] = []
    before: int | None = opening if whole else None
    for seq, out, amount in rows:
        entries.append(Entry(seq=seq, out=out, amount=amount, before=before))
        before = entries[-1].after
    return Account(opening=opening if whole else 0, entries=entries)


def _touching(table: pa.Table, wanted: Collection[Pool]) -> Iterator[dict[str, Any]]:
    """The movements of the wanted pools' assets and places that count, `moved` exact or None."""
    places = pa.array(sorted({place for place, _ in wanted}), pa.string())
    assets = pa.array(sorted({asset for _, asset in wanted}), pa.string())
    here = [pc.is_in(table.column(name), value_set=places) for name in ("src", "dst", "tx")]
    mask = pc.and_(pc.or_(pc.or_(here[0], here[1]), here[2]), pc.is_in(table.column("asset"), value_set=assets))
    names = ("seq", "chain", "tx", "kind", "src", "dst", "asset", "amount", "wide")
    part = table.filter(pc.and_(mask, pc.is_null(table.column("excluded")))).select(names)
    for batch in part.to_batches(max_chunksize=1 << 16):
        yield from movements(pa.Table.from_batches([batch]))
