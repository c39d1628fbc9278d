"""The buffers of the compiled path of coin chains, and its result in the same form as the plain path's."""

from __future__ import annotations

from typing import Any

import numpy as np

from recover.tracing.claims import Claims, Overlap, Wants
from recover.tracing.compiled import kernels as k
from recover.tracing.compiled import limbs, nodes
from recover.tracing.compiled.buffers import SMALL, Sweep, fixed, sorted_rows
from recover.tracing.compiled.spends import Spent, spend, unspent
from recover.tracing.limits import Limits, Reason
from recover.tracing.result import Ends, Flows, Openings, Trace, balance
from recover.tracing.transactions import Coins


class Purse(Sweep):
    """The buffers of one run over coins."""

    def __init__(self, coins: Coins, claims: Claims, wants: Wants, limits: Limits, rule: int, flows: bool) -> None:
        self.rule, self.losses, self.flows, self.exposure = rule, claims.losses, flows, False
        self.wide = isinstance(coins.amount, list) or isinstance(coins.paid, list)
        self.spent = Spent(
            input_start=fixed(coins.input_start, np.int64),
            spends=fixed(coins.spends, np.int64),
            paid=self._amounts(coins.paid),
            output_start=fixed(coins.output_start, np.int64),
            address=fixed(coins.address, np.int32),
            amount=self._amounts(coins.amount),
            mix=fixed(np.zeros(len(coins), np.uint8) if coins.mix is None else coins.mix, np.uint8),
            stop=fixed(limits.stop, np.uint8),
            want_move=fixed(wants.move, np.int64),
            want_loss=fixed(wants.loss, np.int64),
            want_amount=self._amounts(wants.amount),
        )
        # A coin that nothing spends rests only where its address's history is here whole, or a loss is declared.
        known = limits.known | claims.declared(len(limits))
        self.rest = fixed(np.where(known, int(Reason.REST), int(Reason.UNCOLLECTED)), np.uint8)
        self.held = np.full(len(coins.address), nodes.NONE, np.int32)
        self.state = self._rows(1)
        self.state.view(np.int32)[0, : nodes.TAIL + 1] = nodes.NONE
        self._make(int(np.unique(wants.move, return_counts=True)[1].max(initial=0)))
        used, made = np.diff(coins.input_start), np.diff(coins.output_start)
        self.rows = SMALL + len(wants.move) + int((used + 2 * made).max(initial=0)) * self.losses
        most = int(np.bincount(coins.makers()[wants.move]).max(initial=0))
        self.meets = np.zeros((1 + most * self.losses, 3), np.int64)
        self.meeting = limbs.zeros(len(self.meets), self.wide)
        self.columns = self._columns()
        self.log: list[tuple[Any, ...]] = []

    def work(self) -> None:
        """Works through all transactions, then ends what no transaction spent."""
        at = 0
        # The end needs the same buffers, and may have to enlarge them too.
        for last in (False, True):
            at = 0
            while True:
                book, lots = self._book(), self._lots()
                if last:
                    at = unspent(self.spent, lots, self.desk, book, self.held, self.rest, self.flows, at)
                else:
                    at = spend(self.spent, lots, self.desk, book, self.held, self.rule, self.flows, at)
                if self.meta[nodes.CODE] == k.DONE:
                    break
                self._grow(int(self.meta[nodes.CODE]))
        self._flush()

    def trace(self, rule: str, conserves: bool) -> Trace:
        """The result, checked for conservation."""
        used = self.meta[nodes.MET]
        met = zip(self.meets[:used].tolist(), limbs.join(self.meeting[:used]), strict=True)
        return Trace(
            rule=rule,
            starts=tuple(limbs.join(self.starts)),
            ends=self._ended_rows(rule),
            flows=self._ordered() if self.flows else None,
            openings=Openings(address=np.zeros(0, np.int32), amount=[]),
            overlaps=tuple(Overlap(move, loss, held, amount) for (move, loss, held), amount in met),
        )

    def _ended_rows(self, rule: str) -> Ends:
        filled = self.table[:, 0] != nodes.NONE
        key, *spans = self.table[filled].T
        loss, place = np.divmod(key >> 4, len(self.spent.stop) + 1)
        order = sorted_rows(loss, place - 1, key & 15)
        amount = self.sums[filled]
        balance(rule, limbs.join(self.starts), self._ended(loss, amount))
        transfers, first, last = (column[order] for column in spans)
        return Ends(
            address=(place - 1)[order].astype(np.int32),
            loss=loss[order].astype(np.int32),
            reason=(key & 15)[order].astype(np.uint8),
            amount=limbs.join(amount[order]) if self.wide else amount[order],
            transfers=transfers,
            first=first,
            last=last,
        )

    def _ordered(self) -> Flows:
        """Flows in the order of (coin, event, loss): a mix ends coins that came long before."""
        move, loss, amount, event = (np.concatenate([part[i] for part in self.log]) for i in range(4))
        order = np.lexsort((loss, event, move))
        amount = amount[order]
        return Flows(
            move=move[order],
            loss=loss[order],
            amount=limbs.join(amount) if self.wide else amount,
            event=event[order],
        )
