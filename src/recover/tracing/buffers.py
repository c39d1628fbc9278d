"""The buffers of the compiled path, which grow, and its result in the same form as the plain path's."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recover.tracing import kernels as k
from recover.tracing import nodes, passes
from recover.tracing.claims import Claims, Overlap
from recover.tracing.exposure import expose, exposed
from recover.tracing.kernels import Book, Moved, remains, sweep
from recover.tracing.limits import Limits, Reason
from recover.tracing.moves import Moves
from recover.tracing.nodes import Lots
from recover.tracing.quotas import Desk
from recover.tracing.result import Ends, Flows, Openings, Trace, balance

SMALL, LARGE = 4096, 1 << 20
"""Rows that a buffer begins with, and with which a part of the log is large enough."""


def _fixed(column: Any, dtype: Any) -> Any:
    """A contiguous read-only view: one type of argument, so that a kernel is compiled once."""
    view = np.ascontiguousarray(column, dtype).view()
    view.flags.writeable = False
    return view


def _order(loss: NDArray[Any], address: NDArray[Any], reason: NDArray[Any]) -> NDArray[np.int64]:
    """The order of (loss, address, reason) for rows most of which are in the order of address."""
    by_place = np.argsort(address * 16 + reason, kind="stable")  # quick where rows are nearly in order
    small = loss[by_place].astype(np.int16 if int(loss.max(initial=0)) < 2**15 else np.int64)
    return by_place[np.argsort(small, kind="stable")]  # and on 16 bits by counting


class Sweep:
    """The buffers of one run. They begin small, and grow where the kernel says that they are full."""

    def __init__(self, moves: Moves, claims: Claims, limits: Limits, rule: int, flows: bool) -> None:
        self.rule, self.losses, self.flows = rule, claims.losses, flows
        wants = claims.wants(moves, len(limits))
        self.moved = Moved(
            src=_fixed(moves.src, np.int32),
            dst=_fixed(moves.dst, np.int32),
            amount=_fixed(moves.amount, np.int64),
            kind=_fixed([] if moves.kind is None else moves.kind, np.uint8),
            stop=_fixed(limits.stop, np.uint8),
            want_move=_fixed(wants.move, np.int64),
            want_loss=_fixed(wants.loss, np.int64),
            want_amount=_fixed(wants.amount, np.int64),
        )
        self.state = np.zeros((len(limits), 2), np.int64)
        passes.lows(self.moved.src, self.moved.dst, self.moved.amount, self.state)
        self.opened = np.flatnonzero(self.state[:, 1])
        self.openings = -self.state[self.opened, 1]
        follow = (limits.stop == Reason.REST) & (limits.known | claims.declared(len(limits)))
        self.follow = _fixed(follow, np.uint8)
        passes.open_pools(self.follow, self.state, self.state.view(np.int32))
        self.exposure = rule == k.TAINTED_FIRST + 1
        if self.exposure:
            self.state[:, 1] = np.where(follow, 0, -1)
        self._make(int(np.unique(wants.move, return_counts=True)[1].max(initial=0)))
        self.log: list[tuple[NDArray[Any], ...]] = []

    def _make(self, most: int) -> None:
        """The empty buffers; `most` is how many claims meet on one move."""
        labels = self.losses + 1 if self.rule in (k.PRORATA, k.LIBR) else 0
        self.sizes = np.zeros((SMALL + most + labels, 2), np.int64)
        self.meta = np.zeros(nodes.CELLS, np.int64)
        self.meta[nodes.FREE] = nodes.NONE
        self.desk = Desk(*np.zeros((2, self.losses), np.int64), *np.zeros((2, labels), np.int64))
        self.table = self._table(1 << max(4, (4 * self.losses).bit_length()))
        self.rows = SMALL + 4 * self.losses + most
        self.columns = self._columns()
        self.meets = np.zeros((1 + 2 * most * self.losses, 4), np.int64)
        self.starts = np.zeros(self.losses, np.int64)

    def _table(self, size: int) -> NDArray[np.int64]:
        table = np.zeros((size, 5), np.int64)
        table[:, 0] = -1
        return table

    def _columns(self) -> tuple[NDArray[Any], ...]:
        """An empty part of the log, larger than the one before, to a limit."""
        size = self.rows
        self.rows = min(2 * self.rows, max(self.rows, LARGE))
        return tuple(np.empty(size, t) for t in (np.int64, np.int32, np.int64, np.uint8))

    def work(self) -> None:
        """Sweeps over all moves."""
        row = 0
        while True:
            move, loss, amount, event = self.columns
            written = Book(move, loss, amount, event, self.table, self.meets, self.starts)
            if self.exposure:
                row = expose(self.moved, self.state, self.meta, self.desk.sums, written, self.flows, row)
            else:
                row = sweep(self.moved, self._lots(), self.desk, written, self.rule, self.flows, row)
            if self.meta[nodes.CODE] == k.DONE:
                break
            self._grow(int(self.meta[nodes.CODE]))
        self._flush()

    def _lots(self) -> Any:
        return Lots(self.state, self.state.view(np.int32), self.sizes, self.sizes.view(np.int32), self.meta)

    def _grow(self, code: int) -> None:
        if code == k.NODES:
            self.sizes = np.concatenate([self.sizes, np.zeros((1 + len(self.sizes) // 2, 2), np.int64)])
        elif code == k.TABLE:
            wider = self._table(2 * len(self.table))
            passes.rehash(self.table, wider)
            self.table = wider
        elif code == k.MEETS:
            self.meets = np.concatenate([self.meets, np.zeros_like(self.meets)])
        else:
            self._flush()
            self.columns = self._columns()

    def _flush(self) -> None:
        """Puts the full log away: all of it, or without amounts where no flows are wanted."""
        used = int(self.meta[nodes.LOGGED])
        self.meta[nodes.LOGGED] = 0
        move, loss, amount, event = self.columns
        kept = used if self.flows else 0
        self.log.append((move[:used].copy(), loss[:used].copy(), amount[:kept].copy(), event[:used].copy()))

    def trace(self, rule: str, conserves: bool) -> Trace:
        """The result, checked for conservation."""
        met = self.meets[: self.meta[nodes.MET]].tolist()
        return Trace(
            rule=rule,
            starts=tuple(self.starts.tolist()),
            ends=self._ends(rule, conserves),
            flows=self._flows() if self.flows else None,
            openings=self._openings(),
            overlaps=tuple(Overlap(*row) for row in met),
        )

    def _openings(self) -> Openings:
        """Of the addresses that traced value came to and was followed through."""
        reached = np.zeros(len(self.state) + 1, np.bool_)
        for move, *_ in self.log:
            reached[self.moved.dst[move]] = True
        kept = reached[self.opened] & (self.follow[self.opened] > 0)
        return Openings(address=self.opened[kept].astype(np.int32), amount=self.openings[kept])

    def _ends(self, rule: str, conserves: bool) -> Ends:
        key, *rows = self.table[self.table[:, 0] != nodes.NONE].T
        loss, place = np.divmod(key >> 4, len(self.state) + 1)
        stopped = (loss, place - 1, key & 15, *rows)
        columns = [np.concatenate(pair) for pair in zip(self._rests(), stopped, strict=True)]
        order = _order(*columns[:3])
        loss, address, reason, amount, transfers, first, last = (column[order] for column in columns)
        if conserves:
            ended = np.zeros(self.losses, np.int64)
            np.add.at(ended, loss, amount)
            balance(rule, self.starts.tolist(), ended.tolist())
        return Ends(
            address=address.astype(np.int32),
            loss=loss.astype(np.int32),
            reason=reason.astype(np.uint8),
            amount=amount,
            transfers=transfers,
            first=first,
            last=last,
        )

    def _rests(self) -> tuple[NDArray[Any], ...]:
        """What is at rest: loss, address, reason, amount, and by how many moves it came, the first, the last."""
        most = int(self.meta[nodes.COUNT])  # nodes in use: a row at rest is one or more of them
        if self.exposure:
            most = int(np.bitwise_count(np.maximum(self.state[:, 1], 0)).sum())
        place, loss, amount = np.zeros(most, np.int32), np.zeros(most, np.int32), np.zeros(most, np.int64)
        if self.exposure:
            size = exposed(self.state, self.losses, place, loss, amount)
        else:
            size = remains(self._lots(), self.desk, place, loss, amount)
        place, loss, amount = place[:size], loss[:size], amount[:size]
        spans = np.zeros((size, 3), np.int64)
        spans[:, 2] = nodes.NONE
        at = np.full(len(self.state), nodes.NONE, np.int32)
        at[place[::-1]] = np.arange(size, dtype=np.int32)[::-1]
        for move, of, _, event in self.log:
            passes.arrivals(self.moved.dst, move, of, event, at, place, loss, spans)
        return loss, place, np.full(size, Reason.REST, np.int64), amount, *spans.T

    def _flows(self) -> Flows:
        move, loss, amount, event = (np.concatenate([part[i] for part in self.log]) for i in range(4))
        return Flows(move=move, loss=loss, amount=amount, event=event)
