"""Measured error rates: counts that `benchmarks/accuracy_account.py` wrote, never changed by hand."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from recover.sdk import Card

FILE = Path(__file__).parent / "data" / "cards.toml"


@lru_cache(maxsize=1)
def _read() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def card(id: str) -> Card | None:
    """The card of a heuristic, None where nothing was measured."""
    row = _read().get(id)
    return None if row is None else Card(**row)
