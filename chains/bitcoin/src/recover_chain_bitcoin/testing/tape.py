"""A recorder for tests: sends to a server on loopback, and keeps each exchange so that it can be played again."""

from __future__ import annotations

import http.client
import re
import socket
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from recover.sdk import Error, Exhibit, Request

CAPTURED = datetime(2026, 1, 1, tzinfo=UTC)
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9-]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One exchange as it went; the request still has its placeholders."""

    request: Request
    answer: bytes
    media: str
    status: int


@dataclass(slots=True, kw_only=True)
class Tape:
    """Asks at `endpoint`; `secrets` fill placeholders. Refuses to leave loopback.

    The moment of capture is fixed: what a source makes of an answer may not depend on the clock.
    """

    endpoint: str
    source: str = ""
    secrets: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    kept: list[Exhibit] = field(default_factory=list)

    def stored(self, request: Request) -> Exhibit | None:
        return None

    def capture(self, request: Request) -> Exhibit:
        """Raises Error when no answer came or when it says that it failed, as the live recorder does."""
        try:
            taken = self._exchange(request)
        except (OSError, http.client.HTTPException) as error:
            raise _silent(request, f"{type(error).__name__}: {error}") from error
        self.taken.append(taken)
        if taken.status >= 400:
            raise _silent(request, f"HTTP {taken.status}")
        found = Exhibit(
            digest=sha256(taken.answer).hexdigest(),
            name=request.url,
            media=taken.media,
            captured=CAPTURED,
            sources=(self.source,) if self.source else (),
            data=taken.answer,
            number=len(self.taken),
            asked=request,
        )
        self.kept.append(found)
        return found

    def _exchange(self, request: Request) -> Taken:
        parts = urlsplit(self._fill(request.url))
        if parts.hostname != "127.0.0.1" or parts.port is None:
            raise ConnectionError(f"{parts.hostname} is not loopback")
        if parts.scheme == "tcp":
            answer = _line(parts.port, request.body)
            return Taken(request=request, answer=answer, media="application/json", status=200)
        headers = {name: self._fill(value) for name, value in request.headers}
        if parts.username is not None:
            token = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = f"Basic {b64encode(token.encode()).decode()}"
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(request.method, path or "/", request.body or None, headers)
            got = connection.getresponse()
            data = got.read()
        finally:
            connection.close()
        media = got.headers.get("content-type", "application/octet-stream")
        return Taken(request=request, answer=data, media=media, status=got.status)

    def _fill(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: self.secrets[match[1]], text)


def _line(port: int, body: bytes) -> bytes:
    """One line there and back. A connection each: nothing of one answer can reach the next."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as server,
        server.makefile("rwb") as lines,
    ):
        lines.write(body + b"\n")
        lines.flush()
        answer = lines.readline()
    if not answer.endswith(b"\n"):
        raise ConnectionError("the server closed the connection before the end of its answer")
    return answer[:-1]


def _silent(request: Request, why: str) -> Error:
    return Error(
        "no-answer",
        f"No answer to {request.method} {request.url}.",
        why,
        "Read the log of the server.",
    )
