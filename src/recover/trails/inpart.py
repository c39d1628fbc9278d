"""In part: the gap of a loss's address whose whole history is not here, as listings read it without an engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from recover.case import Case, derived

PARTIAL = "history-partial"
"""The code of the gap of a loss's address, at which value is followed, and whose whole history is not here."""

PASSES = (
    "Movements that are not here are not counted. With them more can begin as this loss, and each figure of what "
    "is traced on from there, or left there, can be less, down to zero, or more. The whole history settles it."
)
"""What it says where balances mix at that address, and value is followed on."""


def mixes(row: Mapping[str, Any]) -> bool:
    """Whether a gap says that."""
    return (row["code"], row["effect"]) == (PARTIAL, PASSES)


def mixed(case: Case) -> frozenset[tuple[str, str]]:
    """The addresses of losses, by asset, of which that is said."""
    rows = (row for row in derived.read(case, "gaps").to_pylist() if mixes(row))
    return frozenset((row["subject"], asset) for row in rows for asset in json.loads(row.get("affects") or "{}"))
