"""An order of simultaneous movements in which nobody pays what he does not have, where there is one.

No exhibit orders the movements of such a moment. Taken by transaction id, a wallet can pay before it is paid, and
would need a balance from before that no exhibit shows: figures would rest on the spelling of an id.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recover.ledger.numbered import Numbered
from recover.trails.balances import Balances
from recover.trails.ties import Places, Tie, ties

STEPS = 50_000
"""So many steps are taken back at most in the search for one moment's order, so that it ends."""


def solvent(trail: Balances, ledger: Numbered, alone: bool) -> NDArray[np.int64] | None:
    """The places of the trail's movements in such an order; None where the ledger's does as well.

    `alone` as `ties` takes it.
    """
    order: NDArray[np.int64] | None = None
    for tie in ties(trail, ledger, alone):
        found = untied(tie)
        if found != tie.base:
            order = np.arange(len(trail.seqs)) if order is None else order
            order[list(tie.base)] = list(found)
    return order


def untied(tie: Tie) -> Places:
    """The movements of one moment in such an order, or in that in which the least is lacking of the two known."""
    lacking = _lacks(tie, tie.base)
    if not lacking:
        return tie.base
    found = _Search(tie).found()
    return found if _lacks(tie, found) < lacking else tie.base


def _lacks(tie: Tie, order: Places) -> int:
    """What addresses lack on the way, in all."""
    return sum(max(0, -low) for low in tie.lows(order).values())


class _Search:
    """The first order, in the order used, in which no address lacks anything; transactions stay whole."""

    def __init__(self, tie: Tie) -> None:
        self.tie = tie
        self.held = dict(tie.held)
        # Of each transaction, its movements in their order, and how many of them are free to change places.
        self.left = [[*free, *fixed] for free, fixed in tie.units]
        self.free = [len(free) for free, _ in tie.units]
        self.begun: int | None = None

    def found(self) -> Places:
        """Such an order, or else one in which what is lacking comes last where it can."""
        return self._exact() or self._least()

    def _exact(self) -> Places | None:
        # What is held depends on what was taken, not on its order: a set that led nowhere is not tried again.
        dead: set[tuple[frozenset[int], int | None]] = set()
        taken: list[tuple[int, int, int, int | None]] = []
        ways = [self._ways()]
        for _ in range(STEPS + len(self.tie.base)):
            if len(taken) == len(self.tie.base):
                return tuple(place for _, _, place, _ in taken)
            step = next((way for way in ways[-1] if self._short(way[2]) == 0), None)
            if step is not None:
                taken.append((*step, self.begun))
                self._take(step)
                if (frozenset(place for _, _, place, _ in taken), self.begun) in dead:
                    self._back(taken.pop())
                else:
                    ways.append(self._ways())
                continue
            dead.add((frozenset(place for _, _, place, _ in taken), self.begun))
            ways.pop()
            if not taken:
                return None
            self._back(taken.pop())
        while taken:
            self._back(taken.pop())
        return None

    def _least(self) -> Places:
        taken: list[int] = []
        while len(taken) < len(self.tie.base):
            step = min(self._ways(), key=lambda way: self._short(way[2]))
            taken.append(step[2])
            self._take(step)
        return tuple(taken)

    def _ways(self) -> Iterator[tuple[int, int, int]]:
        """What can come next: transaction, place in it, movement. A copy: what is taken changes what is left."""
        units = range(len(self.left)) if self.begun is None else (self.begun,)
        return iter(
            [(u, n, self.left[u][n]) for u in units for n in range(min(len(self.left[u]), max(1, self.free[u])))]
        )

    def _short(self, place: int) -> int:
        src, dst, amount = self.tie.moves[place]
        return max(0, amount - max(0, self.held[src])) if src in self.held and src != dst else 0

    def _take(self, step: tuple[int, int, int]) -> None:
        unit, n, place = step
        del self.left[unit][n]
        self.free[unit] -= 1
        self.begun = unit if self.left[unit] else None
        self._move(place, 1)

    def _back(self, step: tuple[int, int, int, int | None]) -> None:
        unit, n, place, begun = step
        self.left[unit].insert(n, place)
        self.free[unit] += 1
        self.begun = begun
        self._move(place, -1)

    def _move(self, place: int, sign: int) -> None:
        src, dst, amount = self.tie.moves[place]
        if src in self.held:
            self.held[src] -= sign * amount
        if dst in self.held:
            self.held[dst] += sign * amount
