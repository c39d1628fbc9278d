"""The machine-readable result: what the documents say, as canonical JSON with integers as text."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import pyarrow as pa

from recover.report import arrived, charts, edges, figures, hopwise, identifiers, inflows, lacks, singles
from recover.report.texts import moment
from recover.sdk import View
from recover.sdk.cells import disarmed
from recover.sdk.outside import shows

FORMAT = 5
"""Another number where the same movements can give other rows or figures: see tests/house/test_formats.py."""


def result(view: View) -> bytes:
    """Head, case, exhibits, off-ramps, findings, conservation and gaps. Same view, same bytes.

    Keys are sorted, text is UTF-8, every integer is a decimal string: readers elsewhere lose digits past 2**53.
    """
    tree = {
        "format": FORMAT,
        "version": view.version,
        "head": view.head,
        "entries": view.entries,
        "date": figures.date(view),
        "case": replace(view.case, title=""),  # it may name somebody, and this file is handed over
        "plugins": [{"name": n, "version": v, "sha256": h} for n, v, h in view.plugins],
        "assets": [view.assets[a] for a in sorted(view.assets)],
        "exhibits": view.exhibits,
        "offramps": view.offramps,
        "findings": view.findings,
        "conservation": [
            {"id": f.id, "kind": f.kind, "subject": f.subject, **f.slots}
            for f in figures.of_kind(view, "conservation", "account")
        ],
        "origins": [] if "origins" not in view.tables else view.tables["origins"]().to_pylist(),
        "totals": [] if "totals" not in view.tables else view.tables["totals"]().to_pylist(),
        "declaration": view.declaration,
        "rules": view.rules,
        "heuristics": view.heuristics,
        "set_aside": view.set_aside,
        "proofs": _proofs(view),
        "sequences": [] if "ties" not in view.tables else view.tables["ties"]().to_pylist(),
        "ends": figures.by_reason(figures.rests(view)),
        "gaps": lacks.gaps(view),
        "answer": arrived.told(view),
        "routes": [*hopwise.rows(view)],
        "stretches": charts.told(view),
        "listed": identifiers.counts(view),
        "movements": singles.singly(view),
        "edges": edges.shares(view),
        "withdrawn": inflows.withdrawn(view),
    }
    text = json.dumps(plain(tree), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # A character that turns the line round, or that nobody sees, stands by its number, as JSON can write any.
    if not text.isascii():
        hidden = {ord(c): json.dumps(c)[1:-1] for c in sorted(set(text)) if c != " " and not shows(c)}
        text = text.translate(hidden) if hidden else text
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _proofs(view: View) -> dict[str, int]:
    """How many transactions have which proof."""
    if "transactions" not in view.tables:
        return {}
    grades = view.tables["transactions"]().column("proof").value_counts().to_pylist()
    return {row["values"]: row["counts"] for row in grades}


def sheet(found: pa.Table) -> bytes:
    """A table as CSV (RFC 4180, UTF-8), no cell of which a spreadsheet can take for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(found.column_names)
    for row in zip(*(column.to_pylist() for column in found.columns), strict=True):
        writer.writerow([disarmed("" if cell is None else str(cell)) for cell in row])
    return out.getvalue().encode("utf-8", "backslashreplace")


def plain(value: Any) -> Any:
    """A value as JSON types, by the same rules for every record of the contract."""
    # Before integers: in Python a truth value is one.
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    # Its order changes from run to run, and with it the bytes.
    if isinstance(value, frozenset | set):
        raise TypeError("a set has no order to write")
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    return {str(k): plain(v) for k, v in value.items()}
