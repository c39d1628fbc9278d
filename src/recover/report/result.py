"""The machine-readable result: the same findings as the papers, exact integers as text, canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import Any

from recover.report import figures
from recover.sdk import View

FORMAT = "recover-result 1"


def result(view: View) -> bytes:
    """Case, off-ramps, findings, where value was left, and gaps by kind."""
    found = {
        "format": FORMAT,
        "head": view.head,
        "entries": view.entries,
        "version": view.version,
        "case": plain(view.case),
        "exhibits": plain(view.exhibits),
        "offramps": plain(view.offramps),
        "findings": plain(view.findings),
        "ends": plain(figures.by_reason(figures.rests(view))),
        "gaps": [{"code": g.code, "count": g.count, "why": g.why} for g in figures.gaps(view)],
    }
    return json.dumps(found, sort_keys=True, indent=1, ensure_ascii=True).encode() + b"\n"


_COUNTS = frozenset(
    {"number", "size", "records", "transfers", "sweeps", "decimals", "addresses", "entries", "count", "exhibits"}
)


def plain(value: Any, name: str = "") -> Any:
    """JSON values. An integer that is an amount becomes text: readers elsewhere lose digits past 2**53."""
    if is_dataclass(value) and not isinstance(value, type):
        return {k: plain(v, k) for k, v in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(k): plain(v, name if name.startswith("by_") else str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v, name) for v in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, int) and not isinstance(value, bool) and name not in _COUNTS:
        return str(value)
    return value
