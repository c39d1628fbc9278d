"""Rows of a coin chain's ledger by transaction, and the order in which its coins are spent."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(slots=True, kw_only=True)
class Listed:
    """Ledger rows by transaction, in the order of the ledger; rows are numbered in `part`."""

    ids: list[str] = field(default_factory=list)
    ins: list[list[int]] = field(default_factory=list)
    outs: list[list[int]] = field(default_factory=list)
    disputed: set[int] = field(default_factory=set)
    height: list[int | None] = field(default_factory=list)
    spends: list[tuple[str, int]]
    amount: list[int | None]
    leg: list[int | None]
    src: list[str | None]
    payer: list[int]

    @classmethod
    def of(cls, part: pa.Table, payer: NDArray[np.int32]) -> Listed:
        names = ("spends_tx", "spends_index", "amount", "leg", "src")
        tx, index, amount, leg, src = (part.column(name).to_pylist() for name in names)
        spends = list(zip(tx, index, strict=True))
        found = cls(spends=spends, amount=amount, leg=leg, src=src, payer=payer.tolist())
        numbers: dict[str, int] = {}
        columns = (part.column(name).to_pylist() for name in ("tx", "kind", "excluded", "height"))
        for row, (name, kind, excluded, height) in enumerate(zip(*columns, strict=True)):
            t = numbers.setdefault(name, len(found.ids))
            if t == len(found.ids):
                found.ids.append(name)
                found.ins.append([])
                found.outs.append([])
                found.height.append(height)
            # A reward has no input row that spends a coin: its outputs are filled from outside.
            if kind != "reward":
                (found.ins if kind == "input" else found.outs)[t].append(row)
            if excluded is not None:
                found.disputed.add(t)
        return found


def ordered(listed: Listed) -> list[int]:
    """Every funding transaction before what spends it, else as recorded; those in a circle come last.

    The outputs spent fix the order, so no tie is assumed on a coin chain.
    """
    maker = {tx: t for t, tx in enumerate(listed.ids)}
    needs = [
        {maker[tx] for row in rows if (tx := listed.spends[row][0]) in maker and maker[tx] != t}
        for t, rows in enumerate(listed.ins)
    ]
    if all(n < t for t, wanted in enumerate(needs) for n in wanted):
        return list(range(len(needs)))
    takers: dict[int, list[int]] = {}
    for t, wanted in enumerate(needs):
        for n in wanted:
            takers.setdefault(n, []).append(t)
    left = [len(wanted) for wanted in needs]
    # Kahn's topological sort; the heap takes the earliest recorded of those that are ready, so the order is one
    # alone.
    ready = [t for t, count in enumerate(left) if not count]
    order: list[int] = []
    while ready:
        t = heapq.heappop(ready)
        order.append(t)
        for taker in takers.get(t, ()):
            left[taker] -= 1
            if not left[taker]:
                heapq.heappush(ready, taker)
    # A circle cannot exist on a chain, so an exhibit is wrong there: such transactions stop what enters them.
    return order + sorted(set(range(len(needs))) - set(order))
