"""Drafting: the stages and the papers, made beside the asking, so that neither waits for the other.

While it lasts, its thread is the journal's only writer but for notes of what is being asked: what comes in lies on
the disk, and is acknowledged when it is over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Drafting:
    """One piece of work at a time. `ended` and `took` are of the last one, by the monotonic clock; 0 for none."""

    work: Callable[[], None]
    ended: float = 0.0
    took: float = 0.0
    _thread: threading.Thread | None = None
    _failed: BaseException | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def under_way(self) -> bool:
        return self._thread is not None and not self._over.is_set()

    def start(self) -> None:
        assert not self.under_way
        self._over.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Wait for what is under way. Raises what it raised."""
        if self._thread is None:
            return
        self._thread.join()
        self._thread = None
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed

    def _run(self) -> None:
        began = time.monotonic()
        try:
            self.work()
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for it
            self._failed = error
        finally:
            self.ended = time.monotonic()
            self.took = self.ended - began
            self._over.set()
