"""Drafting: the stages and the papers, made beside the asking, so that neither waits for the other.

While it lasts, its thread is the journal's only writer but for notes of what is being asked: what comes in lies on
the disk, and is acknowledged when it is over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_YIELD = 5.0
"""Seconds for which papers stand back at most: what is asked next goes first, and never stops them."""


class Overdue(Exception):
    """The time that all of it may take is over: what was begun is left as a loss of power would leave it."""


@dataclass(slots=True)
class Drafting:
    """One piece of work after the other. `ended` and `took` are of the last papers, by the clock; 0 for none.

    `until` is the moment by which all has to be done.
    """

    until: float = float("inf")
    ended: float = 0.0
    took: float = 0.0
    _one: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _works: list[tuple[Future[None], bool]] = field(default_factory=list)
    _calm: threading.Event = field(default_factory=threading.Event)
    _dropped: bool = False

    def __post_init__(self) -> None:
        self._calm.set()

    @property
    def papers(self) -> bool:
        """Whether papers are being made, or wait for it."""
        return any(counts and not work.done() for work, counts in self._works)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way at all."""
        return all(work.done() for work, _ in self._works)

    def start(self, work: Callable[[], None], *, counts: bool = True) -> None:
        """Begin, once what was begun before is over; `counts`: papers are made. Raises what that raised."""
        self.mind()
        self._works.append((self._one.submit(self._run, work, counts), counts))

    def mind(self) -> None:
        """Raises what was raised by what is over, but that its time was."""
        over = [work for work, _ in self._works if work.done()]
        self._works = [one for one in self._works if one[0] not in over]
        for work in over:
            with suppress(Overdue):
                work.result()

    def finish(self) -> None:
        """Wait for what is under way. Raises what it raised, but that its time was over."""
        self._calm.set()
        works, self._works = self._works, []
        for work, _ in works:
            with suppress(Overdue):
                work.result()

    @contextmanager
    def behind(self) -> Iterator[None]:
        """While this lasts, what is under way stands back: one interpreter runs both."""
        self._calm.clear()
        try:
            yield
        finally:
            self._calm.set()

    def drop(self) -> None:
        """Nobody waits for what is under way any more: it ends where it may be kept waiting next."""
        self._dropped = True
        self._calm.set()

    def turn(self, *_: object) -> None:
        """Called by what is under way, as often as it may be kept waiting. Raises KeyboardInterrupt to end it, and
        Overdue where its time is over."""
        self._calm.wait(_YIELD)
        if self._dropped:
            raise KeyboardInterrupt
        if time.monotonic() >= self.until:
            raise Overdue

    def _run(self, work: Callable[[], None], counts: bool) -> None:
        began = time.monotonic()
        work()
        if counts:
            self.ended = time.monotonic()
            self.took = self.ended - began
