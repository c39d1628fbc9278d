"""Line protocols over TCP or TLS: one line out, one line back, on one kept connection for each server."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

# How long to wait for the server's next bytes.
SECONDS = 120


@dataclass(slots=True)
class Lines:
    """Connections by server. `limit` bounds an answer's length in bytes, `seconds` the time that it may take."""

    limit: int
    seconds: float = SECONDS
    _open: dict[tuple[str, str, int], socket.socket] = field(default_factory=dict, repr=False)

    def exchange(self, url: str, line: bytes) -> bytes:
        """The answer without its line end. Raises OSError (also for an answer cut off, too long or too late)."""
        place = _place(url)
        ends = time.monotonic() + self.seconds
        try:
            server = self._open.get(place) or self._connect(place)
            server.settimeout(min(SECONDS, self.seconds))
            server.sendall(line + b"\n")
            return self._line(server, ends)
        except OSError:
            self._drop(place)  # what is left of an answer must not be read as the next one
            raise

    def cut(self) -> None:
        """End what is under way, from another thread."""
        for server in list(self._open.values()):
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for place in list(self._open):
            self._drop(place)

    def _connect(self, place: tuple[str, str, int]) -> socket.socket:
        scheme, host, port = place
        plain = socket.create_connection((host, port), timeout=min(SECONDS, self.seconds))
        if scheme == "ssl":
            plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        self._open[place] = plain
        return plain

    def _drop(self, place: tuple[str, str, int]) -> None:
        server = self._open.pop(place, None)
        if server is not None:
            server.close()

    def _line(self, server: socket.socket, ends: float) -> bytes:
        found = bytearray()
        while not found.endswith(b"\n"):
            left = ends - time.monotonic()
            if left <= 0:
                raise ConnectionError(f"the answer was not whole after {self.seconds:.0f} seconds")
            server.settimeout(min(SECONDS, left))
            piece = server.recv(1 << 16)
            if not piece:
                raise ConnectionError("the server closed the connection before the end of its answer")
            found += piece
            # A server that never ends its line must not fill the memory.
            if len(found) > self.limit:
                raise ConnectionError(f"the answer is longer than {self.limit} bytes")
        return bytes(found[:-1])


def _place(url: str) -> tuple[str, str, int]:
    """Raises ConnectionError; its text does not repeat the URL, in which a password may stand by now."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConnectionError("the address names no port that can be one") from error
    if not parts.hostname or port is None:
        raise ConnectionError("the address names no host and port")
    return parts.scheme, parts.hostname, port
