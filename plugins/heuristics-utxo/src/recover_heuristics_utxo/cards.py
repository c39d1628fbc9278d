"""Measured error rates: counts that `benchmarks/accuracy_utxo.py` wrote, never changed by hand; or why none."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from recover.sdk import Card

FILE = Path(__file__).parent / "data" / "cards.toml"
UNMEASURED = FILE.with_name("unmeasured.toml")


@lru_cache(maxsize=1)
def _read() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(UNMEASURED.read_text("utf-8")) | tomllib.loads(FILE.read_text("utf-8"))


def card(id: str) -> Card:
    """The card of a heuristic: its counts, or without any why nothing was measured."""
    return Card.of(_read()[id])
