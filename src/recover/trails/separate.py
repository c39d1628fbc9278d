"""Separate: the parts of one asset's movements between which no lot passes and no claim is shared.

What another order changes in one part it changes in no other, under any rule: each part is traced alone, and each
of its orders once, however many orders of the other parts it is combined with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.ledger.numbered import Numbered
from recover.linking.clustering import cluster
from recover.sdk.view import Loss
from recover.tracing import Kind
from recover.tracing.reach import reached
from recover.trails.balances import Balances
from recover.trails.ties import Places, Tie
from recover.trails.trail import Trail

Remake = Callable[[str, NDArray[np.int64]], Trail]
"""One asset's trail again with its movements in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Trails that are traced together, the ties in them by their numbers, and how to make the trails again.

    `at` says where a movement of the whole stands here; the whole itself says nothing.
    """

    listed: Mapping[str, Trail]
    ties: Mapping[int, Tie]
    remake: Remake
    at: Mapping[int, int] = field(default_factory=dict)

    def taken(self, choice: Iterable[tuple[int, Places]]) -> dict[str, Trail]:
        """The trails that are others where ties, by their number, are taken in these orders of the whole."""
        found: dict[str, NDArray[np.int64]] = {}
        for number, order in choice:
            tie = self.ties[number]
            places = found.setdefault(tie.asset, np.arange(len(self.listed[tie.asset].seqs)))
            places[list(tie.base)] = [self.at.get(place, place) for place in order]
        return {asset: self.remake(asset, places) for asset, places in found.items()}


def only(trail: Balances, kept: NDArray[np.int64], ties: Mapping[int, Tie], remake: Remake) -> Part:
    """A trail with these of its movements alone, and the ties that are among them."""
    at = {place: number for number, place in enumerate(kept.tolist())}
    return Part(
        listed={trail.asset: remake(trail.asset, kept)},
        ties={number: tie.moved(at) for number, tie in ties.items()},
        remake=lambda asset, order: remake(asset, kept[order]),
        at=at,
    )


def parts(
    trail: Balances, own: Sequence[Tie], ledger: Numbered, losses: Sequence[Loss], remake: Remake
) -> list[Part]:
    """The parts of a trail that have ties in them, in the order of their first ones."""
    root = _roots(trail, own, ledger, losses)
    found: dict[int, dict[int, Tie]] = {}
    for number, tie in enumerate(own):
        found.setdefault(int(root[tie.base[0]]), {})[number] = tie
    return [only(trail, np.flatnonzero(root == one), ties, remake) for one, ties in found.items()]


def _roots(trail: Balances, own: Sequence[Tie], ledger: Numbered, losses: Sequence[Loss]) -> NDArray[np.int32]:
    """By movement, the number of its part."""
    moves, count = trail.moves, len(trail.seqs)
    seen = reached(moves, trail.widest, trail.limits)
    # Movements come first, then addresses: a pool joins all that fill it, and all that it pays.
    edges = [np.stack([rows := np.flatnonzero(seen[side]), count + side[rows]]) for side in (moves.src, moves.dst)]
    for group in _together(trail, own, ledger, losses):
        edges.append(np.stack([group[:-1], group[1:]]))
    one, two = np.concatenate(edges, axis=1).astype(np.int32)
    return cluster(count + len(seen), one, two).root[:count]


def _together(
    trail: Balances, own: Sequence[Tie], ledger: Numbered, losses: Sequence[Loss]
) -> Iterator[NDArray[np.int64]]:
    """Movements that are worked out together though no pool need join them."""
    yield from (np.array(tie.base, np.int64) for tie in own)
    # A loss takes the first part of its transaction, whoever that pays.
    named = pa.array(sorted({loss.tx for loss in losses if loss.tx}), pa.string())
    texts = ledger.table["tx"].take(pa.array(trail.seqs))
    codes = pc.fill_null(pc.index_in(texts, value_set=named), -1).to_numpy()
    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    yield from (group for group in groups if len(group) and codes[group[0]] >= 0)
    # What is exchanged, or crosses a bridge, is shared out over all movements by which it left and came back.
    if trail.moves.kind is not None:
        yield np.flatnonzero(np.isin(trail.moves.kind, [Kind.SWAP, Kind.CROSSED]))
