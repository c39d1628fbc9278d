"""Measured error rates: counts that `accuracy_account.py` and `accuracy_swaps.py` in `benchmarks` wrote, never
changed by hand; and why there are none of other rules."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from recover.sdk import Card

FILE = Path(__file__).parent / "data" / "cards.toml"
SWAPS = FILE.with_name("cards-swaps.toml")
UNMEASURED = FILE.with_name("unmeasured.toml")


@lru_cache(maxsize=1)
def _read() -> dict[str, dict[str, Any]]:
    return {k: v for file in (UNMEASURED, FILE, SWAPS) for k, v in tomllib.loads(file.read_text("utf-8")).items()}


def card(id: str) -> Card:
    """The card of a heuristic: its counts, or without any why nothing was measured."""
    return Card.of(_read()[id])
