"""The seven verbs, one file each, and `verify` beside them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]
"""(stage, done, total); a total of 0 is unknown."""


def since(began: int) -> int:
    """Whole milliseconds since a reading of `time.monotonic_ns`."""
    return (time.monotonic_ns() - began) // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a stage did. `done` is False when its inputs were unchanged and it was skipped."""

    stage: str
    done: bool
    counts: tuple[tuple[str, int], ...]
    gaps: int
    ms: int
