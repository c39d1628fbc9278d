"""The rows behind `recover show`: read straight from the derived tables, without the engines that made them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from recover.cli import codec
from recover.cli.codec import Row

if TYPE_CHECKING:
    import pyarrow as pa

    from recover.case import Case, Stored

_JSON = frozenset({"by_rule", "by_loss", "params", "assertions"})
"""Columns that hold JSON text."""


def offramps(case: Case, most: int) -> Iterator[Row]:
    """Off-ramps, one for each deposit address, asset and service."""
    for row in _read(case, "offramps", most):
        yield {name: json.loads(value) if name in _JSON and value else value for name, value in row.items()}


def findings(case: Case, most: int) -> Iterator[Row]:
    """Findings with their slots; exact integers that are value are strings."""
    for row in _read(case, "findings", most):
        yield {**row, "slots": _slots(json.loads(row["slots"]))}


def gaps(case: Case, most: int) -> Iterator[Row]:
    """What was not examined; `fill` is the ask that would close it."""
    for row in _read(case, "gaps", most):
        fill = row["fill"]
        yield {**row, "fill": json.loads(fill) if fill else None}


def flows(case: Case, most: int) -> Iterator[Row]:
    """Value followed under the declared rule, each with the transfer that carried it."""
    from recover.case import tables

    found = _cut(tables.read(case, "flows"), most)
    columns = ["tx", "time", "src", "dst", "asset", "exhibit"]
    moved = tables.read(case, "transfers", columns).take(found.column("seq"))
    for name in columns:
        found = found.append_column(name, moved.column(name))
    yield from codec.rows(found)


def exhibits(case: Case, most: int) -> Iterator[Row]:
    """Exhibits in order of capture."""
    return map(exhibit, case.exhibits())


def exhibit(stored: Stored) -> Row:
    """One exhibit."""
    names = ("number", "digest", "name", "media", "size", "method", "captured", "sources", "file", "request")
    return {name: getattr(stored, name) for name in names}


def losses(case: Case, most: int) -> Iterable[Row]:
    """Losses as declared."""
    names = ("id", "chain", "address", "tx", "output", "amount", "assets", "since", "until", "label")
    return [{name: getattr(loss, name) for name in names} for loss in case.settings.losses]


def journal(case: Case, most: int) -> Iterator[Row]:
    """The journal's entries as they are chained."""
    for entry in case.entries:
        yield {
            "number": entry.number,
            "time": entry.time,
            "kind": entry.kind,
            "body": entry.body,
            "prev": entry.prev,
            "hash": entry.hash,
        }


def table(case: Case, name: str, most: int) -> Iterator[Row]:
    """Any other derived table, as it is."""
    for row in _read(case, name, most):
        yield {key: json.loads(value) if key in _JSON and value else value for key, value in row.items()}


def assets(case: Case) -> Mapping[str, tuple[str, int | None]]:
    """Asset id -> (symbol, decimals), as the exhibits and the register say."""
    from recover.case import tables

    rows = tables.read(case, "assets", ["asset", "symbol", "decimals"]).to_pylist()
    return {row["asset"]: (row["symbol"], row["decimals"]) for row in rows}


def _read(case: Case, name: str, most: int) -> Iterator[Row]:
    from recover.case import tables

    return codec.rows(_cut(tables.read(case, name), most))


def _cut(found: pa.Table, most: int) -> pa.Table:
    return found.slice(0, most) if most else found


def _slots(stored: Mapping[str, Any]) -> Row:
    """The stored form keeps an integer as {"int": text}."""
    return {name: int(value["int"]) if isinstance(value, dict) else value for name, value in stored.items()}
