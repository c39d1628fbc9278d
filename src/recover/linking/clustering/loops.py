"""The loops of clustering. Each runs as it stands over lists of integers, and compiled over arrays of them.

One text for both, so that a small case and a large one cannot differ. Nothing here checks its input or makes an
array: `recover.linking.clustering.clusters` does both.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Cells: TypeAlias = Any  # a list of integers, or a one-dimensional array of them
UNSEEN = -2


def unite(one: Cells, two: Cells, parent: Cells) -> None:
    """Union by minimum: no parent is larger than its child, so that a root is the smallest of its cluster.

    Rem's algorithm with splicing (Dijkstra 1976; Patwary, Blair, Manne 2010): both paths are climbed together,
    the higher one is hung below the lower one step by step.
    """
    for row in range(len(one)):
        x, y = one[row], two[row]
        while parent[x] != parent[y]:
            if parent[x] < parent[y]:
                x, y = y, x
            # Splicing: x is hung below y's parent, which is the smaller, though x may be no root; the climb goes
            # on above x.
            above = parent[x]
            parent[x] = parent[y]
            if above == x:
                break
            x = above


def unite_noting(one: Cells, two: Cells, parent: Cells, joined: Cells) -> None:
    """As `unite`; `joined` gets, at each root that is a root no longer, the edge that joined it."""
    for row in range(len(one)):
        x, y = one[row], two[row]
        while parent[x] != parent[y]:
            if parent[x] < parent[y]:
                x, y = y, x
            above = parent[x]
            parent[x] = parent[y]
            if above == x:
                joined[x] = row
                break
            x = above


def unite_apart(one: Cells, two: Cells, parent: Cells, owner: Cells, joined: Cells) -> None:
    """Union by minimum that joins no two clusters of different owners; `owner` is below zero for nobody.

    It climbs to both roots, since that is where the owner of a cluster stands.
    """
    for row in range(len(one)):
        x, y = one[row], two[row]
        while parent[x] != x:
            # Path halving: every step of a climb leaves a shorter path for the next.
            parent[x] = parent[parent[x]]
            x = parent[x]
        while parent[y] != y:
            parent[y] = parent[parent[y]]
            y = parent[y]
        if x == y or (owner[x] >= 0 and owner[y] >= 0 and owner[x] != owner[y]):
            continue
        if y < x:
            x, y = y, x
        parent[y] = x
        joined[y] = row
        if owner[x] < 0:
            owner[x] = owner[y]


def flatten(parent: Cells) -> None:
    """Every parent becomes the root: parents are smaller, so one pass upwards is enough."""
    for x in range(len(parent)):
        parent[x] = parent[parent[x]]


def breadth(start: Cells, to: Cells, by: Cells, goal: int, filled: int, queue: Cells, came: Cells) -> None:
    """Breadth first from the `filled` numbers in `queue` until `goal`; `came` gets the edge that reached each."""
    head, tail = 0, filled
    while head < tail:
        x = queue[head]
        head += 1
        if x == goal:
            return
        for k in range(start[x], start[x + 1]):
            y = to[k]
            if came[y] == UNSEEN:
                came[y] = by[k]
                queue[tail] = y
                tail += 1


def hang(
    start: Cells,
    to: Cells,
    addresses: int,
    at: Cells,
    order: Cells,
    low: Cells,
    up: Cells,
    weight: Cells,
    apart: Cells,
    first: Cells,
    second: Cells,
) -> None:
    """What hangs on one event alone: lowest reachable ancestors (Hopcroft, Tarjan 1973), without recursion.

    Nodes below `addresses` are addresses, the rest events, and an edge ties an address to an event. For each
    event, `apart` sums the addresses that only it holds below it; `first` and `second` are the largest parts.
    """
    order[0] = low[0] = 0
    clock = 1
    x = 0
    while x >= 0:
        if at[x] < start[x + 1]:
            y = to[at[x]]
            at[x] += 1
            if order[y] < 0:
                order[y] = low[y] = clock
                clock += 1
                up[y] = x
                x = y
            # Seen before: an edge back up, over which x reaches higher than through its parent.
            elif order[y] < low[x]:
                low[x] = order[y]
            continue
        above = up[x]
        if above >= 0:
            size = weight[x]
            weight[above] += size
            if low[x] < low[above]:
                low[above] = low[x]
            # Nothing below x reaches above the event, so without the event all of it falls off.
            if above >= addresses and low[x] >= order[above]:
                apart[above] += size
                if size > first[above]:
                    second[above] = first[above]
                    first[above] = size
                elif size > second[above]:
                    second[above] = size
        x = above
