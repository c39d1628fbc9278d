"""Measured error rates: counts that `benchmarks/accuracy_account.py` wrote, never changed by hand; and why there
are none of other rules."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from recover.sdk import Card

FILE = Path(__file__).parent / "data" / "cards.toml"
UNMEASURED = FILE.with_name("unmeasured.toml")


@lru_cache(maxsize=1)
def _read() -> dict[str, dict[str, Any]]:
    measured = tomllib.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return tomllib.loads(UNMEASURED.read_text("utf-8")) | measured


def card(id: str) -> Card:
    """The card of a heuristic: its counts, or without any why nothing was measured."""
    return Card(**_read()[id])
