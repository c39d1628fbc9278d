"""Sums, extremes and counts over the inputs or outputs of each transaction, without a loop over transactions.

`first` has one element more than there are segments: segment s is elements `first[s]:first[s + 1]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Mask: TypeAlias = npt.NDArray[np.bool_]
Codes: TypeAlias = npt.NDArray[np.int64]

NONE = np.int64(-1)


def owners(first: Codes) -> Codes:
    """The segment of each element."""
    return np.repeat(np.arange(len(first) - 1, dtype=np.int64), np.diff(first))


def total(first: Codes, values: npt.NDArray[np.integer] | Mask) -> Codes:
    """The sum in each segment, exact as long as it fits 63 bits; 0 for an empty one."""
    sums = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, dtype=np.int64, out=sums[1:])
    found: Codes = sums[first[1:]] - sums[first[:-1]]
    return found


def every(first: Codes, mask: Mask) -> Mask:
    """Whether all elements of each segment are set; true for an empty one."""
    found: Mask = total(first, ~mask) == 0
    return found


def least(first: Codes, values: Codes, empty: int = -1) -> Codes:
    """The smallest value in each segment."""
    return _reduced(np.minimum, first, values, empty)


def most(first: Codes, values: Codes, empty: int = -1) -> Codes:
    """The largest value in each segment."""
    return _reduced(np.maximum, first, values, empty)


def _reduced(how: np.ufunc, first: Codes, values: Codes, empty: int) -> Codes:
    found = np.full(len(first) - 1, empty, np.int64)
    filled = np.flatnonzero(np.diff(first))
    if len(filled):
        found[filled] = how.reduceat(values, first[filled])
    return found


def heads(first: Codes, values: Codes, empty: int = -1) -> Codes:
    """The first value in each segment."""
    found = np.full(len(first) - 1, empty, np.int64)
    filled = np.flatnonzero(np.diff(first))
    found[filled] = values[first[filled]]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Equal values inside each segment: (segment, value, how often), sorted by segment and value."""

    owner: Codes
    value: Codes
    count: Codes


def runs(owner: Codes, values: Codes) -> Runs:
    """How often each value stands in each segment."""
    if not len(owner):
        nothing = np.zeros(0, np.int64)
        return Runs(owner=nothing, value=nothing, count=nothing)
    order = np.lexsort((values, owner))
    o, v = owner[order], values[order]
    new = np.ones(len(o), np.bool_)
    new[1:] = (o[1:] != o[:-1]) | (v[1:] != v[:-1])
    starts = np.flatnonzero(new).astype(np.int64)
    return Runs(owner=o[starts], value=v[starts], count=np.diff(np.append(starts, len(o))))


def distinct(segments: int, owner: Codes, codes: Codes) -> Codes:
    """The number of different codes in each segment; unknown ones (below 0) count as one each."""
    known = codes >= 0
    found = runs(owner[known], codes[known])
    several: Codes = np.bincount(found.owner, minlength=segments) + np.bincount(owner[~known], minlength=segments)
    return several.astype(np.int64)
