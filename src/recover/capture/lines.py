"""Line protocols over TCP or TLS: one line out, one line back, on one kept connection for each server."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

# How long to wait for the server's next bytes.
SECONDS = 120


@dataclass(slots=True)
class Lines:
    """Connections by server. `limit` bounds an answer's length in bytes."""

    limit: int
    _open: dict[tuple[str, str, int], socket.socket] = field(default_factory=dict, repr=False)

    def exchange(self, url: str, line: bytes) -> bytes:
        """The answer without its line end. Raises OSError (also for an answer that is cut off or too long)."""
        place = _place(url)
        try:
            server = self._open.get(place) or self._connect(place)
            server.sendall(line + b"\n")
            return self._line(server)
        except OSError:
            self._drop(place)  # what is left of an answer must not be read as the next one
            raise

    def close(self) -> None:
        for place in list(self._open):
            self._drop(place)

    def _connect(self, place: tuple[str, str, int]) -> socket.socket:
        scheme, host, port = place
        plain = socket.create_connection((host, port), timeout=SECONDS)
        if scheme == "ssl":
            plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        self._open[place] = plain
        return plain

    def _drop(self, place: tuple[str, str, int]) -> None:
        server = self._open.pop(place, None)
        if server is not None:
            server.close()

    def _line(self, server: socket.socket) -> bytes:
        found = bytearray()
        while not found.endswith(b"\n"):
            piece = server.recv(1 << 16)
            if not piece:
                raise ConnectionError("the server closed the connection before the end of its answer")
            found += piece
            # A server that never ends its line must not fill the memory.
            if len(found) > self.limit:
                raise ConnectionError(f"the answer is longer than {self.limit} bytes")
        return bytes(found[:-1])


def _place(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise ConnectionError(f"{url} names no port: {error}") from error
    if not parts.hostname or port is None:
        raise ConnectionError(f"{url} names no host and port")
    return parts.scheme, parts.hostname, port
