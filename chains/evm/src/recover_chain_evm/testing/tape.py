"""A recorder for tests that asks a server on loopback and remembers every exchange, so that it can be kept."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlsplit

from recover.sdk import Error, Exhibit, Request

CAPTURED = datetime(2026, 1, 1, tzinfo=UTC)
_SECONDS = 60


@dataclass(slots=True)
class Tape:
    """Captures live, from `endpoint`. `exchanges` are (request, status, body), in order; `budget` bounds them.

    `secrets` fills placeholders on the way out, as the live recorder does from the environment.
    """

    endpoint: str
    source: str = ""
    budget: int = 10_000
    secrets: dict[str, str] = field(default_factory=dict)
    exchanges: list[tuple[Request, int, bytes]] = field(default_factory=list)

    def stored(self, request: Request) -> Exhibit | None:
        return None

    def capture(self, request: Request) -> Exhibit:
        """Raises Error when nothing came, when it was refused by its status, and when the budget is spent."""
        if len(self.exchanges) >= self.budget:
            raise Error("budget-spent", "The budget is spent.", f"It was {self.budget} requests.", "Raise it.")
        status, body = self._send(request)
        self.exchanges.append((request, status, body))
        if status >= 400:
            raise Error("no-answer", f"No answer to {request.url}.", f"HTTP {status}", "Run again later.")
        return Exhibit(
            digest=sha256(body).hexdigest(),
            name=request.url,
            media="application/json",
            captured=CAPTURED,
            sources=(self.source,) if self.source else (),
            data=body,
            number=len(self.exchanges),
            asked=request,
        )

    def _send(self, request: Request) -> tuple[int, bytes]:
        url = self._filled(request.url)
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {name: self._filled(value) for name, value in request.headers}
        try:
            connection.request(request.method, path, request.body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Error("no-answer", f"No answer to {request.url}.", str(error), "Run again later.") from error
        finally:
            connection.close()

    def _filled(self, text: str) -> str:
        for name, value in self.secrets.items():
            text = text.replace(f"{{{name}}}", value)
        return text
