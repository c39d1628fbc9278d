"""Exact amounts in columns: int64 where it fits, else sign and 32-byte big-endian magnitude.

An amount is held by two columns: `amount` (int64, null when wide) and `wide` (33 bytes: 0 for negative, 1 for
positive, then the magnitude; null when it fits). Never a float, never a SQL sum past 128 bits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recover.sdk import absent as absent
from recover.sdk.errors import Error
from recover.sdk.values import UINT256

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_COUNTED = 18
_BLOCK = 1 << 18  # so many amounts of 43 bits can be added in 64
_LEAST, _MOST = -(2**63) + 1, 2**63 - 1  # symmetric, so that a column can be negated


def split(value: int) -> tuple[int | None, bytes | None]:
    """One exact integer as its (amount, wide) cells. Raises Error past 2**256 - 1, and for what is no integer."""
    if type(value) is not int:
        # pyarrow would cut 1.5 to 1 without a word, and True is not an amount either.
        raise Error(
            "amount-not-integer",
            f"An amount is {value!r}, of the type {type(value).__name__}.",
            "Amounts are whole numbers of base units; anything else would lose value.",
            "Give an int.",
        )
    if _LEAST <= value <= _MOST:
        return value, None
    magnitude = abs(value)
    if magnitude > UINT256:
        raise Error(
            "amount-too-large",
            f"An amount has {magnitude.bit_length()} bits.",
            "No chain records amounts above 2^256 - 1.",
            "Check the record in the exhibit; it is damaged or not an amount.",
        )
    # Big-endian behind its sign: two cells of one sign compare as bytes as their numbers do. What fits int64 is
    # never wide, so that equal amounts are equal cells.
    return None, (b"\x01" if value > 0 else b"\x00") + magnitude.to_bytes(32, "big")


def join(amount: int | None, wide: bytes | None) -> int:
    """The exact integer of one pair of cells."""
    if amount is not None:
        return amount
    assert wide is not None
    magnitude = int.from_bytes(wide[1:], "big")
    return magnitude if wide[0] else -magnitude


def columns(values: Iterable[int]) -> tuple[list[int | None], list[bytes | None]]:
    """Two columns from exact integers."""
    pairs = [split(v) for v in values]
    return [p[0] for p in pairs], [p[1] for p in pairs]


def exact(table: pa.Table) -> list[int]:
    """The exact integers of a table's `amount` and `wide` columns, row by row."""
    # In Python's integers: DuckDB's sum over UHUGEINT becomes a DOUBLE without a word (docs/design/engine.md).
    if not table.column("amount").null_count:
        found: list[int] = table.column("amount").to_pylist()
        return found
    pairs = zip(table.column("amount").to_pylist(), table.column("wide").to_pylist(), strict=True)
    return [join(amount, wide) for amount, wide in pairs]


def summable(table: pa.Table) -> NDArray[Any]:
    """The same as one array: of int64 where no sum of them can leave 64 bits, else of Python's integers.

    numpy adds, compares and accumulates both in the same words, and both exactly.
    """
    import numpy as np

    column = table.column("amount")
    if not column.null_count:
        found: NDArray[np.int64] = column.to_numpy()
        # A bound: the largest there could be, as often as there are amounts.
        most = max(abs(int(found.max())), abs(int(found.min()))) if len(found) else 0
        if most * len(found) < 2**62:
            return found
        blocks = (found[i : i + _BLOCK] for i in range(0, len(found), _BLOCK))
        if sum((int((np.abs(block) >> 20).sum()) + len(block)) << 20 for block in blocks) < 2**62:
            return found
    return np.array([*exact(table), None], dtype=object)[:-1]


def decimal(value: int, decimals: int | None, grouped: bool = True) -> str:
    """Base units as text for display, exact: 12156293990044 with 6 decimals is 12,156,293.990044.

    Beyond 18 decimals, zeros at the end are left out but for two.
    """
    if decimals is None or decimals == 0:
        return f"{value:,}" if grouped else str(value)
    sign = "-" if value < 0 else ""
    whole, part = divmod(abs(value), 10**decimals)
    head = f"{whole:,}" if grouped else str(whole)
    tail = f"{part:0{decimals}d}"
    # A unit that is fine enough for floating amounts has more zeros than a reader can count.
    return f"{sign}{head}.{tail if decimals <= _COUNTED else tail.rstrip('0').ljust(2, '0')}"


_GROUPED = re.compile(r"\d{1,3}(,\d{3}){2,}(\.\d+)?|\d{1,3}(,\d{3})+\.\d+")


def parse(text: str, decimals: int) -> int:
    """A decimal text to base units, exact. Raises Error if it is no number or finer than the base unit.

    A comma separates thousands here and decimals elsewhere: it is read only where two groups of three digits or a
    decimal point make it plain, so that nobody's 50,5 becomes 505 and nobody's 1,234 becomes 1234.
    """
    clean = text.strip()
    if "," in clean:
        if not _GROUPED.fullmatch(clean):
            raise Error(
                "amount-comma",
                f"{text!r} can be read in two ways.",
                "In some countries a comma separates thousands, in others the decimals.",
                f"Write it without a comma: {clean.replace(',', '')} or {clean.replace(',', '.', 1)}."
                if clean.count(",") == 1 and "." not in clean
                else "Write it without commas, for example 1234567.89.",
            )
        clean = clean.replace(",", "")
    clean = clean.replace("_", "")
    head, _, tail = clean.partition(".")
    digits = head + tail.ljust(decimals, "0")
    # `isdigit` alone also takes superscripts, and the digits of other scripts.
    if not digits.isascii() or not digits.isdigit() or len(tail) > decimals:
        raise Error(
            "amount-unreadable",
            f"{text!r} is not an amount with at most {decimals} decimals.",
            "Amounts are exact: digits, at most one decimal point, no exponent; a comma only between thousands.",
            "Write it as digits, for example 1234.5.",
        )
    return int(digits)
