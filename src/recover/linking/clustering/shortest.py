"""The shortest chain of edges between two addresses, and from some addresses to all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recover.linking.clustering import engine
from recover.linking.clustering.clusters import Numbers
from recover.linking.clustering.loops import UNSEEN

SOURCE = -1


def route(one: Numbers, two: Numbers, start: int, end: int) -> list[int] | None:
    """Rows of the edges of a shortest chain from `start` to `end`, in order; None where there is none.

    Of several equally short ones always the same: at each step the smaller address, the earlier row, is tried
    first. Give it the edges of one cluster: it looks at no others, and at all of these.
    """
    if start == end:
        return []
    nodes, place = compact(np.concatenate([one, two, np.array([start, end], np.int32)]))
    a, b = place[: len(one)], place[len(one) : -2]
    first, last = int(place[-2]), int(place[-1])
    came = spread(len(nodes), a, b, np.array([first], np.int32), goal=last)
    if came[last] == UNSEEN:
        return None
    found = []
    while came[last] != SOURCE:
        row = int(came[last])
        found.append(row)
        # The other end of the edge: the sum of both, less this one.
        last = int(a[row]) + int(b[row]) - last
    return found[::-1]


def compact(numbers: Numbers) -> tuple[NDArray[np.int64], Numbers]:
    """The distinct numbers, ascending, and each number's place among them. None is below zero."""
    here = np.zeros(int(numbers.max(initial=-1)) + 1, np.bool_)
    here[numbers] = True
    place = np.cumsum(here, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(here), place[numbers]


def spread(size: int, one: Numbers, two: Numbers, sources: Numbers, goal: int = -1) -> Numbers:
    """By address, the row of the last edge on a shortest chain to it from any source.

    `SOURCE` at the sources, `UNSEEN` where no chain leads; beyond `goal`, if given, nothing is filled in.
    """
    start, to, by = neighbours(size, one, two)
    came = np.full(size, UNSEEN, np.int32)
    came[sources] = SOURCE
    queue = np.zeros(size, np.int32)
    queue[: len(sources)] = sources
    engine.run("breadth", len(one), [start, to, by, goal, len(sources)], [queue, came])
    return came


def neighbours(size: int, one: Numbers, two: Numbers) -> tuple[NDArray[np.int64], Numbers, Numbers]:
    """Where each address's neighbours begin, the neighbours in order, and the row of the edge to each."""
    ends, far = np.concatenate([one, two]), np.concatenate([two, one])
    by = np.tile(np.arange(len(one), dtype=np.int32), 2)
    # Neighbours by number, then by row: of chains of one length the same is found every time.
    order = np.lexsort((by, far, ends))
    start = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(ends, minlength=size), out=start[1:])
    return start, far[order], by[order]
