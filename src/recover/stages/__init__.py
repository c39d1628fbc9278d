"""The stages: one file for each verb of the flow, `run` for all of them, `verify` with `rebuild` to check them.

Each stage notes the digests of what it reads, and is skipped while these are unchanged.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from recover.case.derived import Progress

__all__ = ["Outcome", "Progress", "since"]


def since(began: int) -> int:
    """Whole milliseconds since a reading of `time.monotonic_ns`."""
    return (time.monotonic_ns() - began) // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a stage did. `done` is False when its inputs were unchanged and it was skipped.

    `gaps` counts what was not examined, `moving` those of them that can change a figure: all, where it is None.
    """

    stage: str
    done: bool
    counts: tuple[tuple[str, int], ...]
    gaps: int
    ms: int
    moving: int | None = None
