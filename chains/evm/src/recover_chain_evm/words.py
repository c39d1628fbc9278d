"""The EVM's 32-byte words, in columns: exact amounts and addresses out of what logs and calls carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Column = Any  # pyarrow has no types to name

_WIDE = pa.binary(33)
_PAD = "0" * 24
_DIGITS = np.zeros(256, np.bool_)
_DIGITS[list(b"0123456789abcdef")] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """Amounts as the two columns of `recover.sdk.amounts`, none negative."""

    amount: Column
    wide: Column


def of_words(column: Column) -> Exact:
    """Unsigned amounts from texts of 64 hexadecimal digits each."""
    return _exact(bytes.fromhex("".join(column.to_pylist())))


def of_numbers(numbers: Sequence[int]) -> Exact:
    """Unsigned amounts from whole numbers up to 2**256 - 1."""
    return _exact(b"".join(n.to_bytes(32, "big") for n in numbers))


def all_digits(column: Column, size: int | None = None) -> bool:
    """Whether every text is 0x and pairs of small hexadecimal digits, of `size` characters where that is given.

    The bytes of the whole column are looked at at once: this is asked of every hash of every row.
    """
    count = len(column)
    if column.null_count or column.offset or not count:
        return False
    _, places, data = column.buffers()
    ends = np.frombuffer(places, np.int32)[: count + 1]
    lengths = np.diff(ends)
    if (size is not None and (lengths != size).any()) or (lengths < 2).any() or (lengths % 2).any():
        return False
    octets = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]
    starts = ends[:-1] - ends[0]
    if (octets[starts] != ord("0")).any() or (octets[starts + 1] != ord("x")).any():
        return False
    return int(_DIGITS[octets].sum()) == len(octets) - count


def word(payload: Column, place: int) -> Column:
    """Word number `place` of texts of hexadecimal digits."""
    return pc.utf8_slice_codeunits(payload, 64 * place, 64 * place + 64)


def is_address(column: Column) -> Column:
    """Which words are an address: twelve bytes of nought before it."""
    return pc.starts_with(column, _PAD)


def address(column: Column) -> Column:
    """The addresses in words, in small digits with 0x."""
    return pc.binary_join_element_wise("0x", pc.utf8_slice_codeunits(column, 24, 64), "")


def negated(value: Exact) -> Exact:
    """The same amounts, leaving."""
    if value.wide.null_count == len(value.wide):
        return Exact(amount=pc.negate(value.amount), wide=value.wide)
    wide = value.wide if value.wide.offset == 0 else value.wide.take(pa.array(range(len(value.wide))))
    valid, data = wide.buffers()
    cells = np.frombuffer(data, np.uint8)[: 33 * len(wide)].copy()
    cells[::33] = 0
    signed = pa.Array.from_buffers(_WIDE, len(wide), [valid, pa.py_buffer(cells.tobytes())])
    return Exact(amount=pc.negate(value.amount), wide=signed)


def _exact(raw: bytes) -> Exact:
    """Of 32 bytes each: int64 where the first 193 bits are nought, else sign and magnitude."""
    count = len(raw) // 32
    octets = np.frombuffer(raw, np.uint8).reshape(count, 32)
    low = np.frombuffer(raw, ">u8").reshape(count, 4)[:, 3]
    large = octets[:, :24].any(axis=1) | (low >= np.uint64(2**63))
    amount = pa.array(np.where(large, np.uint64(0), low).astype(np.int64), mask=large)
    if not large.any():
        return Exact(amount=amount, wide=pa.nulls(count, _WIDE))
    cells = np.ones((count, 33), np.uint8)
    cells[:, 1:] = octets
    cells[~large] = 0
    valid = pa.py_buffer(np.packbits(large, bitorder="little").tobytes())
    return Exact(amount=amount, wide=pa.Array.from_buffers(_WIDE, count, [valid, pa.py_buffer(cells.tobytes())]))
