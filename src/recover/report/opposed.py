"""Labels in conflict: addresses that several names are claimed for, each name with who claims it."""

from __future__ import annotations

from typing import Any

from recover.report import attributed
from recover.sdk import View


def labels(view: View) -> list[dict[str, Any]]:
    """Every name of an address that has several, whether it counts or was withdrawn; by address."""
    if "assertions" not in view.tables:
        return []
    said: dict[tuple[str, str], set[str]] = {}
    rows = [row for row in view.tables["assertions"]().to_pylist() if _name(row)]
    for row in rows:
        said.setdefault((row["chain"], row["address"]), set()).add(_name(row))
    found = [row for row in rows if len(said[row["chain"], row["address"]]) > 1]
    return sorted(
        attributed.judged(view, found), key=lambda r: tuple(str(r[name] or "") for name in attributed.COLUMNS)
    )


def _name(row: dict[str, Any]) -> str:
    return str(row["service"] or (row["label"] if row["kind"] == "label" else "") or "").casefold()
