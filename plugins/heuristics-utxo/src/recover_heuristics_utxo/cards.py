"""Measured error rates: counts that `benchmarks/accuracy_utxo.py` wrote, never changed by hand; or why none."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from recover.sdk import Card

FILE = Path(__file__).parent / "data" / "cards.toml"
UNMEASURED = FILE.with_name("unmeasured.toml")
BY = "benchmarks/accuracy_utxo.py"


@lru_cache(maxsize=1)
def _read() -> Mapping[str, Mapping[str, str | int]]:
    return tomllib.loads(UNMEASURED.read_text("utf-8")) | tomllib.loads(FILE.read_text("utf-8"))


def card(id: str) -> Card:
    """The card of a heuristic: its counts, or without any why nothing was measured."""
    row = _read()[id]
    counts = {name: int(row[name]) for name in ("n", "tp", "fp", "fn", "tn", "abstain") if name in row}
    said = {name: str(row[name]) for name in ("population", "truth", "measured", "chain") if name in row}
    return Card(**said, **counts, by=BY if counts else "")  # type: ignore[arg-type]


def text(rows: Mapping[str, Mapping[str, str | int | None]]) -> str:
    """The cards as the file holds them, in order of id; what was not measured is left out."""
    lines = ["# Written by benchmarks/accuracy_utxo.py --write. One table a heuristic; see recover.sdk.Card.", ""]
    for id in sorted(rows):
        lines.append(f"[{id}]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in rows[id].items() if value is not None]
        lines.append("")
    return "\n".join(lines)
