"""Work that several heuristics share is done once for each ledger, and forgotten with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

K = TypeVar("K")
V = TypeVar("V")


def once(make: Callable[[K], V]) -> Callable[[K], V]:
    """A pure function of one object that can be weakly held, its answer kept while that object lives."""
    kept: WeakKeyDictionary[K, V] = WeakKeyDictionary()

    @wraps(make)
    def call(subject: K) -> V:
        if subject not in kept:
            kept[subject] = make(subject)
        return kept[subject]

    return call
