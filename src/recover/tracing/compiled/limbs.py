"""Exact integers as two 64-bit limbs, low one first (two's complement), and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Limbs = NDArray[np.uint64]
_BLOCK = 1 << 14


def split(values: Sequence[int]) -> Limbs:
    """Integers of less than 128 bits as rows of two limbs. Block by block, so that no more than these is held."""
    rows = np.empty((len(values), 2), np.uint64)
    for i in range(0, len(values), _BLOCK):
        raw = b"".join([value.to_bytes(16, "little", signed=True) for value in values[i : i + _BLOCK]])
        rows[i : i + _BLOCK] = np.frombuffer(raw, "<u8").reshape(-1, 2)
    return rows


def join(rows: NDArray[Any]) -> list[int]:
    """Exact integers, whatever their form: int64, or rows of two limbs."""
    if rows.dtype == np.int64:
        whole: list[int] = rows.tolist()
        return whole
    low, high = rows[:, 0].tolist(), rows[:, 1].view(np.int64).tolist()
    # The sign is in the upper limb alone, so that one is read as signed.
    return [upper << 64 | lower for lower, upper in zip(low, high, strict=True)]


def zeros(count: int, wide: bool) -> NDArray[Any]:
    """A column of so many amounts, all zero."""
    return np.zeros((count, 2), np.uint64) if wide else np.zeros(count, np.int64)
