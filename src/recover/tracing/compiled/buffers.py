"""The buffers of the compiled path, which grow, and its result in the same form as the plain path's."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recover.tracing.claims import Claims, Overlap
from recover.tracing.compiled import kernels as k
from recover.tracing.compiled import limbs, nodes, passes
from recover.tracing.compiled.books import Book
from recover.tracing.compiled.exposure import expose, exposed
from recover.tracing.compiled.kernels import Moved, remains, sweep
from recover.tracing.compiled.nodes import Lots
from recover.tracing.compiled.quotas import Desk
from recover.tracing.limits import Limits, Reason
from recover.tracing.moves import Moves, ints
from recover.tracing.result import Ends, Flows, Openings, Trace, balance

SMALL, LARGE = 4096, 1 << 20
"""Rows that a buffer begins with, and with which a part of the log is large enough."""


def fixed(column: Any, dtype: Any) -> Any:
    """A contiguous read-only view: one type of argument, so that a kernel is compiled once."""
    view = np.ascontiguousarray(column, dtype).view()
    view.flags.writeable = False
    return view


def sorted_rows(loss: NDArray[Any], address: NDArray[Any], reason: NDArray[Any]) -> NDArray[np.int64]:
    """The order of (loss, address, reason) for rows most of which are in the order of address."""
    by_place = np.argsort(address * 16 + reason, kind="stable")  # quick where rows are nearly in order
    small = loss[by_place].astype(np.int16 if int(loss.max(initial=0)) < 2**15 else np.int64)
    return by_place[np.argsort(small, kind="stable")]  # and on 16 bits by counting


class Sweep:
    """The buffers of one run. They begin small, and grow where the kernel says that they are full."""

    def __init__(self, moves: Moves, claims: Claims, limits: Limits, rule: int, flows: bool) -> None:
        self.rule, self.losses, self.flows = rule, claims.losses, flows
        self.wide = isinstance(moves.amount, list)
        wants = claims.wants(moves, len(limits))
        self.moved = Moved(
            src=fixed(moves.src, np.int32),
            dst=fixed(moves.dst, np.int32),
            amount=self._amounts(moves.amount),
            kind=fixed([] if moves.kind is None else moves.kind, np.uint8),
            stop=fixed(limits.stop, np.uint8),
            want_move=fixed(wants.move, np.int64),
            want_loss=fixed(wants.loss, np.int64),
            want_amount=self._amounts(wants.amount),
        )
        self.state = self._rows(len(limits))
        # Narrow balances are worked out in the rows that become the pools: two amounts an address, the size of a
        # row. Wide rows have no room for two.
        balances = limbs.zeros(2 * len(limits), True) if self.wide else self.state.reshape(-1)
        passes.lows(self.moved.src, self.moved.dst, self.moved.amount, balances)
        lowest = balances[1::2]
        self.opened = np.flatnonzero(lowest[:, 1] if self.wide else lowest)
        self.openings = [-low for low in limbs.join(lowest[self.opened])]
        follow = (limits.stop == Reason.REST) & (limits.known | claims.declared(len(limits)))
        self.follow = fixed(follow, np.uint8)
        passes.open_pools(self.follow, balances, self.state, self.state.view(np.int32))
        self.exposure = rule == k.TAINTED_FIRST + 1
        if self.exposure:
            # Exposure reads a row as [balance, bits], the sweep as [links, clean value].
            self.state[:, 0] = self.state[:, 1]
            self.state[:, 1] = np.where(follow, 0, -1)
        self._make(int(np.unique(wants.move, return_counts=True)[1].max(initial=0)))
        self.log: list[tuple[NDArray[Any], ...]] = []

    def _amounts(self, amounts: Any) -> Any:
        return fixed(limbs.split(ints(amounts)), np.uint64) if self.wide else fixed(amounts, np.int64)

    def _rows(self, count: int) -> NDArray[Any]:
        """Rows of links and an amount."""
        return np.zeros((count, 3), np.uint64) if self.wide else np.zeros((count, 2), np.int64)

    def _make(self, most: int) -> None:
        """The empty buffers; `most` is how many claims meet on one move."""
        labels = self.losses + 1 if self.rule in (k.PRORATA, k.LIBR) else 0
        self.sizes = self._rows(SMALL + most + labels)
        self.meta = np.zeros(nodes.CELLS, np.int64)
        self.meta[nodes.FREE] = nodes.NONE
        sums, quota, rest = (limbs.zeros(count, self.wide) for count in (self.losses, labels, labels))
        self.desk = Desk(sums=sums, seen=np.zeros(self.losses, np.int64), quota=quota, rest=rest)
        self.table, self.sums = self._table(1 << max(4, (4 * self.losses).bit_length()))
        self.rows = SMALL + 4 * self.losses + most
        self.columns = self._columns()
        self.meets = np.zeros((1 + 2 * most * self.losses, 3), np.int64)
        self.meeting = limbs.zeros(len(self.meets), self.wide)
        self.starts = limbs.zeros(self.losses, self.wide)

    def _table(self, size: int) -> tuple[NDArray[np.int64], NDArray[Any]]:
        table = np.zeros((size, 4), np.int64)
        table[:, 0] = -1
        return table, limbs.zeros(size, self.wide)

    def _columns(self) -> tuple[NDArray[Any], ...]:
        """An empty part of the log, larger than the one before, to a limit."""
        size = self.rows
        # Doubling to a limit: a small run takes little room, and a large one grows part by part.
        self.rows = min(2 * self.rows, max(self.rows, LARGE))
        move, loss, event = (np.empty(size, t) for t in (np.int64, np.int32, np.uint8))
        return move, loss, limbs.zeros(size, True) if self.wide else np.empty(size, np.int64), event

    def work(self) -> None:
        """Sweeps over all moves."""
        row = 0
        while True:
            written = self._book()
            if self.exposure:
                row = expose(self.moved, self.state, self.meta, self.desk.sums, written, self.flows, row)
            else:
                row = sweep(self.moved, self._lots(), self.desk, written, self.rule, self.flows, row)
            if self.meta[nodes.CODE] == k.DONE:
                break
            self._grow(int(self.meta[nodes.CODE]))
        self._flush()

    def _book(self) -> Book:
        move, loss, amount, event = self.columns
        ends, met = (self.table, self.sums), (self.meets, self.meeting)
        return Book(move, loss, amount, event, *ends, *met, self.starts)

    def _lots(self) -> Any:
        return Lots(self.state, self.state.view(np.int32), self.sizes, self.sizes.view(np.int32), self.meta)

    def _grow(self, code: int) -> None:
        if code == k.NODES:
            self.sizes = np.concatenate([self.sizes, self._rows(1 + len(self.sizes) // 2)])
        elif code == k.TABLE:
            wider, room = self._table(2 * len(self.table))
            passes.rehash(self.table, self.sums, wider, room)
            self.table, self.sums = wider, room
        elif code == k.MEETS:
            self.meets = np.concatenate([self.meets, np.zeros_like(self.meets)])
            self.meeting = np.concatenate([self.meeting, np.zeros_like(self.meeting)])
        else:
            self._flush()
            self.columns = self._columns()

    def _flush(self) -> None:
        """Puts the full log away: all of it, or without amounts where no flows are wanted."""
        used = int(self.meta[nodes.LOGGED])
        self.meta[nodes.LOGGED] = 0
        move, loss, amount, event = self.columns
        # Moves and losses are kept without flows too: openings and arrivals are read from them.
        kept = used if self.flows else 0
        self.log.append((move[:used].copy(), loss[:used].copy(), amount[:kept].copy(), event[:used].copy()))

    def trace(self, rule: str, conserves: bool) -> Trace:
        """The result, checked for conservation."""
        used = self.meta[nodes.MET]
        met = zip(self.meets[:used].tolist(), limbs.join(self.meeting[:used]), strict=True)
        return Trace(
            rule=rule,
            starts=tuple(limbs.join(self.starts)),
            ends=self._ends(rule, conserves),
            flows=self._flows() if self.flows else None,
            openings=self._openings(),
            overlaps=tuple(Overlap(move, loss, held, amount) for (move, loss, held), amount in met),
        )

    def _openings(self) -> Openings:
        """Of the addresses that traced value came to and was followed through."""
        reached = np.zeros(len(self.state) + 1, np.bool_)
        for move, *_ in self.log:
            reached[self.moved.dst[move]] = True
        kept = reached[self.opened] & (self.follow[self.opened] > 0)
        amounts = [low for low, keep in zip(self.openings, kept.tolist(), strict=True) if keep]
        return Openings(address=self.opened[kept].astype(np.int32), amount=amounts)

    def _ends(self, rule: str, conserves: bool) -> Ends:
        filled = self.table[:, 0] != nodes.NONE
        key, *rows = self.table[filled].T
        loss, place = np.divmod(key >> 4, len(self.state) + 1)
        stopped = (loss, place - 1, key & 15, self.sums[filled], *rows)
        columns = [np.concatenate(pair) for pair in zip(self._rests(), stopped, strict=True)]
        order = sorted_rows(*columns[:3])
        loss, address, reason, amount, transfers, first, last = (column[order] for column in columns)
        if conserves:
            balance(rule, limbs.join(self.starts), self._ended(loss, amount))
        return Ends(
            address=address.astype(np.int32),
            loss=loss.astype(np.int32),
            reason=reason.astype(np.uint8),
            amount=limbs.join(amount) if self.wide else amount,
            transfers=transfers,
            first=first,
            last=last,
        )

    def _ended(self, loss: NDArray[np.int64], amount: NDArray[Any]) -> list[int]:
        """What ended, by loss."""
        if not self.wide:
            sums = np.zeros(self.losses, np.int64)
            np.add.at(sums, loss, amount)
            return limbs.join(sums)
        ended = [0] * self.losses
        for of, part in zip(loss.tolist(), limbs.join(amount), strict=True):
            ended[of] += part
        return ended

    def _rests(self) -> tuple[NDArray[Any], ...]:
        """What is at rest: loss, address, reason, amount, and by how many moves it came, the first, the last."""
        most = int(self.meta[nodes.COUNT])  # nodes in use: a row at rest is one or more of them
        if self.exposure:
            most = int(np.bitwise_count(np.maximum(self.state[:, 1], 0)).sum())
        place, loss, amount = np.zeros(most, np.int32), np.zeros(most, np.int32), limbs.zeros(most, self.wide)
        if self.exposure:
            size = exposed(self.state, self.losses, place, loss, amount)
        else:
            size = remains(self._lots(), self.desk, place, loss, amount)
        place, loss, amount = place[:size], loss[:size], amount[:size]
        spans = np.zeros((size, 3), np.int64)
        spans[:, 2] = nodes.NONE
        at = np.full(len(self.state), nodes.NONE, np.int32)
        # Written from the end, so that the first row of each address is what remains.
        at[place[::-1]] = np.arange(size, dtype=np.int32)[::-1]
        for move, of, _, event in self.log:
            passes.arrivals(self.moved.dst, move, of, event, at, place, loss, spans)
        return loss, place, np.full(size, Reason.REST, np.int64), amount, *spans.T

    def _flows(self) -> Flows:
        move, loss, amount, event = (np.concatenate([part[i] for part in self.log]) for i in range(4))
        return Flows(move=move, loss=loss, amount=limbs.join(amount) if self.wide else amount, event=event)
