"""Events (transactions) that alone hold two large parts of a cluster together: what a wrong merge looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recover.linking.clustering import engine
from recover.linking.clustering.clusters import Numbers
from recover.linking.clustering.shortest import compact, neighbours


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Without `event` the cluster falls apart; `parts` are the sizes of the two largest pieces, larger first."""

    event: int
    parts: tuple[int, int]


def cuts(one: Numbers, two: Numbers, event: Numbers, least: int) -> list[Cut]:
    """The events without which one cluster has two parts of more than `least` addresses each, by event number.

    `one`, `two` are the edges of one cluster and `event` says what each edge rests on: edges of one event fall
    together, so two edges of one transaction are no second support, and two transactions are. Order of edges
    carries no meaning, unlike for an alarm raised at the moment when two large clusters meet.
    """
    nodes, addresses = compact(np.concatenate([one, two]))
    if len(nodes) <= 2 * least:
        return []
    events, place = compact(event)
    # One graph of two sorts of nodes, addresses first, then events; an edge ties an address to an event. An event
    # is looked for that is an articulation point of it.
    place += np.int32(len(nodes))
    total = len(nodes) + len(events)
    start, to, _ = neighbours(total, addresses, np.tile(place, 2))
    order, low, up = (np.full(total, -1, np.int32) for _ in range(3))
    weight, apart, first, second = (np.zeros(total, np.int32) for _ in range(4))
    # Parts are counted in addresses, so events weigh nothing.
    weight[: len(nodes)] = 1
    writes: list[NDArray[Any]] = [start[:-1].copy(), order, low, up, weight, apart, first, second]
    engine.run("hang", len(to), [start, to, len(nodes)], writes)
    # The third candidate is what stays above the event in the search tree.
    parts = np.sort(np.stack([first, second, len(nodes) - apart])[:, len(nodes) :], axis=0)
    found = np.flatnonzero(parts[1] > least)
    return [Cut(event=int(events[k]), parts=(int(parts[2, k]), int(parts[1, k]))) for k in found]
