"""A bound on the whole time of one HTTP exchange: however slowly a server sends, its connection is ended then."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

import httpx


class Deadline:
    """Within `with`, the connection that `trace` saw is shut when the time is up, so that a read that waits
    returns.

    httpx bounds each read alone; `trace` is its extension through which it tells what it does. `kept` holds the
    last connection made, which the next exchange may use again.
    """

    def __init__(self, seconds: float, kept: list[Any]) -> None:
        self.seconds = seconds
        self.kept = kept
        self._ends = time.monotonic() + seconds
        self._over = False
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._over and isinstance(error, Exception):
            raise self._late() from error

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Keep hold of the connection as it is made, plain or under TLS."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.kept[:] = [info["return_value"]]

    def check(self) -> None:
        """Raises httpx.ReadTimeout when the time is up."""
        if self._over or time.monotonic() > self._ends:
            raise self._late()

    def _late(self) -> httpx.ReadTimeout:
        return httpx.ReadTimeout(f"the answer was not whole after {self.seconds:.0f} seconds")

    def _shut(self) -> None:
        self._over = True
        shut(self.kept)


def shut(kept: Iterable[Any]) -> None:
    """Shut connections, so that a read that waits for them returns."""
    for stream in list(kept):
        found = stream.get_extra_info("socket")
        if isinstance(found, socket.socket):
            with contextlib.suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)
