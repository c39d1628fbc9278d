"""The machine-readable result: what the documents say, as canonical JSON with integers as text."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from recover.report import figures
from recover.report.texts import moment
from recover.sdk import View

FORMAT = 1


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
        "case": view.case,
        "plugins": [{"name": n, "version": v, "sha256": h} for n, v, h in view.plugins],
        "assets": [view.assets[a] for a in sorted(view.assets)],
        "exhibits": view.exhibits,
        "offramps": view.offramps,
        "findings": view.findings,
        "conservation": [
            {"id": f.id, "kind": f.kind, "subject": f.subject, **f.slots}
            for f in figures.of_kind(view, "conservation", "account")
        ],
        "ends": figures.by_reason(figures.rests(view)),
        "gaps": [{"code": g.code, "count": g.count, "why": g.why} for g in figures.gaps(view)],
    }
    text = json.dumps(plain(tree), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


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
