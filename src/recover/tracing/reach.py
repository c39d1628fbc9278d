"""Reach: the moves that a lot can touch. No other changes a figure, under any rule, so no other is walked.

In a case of a million rows the losses often reach a few thousand of them. The reach is an upper bound, without
regard to time and amount: from each place at which a loss begins along every move, through every address that
value is followed through. A move between two addresses outside it meets no lot and no pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from recover.tracing.claims import ByAddress, ByMove, Claims
from recover.tracing.limits import Limits, Reason
from recover.tracing.moves import NOBODY, Moves
from recover.tracing.result import Trace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def reach(
    moves: Moves, claims: Claims, limits: Limits, seen: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """The rows of the moves that touch an address which a lot can come to (`seen`, if it is known), and those on
    which a loss begins."""
    import numpy as np

    seen = reached(moves, claims, limits) if seen is None else seen
    kept = seen[moves.src] | seen[moves.dst]
    kept[claims.wants(moves, len(limits)).move] = True
    return np.flatnonzero(kept)


def reached(moves: Moves, claims: Claims, limits: Limits) -> NDArray[np.bool_]:
    """By address, whether a lot can come to it and is followed on; one cell more, for nobody, is the last."""
    import numpy as np

    followed = np.append((limits.stop == Reason.REST) & (limits.known | claims.declared(len(limits))), False)
    seen = np.zeros(len(followed), np.bool_)
    order, starts = _leaving(moves, len(limits))
    here = _new(moves.dst[claims.wants(moves, len(limits)).move], followed, seen)
    while len(here):
        sizes = starts[here + 1] - starts[here]
        first = np.repeat(starts[here] - np.cumsum(sizes) + sizes, sizes)
        here = _new(moves.dst[order[first + np.arange(len(first))]], followed, seen)
    return seen


def _new(places: NDArray[np.int32], followed: NDArray[np.bool_], seen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Which of these addresses are followed and were not seen; marks them as seen."""
    import numpy as np

    found = np.unique(places[followed[places] & ~seen[places]]).astype(np.int64)
    seen[found] = True
    return found


@lru_cache(maxsize=2)
def _leaving(moves: Moves, addresses: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows by source, and where each source's begin: the same for every rule that runs over these moves."""
    import numpy as np

    order = np.argsort(moves.src, kind="stable")
    return order, np.searchsorted(moves.src[order], np.arange(addresses + 1))


def within(moves: Moves, claims: Claims, rows: NDArray[np.int64]) -> tuple[Moves, Claims]:
    """The moves `rows` alone, and the claims on them."""
    import numpy as np

    amount = [moves.amount[row] for row in rows.tolist()] if isinstance(moves.amount, list) else moves.amount[rows]
    kind = None if moves.kind is None else moves.kind[rows]
    first = np.searchsorted(rows, np.array([p.first for p in claims.by_address], np.int64)).tolist()
    last = np.searchsorted(rows, np.array([p.last for p in claims.by_address], np.int64), "right").tolist()
    return (
        Moves(src=moves.src[rows], dst=moves.dst[rows], amount=amount, kind=kind),
        replace(
            claims,
            by_move=_placed(claims.by_move, rows),
            exchanged=_placed(claims.exchanged, rows),
            by_address=[
                ByAddress(p.address, p.loss, one, end - 1)
                for p, one, end in zip(claims.by_address, first, last, strict=True)
            ],
        ),
    )


def _placed(claims: Sequence[ByMove], rows: NDArray[np.int64]) -> list[ByMove]:
    """These claims, by the places of their moves in `rows`."""
    import numpy as np

    place = np.searchsorted(rows, np.array([c.move for c in claims], np.int64)).tolist()
    return [c._replace(move=at) for c, at in zip(claims, place, strict=True)]


def beyond(found: Trace, rows: NDArray[np.int64]) -> Trace:
    """A trace of `within`, with its moves numbered as they are in the whole."""
    import numpy as np

    ends, flows = found.ends, found.flows
    # Value that was there at the start has no move that brought it.
    whole = np.append(rows, NOBODY)
    return replace(
        found,
        ends=replace(ends, first=whole[ends.first], last=whole[ends.last]),
        given={int(rows[move]): lots for move, lots in found.given.items()},
        flows=None if flows is None else replace(flows, move=rows[flows.move]),
        overlaps=tuple(meet._replace(move=int(rows[meet.move])) for meet in found.overlaps),
    )
