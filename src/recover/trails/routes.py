"""Routes through movements that carried one loss: the shortest, and the one whose least amount is largest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from recover.sdk.errors import Error


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One movement that carried the loss: `began` became proceeds by it, `passed` came out of a pool.

    `src` and `dst` name the pools that it left and filled: addresses, or on a coin chain transactions. `payer` and
    `receiver` are addresses.
    """

    seq: int
    src: str | None
    dst: str | None
    began: int
    passed: int
    payer: str | None = None
    receiver: str | None = None


@dataclass(frozen=True, slots=True)
class _Reached:
    """The last edge of a way, the one before it (None where the way begins), its length and least amount."""

    edge: int
    before: _Reached | None
    hops: int
    least: int

    def places(self) -> list[int]:
        found, here = [], self
        while here.before is not None:
            found.append(here.edge)
            here = here.before
        return [here.edge, *reversed(found)]


def shortest(edges: Sequence[Edge], final: frozenset[int]) -> tuple[list[int], int]:
    """The route with the fewest movements to one of `final`, as places in `edges`, and its least amount.

    `edges` in the order of the ledger: each movement of a route is later than the one before. The first begins as
    proceeds, and what is traced of each later one came out of its sender's pool. Linear; of equals, the earliest.
    """
    return _route(edges, final, _fewest)


class Shortest:
    """The shortest routes of one loss in one asset, to wherever it came: one pass, however many are asked for."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self._ways = _reached(edges, _fewest)
        self._places: dict[str | None, list[int]] = {}
        for place, edge in enumerate(edges):
            self._places.setdefault(edge.receiver, []).append(place)

    def to(self, address: str) -> list[int]:
        """The places in `edges` of the route to an address, as `shortest` gives it, or none."""
        found: _Reached | None = None
        for place in self._places.get(address, ()):
            way = self._ways[place]
            if way is not None and (found is None or _fewest(way) > _fewest(found)):
                found = way
        return found.places() if found else []


def _fewest(way: _Reached) -> int:
    return -way.hops


def largest(edges: Sequence[Edge], final: frozenset[int]) -> tuple[list[int], int]:
    """The route whose least traced amount is largest, as `shortest` gives it."""
    return _route(edges, final, lambda way: way.least)


def _route(
    edges: Sequence[Edge], final: frozenset[int], score: Callable[[_Reached], int]
) -> tuple[list[int], int]:
    found: _Reached | None = None
    for edge, way in zip(edges, _reached(edges, score), strict=True):
        # Only a better way replaces one, so of equal ways the earliest stays and the answer is always the same.
        if way is not None and edge.seq in final and (found is None or score(way) > score(found)):
            found = way
    if found is None:
        raise mismatch("No movement of the loss leads from where it began to this endpoint.")
    return found.places(), found.least


def _reached(edges: Sequence[Edge], score: Callable[[_Reached], int]) -> list[_Reached | None]:
    """The best way that ends with each edge, None where none does."""
    best: dict[str | None, _Reached] = {}
    found: list[_Reached | None] = []
    # One pass is enough, since a movement comes before every one that it can have paid for.
    for place, edge in enumerate(edges):
        ways = list(_ways(place, edge, best.get(edge.src) if edge.src else None))
        way = max(ways, key=score, default=None)
        found.append(way)
        if way is None or edge.dst is None:
            continue
        if edge.dst not in best or score(way) > score(best[edge.dst]):  # as above
            best[edge.dst] = way
    return found


def _ways(place: int, edge: Edge, before: _Reached | None) -> Iterator[_Reached]:
    if edge.began:
        yield _Reached(place, None, 1, edge.began)
    if edge.passed and before is not None:
        yield _Reached(place, before, before.hops + 1, min(before.least, edge.passed))


def mismatch(why: str) -> Error:
    """The error where the stored figures and a trace made again disagree; `why` says at which movement."""
    return Error(
        "explain-mismatch",
        "The stored figures of this case do not follow from tracing it again.",
        why,
        "Run `recover trace` again, then `recover verify`; rely on none of these figures until both agree.",
    )
