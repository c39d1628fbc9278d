"""A recorder for tests on loopback: it asks at once, keeps what came, and gives it again. It stores nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from recover.sdk import SCHEMAS, Error, Exhibit, Request, Source
from recover_chain_tron.testing.server import Double, serving


@dataclass(kw_only=True)
class Asking:
    """`budget` bounds how much may come; placeholders are sent as they are, without their brackets."""

    endpoint: str
    kept: list[Exhibit] = field(default_factory=list)
    budget: int = 1_000

    def capture(self, request: Request) -> Exhibit:
        """Raises Error for a status other than 2xx, for no answer and for half of one."""
        if len(self.kept) >= self.budget:
            raise Error("budget-spent", "The budget is spent.", "It bounds what is asked.", "Run again.")
        place = urlsplit(request.url)
        path = f"{place.path}?{place.query}" if place.query else place.path
        headers = {name: value.replace("{", "").replace("}", "") for name, value in request.headers}
        connection = HTTPConnection(str(place.hostname), place.port, timeout=10)
        try:
            connection.request(request.method, path, request.body or None, headers)
            got = connection.getresponse()
            body = got.read()
        except (HTTPException, OSError) as error:
            raise Error("no-answer", "There was no answer.", repr(error), "Ask again.") from None
        finally:
            connection.close()
        found = Exhibit(
            digest=sha256(body).hexdigest(),
            name=request.url,
            media="application/json",
            captured=datetime(2026, 1, 1, tzinfo=UTC),
            sources=(),
            data=body,
            asked=request,
        )
        if got.status >= 300:
            raise Error("no-answer", "The server refused.", f"HTTP {got.status}", "Ask again.")
        self.kept.append(found)
        return found

    def stored(self, request: Request) -> Exhibit | None:
        return next((each for each in reversed(self.kept) if each.asked == request), None)


@contextmanager
def asking(double: Double, **more: Any) -> Iterator[Asking]:
    """A recorder for a double that serves meanwhile."""
    with serving(double) as where:
        yield Asking(endpoint=where, **more)


def tables(source: Source, found: Iterable[Exhibit]) -> dict[str, list[dict[str, Any]]]:
    """The rows that exhibits come to, together."""
    made: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    for each in found:
        for batch in source.decode(each):
            for name, table in batch.tables().items():
                made.setdefault(name, []).extend(table.to_pylist())
    return made
