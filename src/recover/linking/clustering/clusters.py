"""Union-find over address numbers: the clusters, which edges made them, which were refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from recover.linking.clustering import engine
from recover.linking.clustering.sweep import sweep
from recover.sdk.errors import Error

Numbers: TypeAlias = NDArray[np.int32]
NONE = -1
SWEPT = 5_000_000
"""Below this many edges numpy is done before the compiler is loaded."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clusters:
    """`root` is, by address, the smallest number of its cluster: the cluster's id.

    `refused` are the rows of edges between clusters that may not be one, ascending. `joined` is, by address, the
    row of the edge by which the cluster that it had named became part of a smaller one, -1 for roots: together
    a spanning forest (None unless asked for).
    """

    root: Numbers
    refused: NDArray[np.int64]
    joined: Numbers | None


def cluster(
    size: int,
    one: Numbers,
    two: Numbers,
    *,
    owner: Numbers | None = None,
    rank: NDArray[np.uint8] | None = None,
    forest: bool = False,
) -> Clusters:
    """The clusters of `size` addresses that the edges `one[i]` - `two[i]` join.

    `owner` is, by address, a number of who is known to own it, -1 for nobody: addresses of two owners never come
    into one cluster. Then something between them can stand on one side only, so the edges of such a place are
    taken in the order of `rank` (by edge, the smaller the better), then of their smaller and larger address:
    the same edges in any order give the same clusters. Without owners no order matters at all.

    Where there are many edges (`SWEPT`) it needs 4 bytes an address beyond its input, and as much again for the
    forest. Raises Error for numbers outside of `size`.
    """
    _check(size, one, two)
    joined = np.full(size, NONE, np.int32) if forest else None
    parent = _united(size, one, two, joined)
    refused = np.empty(0, np.int64)
    contested = np.empty(0, np.int32) if owner is None else _contested(parent, owner)
    if owner is not None and len(contested):
        refused = _apart(parent, one, two, owner, rank, joined, contested)
    return Clusters(root=parent, refused=refused, joined=joined)


def _united(size: int, one: Numbers, two: Numbers, joined: Numbers | None) -> Numbers:
    """The clusters where no owners matter."""
    if joined is None and not engine.fast(len(one), SWEPT):
        return sweep(size, one, two)
    parent = np.arange(size, dtype=np.int32)
    edges = [_unsigned(one), _unsigned(two)]
    if joined is None:
        engine.run("unite", max(len(one), SWEPT), edges, [_unsigned(parent)])
    else:
        engine.run("unite_noting", len(one), edges, [_unsigned(parent), joined])
    engine.run("flatten", max(size, len(one)), [], [_unsigned(parent)])
    return parent


def _check(size: int, one: Numbers, two: Numbers) -> None:
    if len(one) != len(two):
        raise _bad(f"There are {len(one)} first ends of edges and {len(two)} second ends.")
    for ends in (one, two):
        # Here and nowhere else: compiled loops check no index, and would read and write what is not theirs.
        if len(ends) and (ends.min() < 0 or ends.max() >= size):
            raise _bad(f"An edge names address {int(ends.min())} or {int(ends.max())} of {size}.")


def _bad(why: str) -> Error:
    return Error(
        "edges-unfit",
        "The edges do not fit the addresses that they are to join.",
        why,
        "This is a fault of the program that numbered them: report it.",
    )


def _unsigned(numbers: Numbers) -> NDArray[np.uint32]:
    """The same memory; compiled code does not then ask for each number whether it counts from the end."""
    return np.ascontiguousarray(numbers, np.int32).view(np.uint32)


def _contested(root: Numbers, owner: Numbers) -> Numbers:
    """The roots of clusters with more than one owner, ascending."""
    owned = np.flatnonzero(owner >= 0)
    pairs = np.unique(np.stack([root[owned], owner[owned]], axis=1), axis=0)
    roots, owners = np.unique(pairs[:, 0], return_counts=True)
    return roots[owners > 1].astype(np.int32)


def _apart(
    parent: Numbers,
    one: Numbers,
    two: Numbers,
    owner: Numbers,
    rank: NDArray[np.uint8] | None,
    joined: Numbers | None,
    contested: Numbers,
) -> NDArray[np.int64]:
    """Takes the contested clusters apart in place and joins them again, edge by edge; the rows refused."""
    # Only the contested clusters are taken apart; all others stand as the quick loop made them, order or no order.
    mark = np.zeros(len(parent), np.bool_)
    mark[contested] = True
    members = np.flatnonzero(mark[parent])
    rows = np.flatnonzero(mark[parent[one]])
    low, high = np.minimum(one[rows], two[rows]), np.maximum(one[rows], two[rows])
    best = np.zeros(len(rows), np.uint8) if rank is None else rank[rows]
    # Something between two owners goes to the one that is reached first, so the order must be one of content: the
    # surest edges, then the smallest addresses.
    rows = rows[np.lexsort((high, low, best))]
    parent[members] = members
    edge = np.full(len(parent), NONE, np.int32)
    reads = [_unsigned(one[rows]), _unsigned(two[rows])]
    engine.run("unite_apart", len(rows), reads, [_unsigned(parent), owner.astype(np.int32), edge])
    engine.run("flatten", len(parent), [], [_unsigned(parent)])
    if joined is not None:
        joined[members] = np.where(edge[members] < 0, NONE, rows[edge[members]])
    # Not what was refused on the way: an edge passed over early may lie inside one cluster in the end.
    return np.sort(rows[parent[one[rows]] != parent[two[rows]]])
