"""The clusters of a middling number of edges, by numpy alone: done before a compiler is loaded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sweep(size: int, one: NDArray[np.int32], two: NDArray[np.int32]) -> NDArray[np.int32]:
    """By address, the smallest number of its cluster.

    All edges at once hang the larger of their two roots below the smallest that any edge offers it, then all
    parents jump to the root, until no edge has two roots: a few rounds (Shiloach, Vishkin 1982). Parents are never
    larger than their children, so that the result is that of union by minimum.
    """
    parent = np.arange(size, dtype=np.int32)
    low, high = np.minimum(one, two), np.maximum(one, two)
    while len(low):
        apart = low != high
        low, high = low[apart], high[apart]
        np.minimum.at(parent, high, low)
        # All paths halve at once until every parent is a root.
        above = parent[parent]
        while not np.array_equal(above, parent):
            parent, above = above, above[above]
        first, second = parent[low], parent[high]
        low, high = np.minimum(first, second), np.maximum(first, second)
    return parent
