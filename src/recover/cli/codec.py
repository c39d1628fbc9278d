"""The one JSON of every command: keys sorted, amounts as integer strings, counts as integers, times in UTC.

A list is written one item a line, so that `grep` and `diff` work on it. Only ASCII is written: the bytes do not
depend on the locale, and no character from outside reaches a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

Plain: TypeAlias = "bool | int | str | list[Plain] | dict[str, Plain] | None"

Row: TypeAlias = dict[str, Any]
"""One row of a table, by column."""

AMOUNTS = frozenset(
    {
        *("amount", "declared_amount", "arrived", "swept", "whole_in", "passed_on", "at_rest", "reversed_ties"),
        *("least", "most", "credited", "unswept", "elsewhere", "fees"),
    }
)
"""Fields that hold value: always strings, since a JSON reader may round integers past 2^53."""

COUNTS = frozenset(
    {
        *("transfers", "sweeps", "addresses", "inputs", "outputs", "candidates", "count", "dust", "forged"),
        *("height", "event_height", "call_height", "balance_height"),
        *("since_height", "until_height"),
        *("orders", "own", "runs", "level", "payments", "receivers", "steps"),
        *("entry", "exhibit", "silent", "disputes", "refused"),
    }
)
"""Slots of findings that count things, or say where (as an entry does); every other integer slot is value."""

BY_NAME = frozenset({"by_rule", "by_loss", "by_rule_and_loss", "elsewhere_at", "affects"})
"""Fields that map a name to an amount."""


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def text(value: object) -> str:
    """One value as JSON text. Raises TypeError for a float: no value is ever one."""
    made = plain(value)
    if isinstance(made, list):
        return "".join(lines(made))
    return _dump(made) + "\n"


def lines(values: Iterable[object]) -> Iterator[str]:
    """A list of any length as the same JSON text, piece by piece."""
    head = "[\n"
    for value in values:
        yield head + _dump(plain(value))
        head = ",\n"
    yield "[]\n" if head == "[\n" else "\n]\n"


def plain(value: object, name: str = "") -> Plain:
    """A record as what JSON can hold; `name` is the field it stands in."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Enum):
        return plain(value.value, name)
    # By the field's name, since a number alone does not tell whether it is value.
    if isinstance(value, int):
        return str(value) if name in AMOUNTS else value
    if isinstance(value, Decimal):
        # An exact whole number of more than 64 bits, such as a block's work.
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, PurePath):
        return value.as_posix()
    return _composed(value, name)


def rows(table: pa.Table) -> Iterator[Row]:
    """A derived table's rows, each pair of amount columns joined to one exact integer."""
    from recover.sdk import amounts

    pairs = {n: "wide" if n == "amount" else f"{n}_wide" for n in table.schema.names}
    pairs = {n: wide for n, wide in pairs.items() if wide in table.schema.names}
    # In pieces: a ledger of millions of rows is never in memory as objects.
    for batch in table.to_batches(max_chunksize=4096):
        for row in batch.to_pylist():
            for name, wide in pairs.items():
                high = row.pop(wide)
                row[name] = None if row[name] is None and high is None else amounts.join(row[name], high)
            yield row


def _composed(value: object, name: str) -> Plain:
    if isinstance(value, dict | Mapping):
        return {str(k): _under(v, str(k), name) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        # A set has no order of its own, and the same result must give the same text.
        return [plain(item, name) for item in sorted(value)]
    if isinstance(value, list | tuple):
        return [plain(item, name) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name), f.name) for f in fields(value)}
    raise TypeError(f"{type(value).__name__} has no place in a result")


def _under(value: object, key: str, name: str) -> Plain:
    # Slots are value unless listed as counts: a new kind of finding whose author forgets the list still keeps its
    # digits.
    exact = name in BY_NAME or (name == "slots" and key not in COUNTS)
    if exact and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return plain(value, key)


def _dump(value: Plain) -> str:
    return _ENCODER.encode(value)
