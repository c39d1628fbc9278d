"""Alike: places of the ledger that are locked in the same way as an address of another chain, as chains say it.

Where addresses of a family of chains have one text, the text says so. Where each chain writes one script in its
own way (Bitcoin, Bitcoin Cash, Litecoin), `Chain.alike` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

import pyarrow as pa

from recover.plugins.registry import Plugins

Place = tuple[str, str]
"""A chain and an address on it."""


def space(chain: str) -> str:
    """The CAIP-2 namespace: chains of one namespace can share their addresses."""
    return chain.partition(":")[0]


class Alike:
    """The places in `known` (chain, address), as others have them on their own chains."""

    def __init__(self, plugins: Plugins, known: pa.Table) -> None:
        self.plugins = plugins
        self.known = [
            place for place in zip(*known.to_pydict().values(), strict=True) if self._asked(place[0]) is not None
        ]
        self.here = set(self.known)

    def chains(self, chains: Iterable[str]) -> list[str]:
        """Those of `chains` an address of which can be alike to one that is known."""
        mine = {chain for chain, _ in self.known}
        return [
            one
            for one in chains
            if self._asked(one) is not None and any(space(one) == space(chain) and one != chain for chain in mine)
        ]

    def of(self, places: Iterable[Place]) -> Mapping[Place, tuple[Place, ...]]:
        """What is known alike to each of these places; those alike to nothing are left out."""
        wanted = set(places)
        # It goes both ways, so that the shorter side is asked: lists and ledgers both can be long.
        if len(wanted) > len(self.known):
            found = {place: self._others[place] for place in wanted if place in self._others}
        else:
            found = {place: tuple(one for one in self._ask(place) if one in self.here) for place in wanted}
        return {place: others for place, others in found.items() if others}

    @cached_property
    def _others(self) -> Mapping[Place, tuple[Place, ...]]:
        found: dict[Place, list[Place]] = {}
        for place in self.known:
            for other in self._ask(place):
                found.setdefault(other, []).append(place)
        return {place: tuple(sorted(others)) for place, others in found.items()}

    def _ask(self, place: Place) -> tuple[Place, ...]:
        asked = self._asked(place[0])
        return tuple(sorted(asked(place[1]))) if asked is not None else ()

    def _asked(self, chain: str) -> Callable[[str], tuple[Place, ...]] | None:
        found: Callable[[str], tuple[Place, ...]] | None = getattr(self.plugins.chains.get(chain), "alike", None)
        return found
