"""Measured error rates: counts that `benchmarks/accuracy_bridges.py` wrote; and why others have none."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from recover.sdk import Card

FILE = Path(__file__).parent / "data" / "cards.toml"
_NEVER = Card(
    population="none: its key is read from the protocol's documentation, and no pair of it was met",
    truth="none at hand",
)


@lru_cache(maxsize=1)
def _read() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def card(id: str) -> Card:
    """The card of a heuristic: its counts, or that no pair was met."""
    found = _read().get(id)
    return Card.of(found) if found else _NEVER
