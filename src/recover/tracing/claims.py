"""Claims: on which moves lots of a loss begin, and what happens where two claims meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from recover.tracing.lots import CLEAN, Lot, totals
from recover.tracing.moves import NOBODY, Moves

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from recover.tracing.moves import Amounts

WHOLE = -1
"""A wanted amount that means: all of the move."""


class ByMove(NamedTuple):
    """`amount` of move `move` is proceeds of `loss` where it arrives."""

    move: int
    loss: int
    amount: int


Wanted: TypeAlias = tuple[int, int, bool]
"""(loss, amount, whether an exchange brought it): what is to begin on a move."""


class ByAddress(NamedTuple):
    """Every inflow of `address` from move `first` to move `last`, both included, is proceeds of `loss`.

    Except what already carries a lot: that keeps it, so that nothing is counted twice.
    """

    address: int
    loss: int
    first: int
    last: int


class Overlap(NamedTuple):
    """`amount` of move `move` was claimed for `loss`, and carries `held` already: two claims meet there."""

    move: int
    loss: int
    held: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The losses are numbered 0 to `losses` - 1 in the order declared; on one move the earlier takes first.

    `exchanged` are lots that an exchange brought, on each move in their order, the clean ones among them with the
    label `CLEAN`: they stand there before any loss is declared to begin, as lots of a payment do.
    `listed`: the order of `by_move` decides which takes first instead. `turns`: by loss, labels that are followed
    beside the losses and become others where it begins, as value of no loss would.
    """

    losses: int
    by_move: Sequence[ByMove] = ()
    exchanged: Sequence[ByMove] = ()
    listed: bool = False
    by_address: Sequence[ByAddress] = ()
    turns: Mapping[int, Mapping[int, int]] = field(default_factory=dict)

    def problems(self, moves: Moves, addresses: int) -> list[str]:
        """What is wrong with these claims, at most 20 sentences."""
        found: list[str] = []
        clean_ = {claim for claim in self.exchanged if claim.loss == CLEAN}
        for claim in (*self.by_move, *self.exchanged):
            if not 0 <= claim.move < len(moves):
                found.append(f"Loss {claim.loss} names move {claim.move}; there are {len(moves)}.")
            elif not 0 <= claim.amount <= moves.amount[claim.move]:
                found.append(
                    f"Loss {claim.loss} claims {claim.amount} of move {claim.move}, which moved "
                    f"{moves.amount[claim.move]}."
                )
            elif moves.src[claim.move] == moves.dst[claim.move] != NOBODY:
                found.append(f"Loss {claim.loss} names move {claim.move}, by which an address paid itself.")
            if not 0 <= claim.loss < self.losses and claim not in clean_:
                found.append(f"A claim names loss {claim.loss}; there are {self.losses}.")
        for place in self.by_address:
            if not 0 <= place.address < addresses:
                found.append(f"Loss {place.loss} names address {place.address}; there are {addresses}.")
            if not 0 <= place.loss < self.losses:
                found.append(f"A claim names loss {place.loss}; there are {self.losses}.")
        return found[:20]

    def declared(self, addresses: int) -> NDArray[np.bool_]:
        """By address, whether a loss is declared at it."""
        import numpy as np

        found = np.zeros(addresses, np.bool_)
        found[np.array([place.address for place in self.by_address], np.int64)] = True
        return found

    def wants(self, moves: Moves, addresses: int) -> Wants:
        """The claims move by move. Linear in the moves, by sorting only the claimed ones."""
        import numpy as np

        row, place = self._inflows(moves, addresses)
        named = [*self.exchanged, *self.by_move]
        move = np.concatenate([np.array([c.move for c in named], np.int64), row])
        by_place = np.array([p.loss for p in self.by_address], np.int64)[place]
        loss = np.concatenate([np.array([c.loss for c in named], np.int64), by_place])
        came = np.arange(len(move)) < len(self.exchanged)
        # By move, then what an exchange brought, then by loss, then as declared: which takes first on one move
        # never depends on sorting.
        first = np.where(came, CLEAN, np.zeros_like(loss) if self.listed else loss)
        order = np.lexsort((np.arange(len(move)), first, ~came, move))
        amount: Amounts = [c.amount for c in named] + [WHOLE] * len(row)
        if isinstance(moves.amount, list):
            amount = [amount[i] for i in order.tolist()]
        else:
            amount = np.array(amount, np.int64)[order]
        return Wants(move=move[order], loss=loss[order], amount=amount, came=came[order])

    def _inflows(self, moves: Moves, addresses: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each move in the period of a loss by address, and the number of that claim. A self transfer is none."""
        import numpy as np

        order = sorted(range(len(self.by_address)), key=lambda i: self.by_address[i].address)
        places = [self.by_address[i] for i in order]
        address, first, last = (np.array([p[i] for p in places], np.int64) for i in (0, 2, 3))
        spare = np.append(self.declared(addresses), False)  # address -1 reads the last cell
        inflow = np.flatnonzero(spare[moves.dst])
        inflow = inflow[moves.src[inflow] != moves.dst[inflow]]
        low = np.searchsorted(address, moves.dst[inflow], "left")
        each = np.searchsorted(address, moves.dst[inflow], "right") - low
        # Each inflow once for every claim at its address; `place` counts on from that address's first claim.
        row = np.repeat(inflow, each)
        place = np.repeat(low - np.cumsum(each) + each, each) + np.arange(len(row))
        inside = (first[place] <= row) & (row <= last[place]) if len(row) else np.zeros(0, np.bool_)
        return row[inside], np.array(order, np.int64)[place[inside]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wants:
    """Rows by move, those that `came` first, then by loss: `amount` of `move`, or all (`WHOLE`), is to be `loss`.

    `move` and `loss` int64; `amount` in the form of the moves' own; `came`: whether an exchange brought it.
    """

    move: NDArray[np.int64]
    loss: NDArray[np.int64]
    amount: Amounts
    came: NDArray[np.bool_]


def begin(
    lots: list[Lot], move: int, wanted: Sequence[Wanted], conserves: bool, turns: Mapping[int, Mapping[int, int]]
) -> tuple[list[Lot], dict[int, int], list[Overlap]]:
    """Lets what is wanted begin on one move: its lots after that, what began by loss, where claims met.

    Lots that an exchange brought take the clean ones of the move in their own order: a clean one among them passes
    over as much. Where the move holds less that is clean, as its payer had lots of a loss, that is taken off
    these, the first of them first. What `turns` from one label into another begins as the one, and is taken off
    the other, below zero.

    A rule that does not conserve measures exposure: there every claim counts in full, whoever has touched the
    move.
    """
    started: dict[int, int] = {}
    overlaps: list[Overlap] = []
    passed, lacking = 0, sum(size for label, size in lots if label != CLEAN)
    for loss, amount, came in wanted:
        if loss == CLEAN:
            less = min(amount, lacking)
            passed, lacking = passed + amount - less, lacking - less
            continue
        if not conserves:
            held = totals(lots).get(loss, 0)
            more = min(amount, max((size for _, size in lots), default=0) - held)
            if more > 0:
                lots = [*(lot for lot in lots if lot[0] != loss), (loss, held + more)]
                started[loss] = started.get(loss, 0) + more
            continue
        if not came and (into := turns.get(loss)):
            for label, size in lots:
                if label in into:
                    started[label] = started.get(label, 0) - size
                    started[into[label]] = started.get(into[label], 0) + size
            lots = [(into.get(label, label), size) for label, size in lots]
        # Only clean value turns: what already carries a lot keeps it, and is counted once.
        made, got = _turn(lots, loss, amount, passed if came else 0)
        overlaps += _meet(lots, move, loss, amount - got)
        lots = made
        if got:
            started[loss] = started.get(loss, 0) + got
    return lots, started, overlaps


def _turn(lots: list[Lot], loss: int, amount: int, passed: int) -> tuple[list[Lot], int]:
    """Turns at most `amount` of the clean lots, in their order and behind the first `passed` units of them, into
    `loss`; says how much it was."""
    made: list[Lot] = []
    left = amount
    for label, size in lots:
        if label != CLEAN or not left:
            made.append((label, size))
            continue
        before = min(size, passed)
        passed -= before
        part = min(size - before, left)
        left -= part
        parts = ((CLEAN, before), (loss, part), (CLEAN, size - before - part))
        made += [lot for lot in parts if lot[1]]
    return made, amount - left


def _meet(lots: list[Lot], move: int, loss: int, short: int) -> list[Overlap]:
    """The lots of other losses that stand where `loss` wanted `short` more."""
    # A published method keeps the first label and passes over the second in silence. Here the overlap is reported:
    # both victims may have a claim, and which prevails is no calculation.
    if short <= 0:
        return []
    held = totals(lots)
    found: list[Overlap] = []
    short -= held.pop(loss, 0)
    for other, size in held.items():
        if short <= 0:
            break
        found.append(Overlap(move, loss, other, min(size, short)))
        short -= size
    return found
