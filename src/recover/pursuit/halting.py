"""Halting: the first Ctrl-C is answered at once, and stops the asking at a point where nothing is half done.

An exception in the middle of an entry of the journal would leave a file that is not what its writer knows. So the
first one only raises a flag, which the loop looks at; the second one ends the program, as a loss of power would.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any

import pyarrow as pa

_SAID = b"\nStopping: what comes at once is taken in, then papers are drafted. Ctrl-C again ends it now.\n"


class Halting:
    """A context in which the first Ctrl-C sets `asked` and the second `twice`. In another thread than the main
    one it does nothing."""

    def __init__(self) -> None:
        self.asked = False
        self.twice = False
        self._before: Any = None

    def __enter__(self) -> Halting:
        if threading.current_thread() is threading.main_thread():
            # Arrow would give up the file that it reads at that moment, and its exhibit would count as unreadable.
            pa.enable_signal_handlers(False)
            self._before = signal.signal(signal.SIGINT, self._pressed)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            pa.enable_signal_handlers(True)

    def _pressed(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            self.twice = True
            raise KeyboardInterrupt
        self.asked = True
        os.write(2, _SAID)  # past all buffers: what was interrupted may hold their locks

    def wait(self, seconds: float) -> None:
        """Wait, in parts in which somebody may end it."""
        ends = time.monotonic() + seconds
        while not self.asked and (left := ends - time.monotonic()) > 0:
            time.sleep(min(0.2, left))
