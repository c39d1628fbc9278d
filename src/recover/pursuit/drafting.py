"""Drafting: the stages and the papers, made beside the asking, so that neither waits for the other.

While it lasts, its thread is the journal's only writer but for notes of what is being asked: what comes in lies on
the disk, and is acknowledged when it is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field


@dataclass(slots=True)
class Drafting:
    """One piece of work at a time. `ended` and `took` are of the last papers, by the clock; 0 for none."""

    ended: float = 0.0
    took: float = 0.0
    _one: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _work: Future[None] | None = None

    @property
    def under_way(self) -> bool:
        return self._work is not None and not self._work.done()

    def start(self, work: Callable[[], None], *, counts: bool = True) -> None:
        """Begin, once what was begun before is over; `counts`: papers are made."""
        self.finish()
        self._work = self._one.submit(self._run, work, counts)

    def finish(self) -> None:
        """Wait for what is under way. Raises what it raised."""
        work, self._work = self._work, None
        if work is not None:
            work.result()

    def _run(self, work: Callable[[], None], counts: bool) -> None:
        began = time.monotonic()
        work()
        if counts:
            self.ended = time.monotonic()
            self.took = self.ended - began
