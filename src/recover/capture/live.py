"""The live recorder: paced, bounded, retried, stored before use."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from recover.capture import secrets
from recover.capture.lines import Lines
from recover.capture.replay import latest
from recover.case import Case, warc
from recover.sdk.errors import Error
from recover.sdk.values import Exhibit, Request

# HTTP statuses that say "not now". Any other refusal would be given again, and would only cost budget.
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
LARGEST = 256 * 2**20
SECONDS = 300
"""How long an answer may take to begin, or to go on: a node that scans all its outputs thinks for minutes."""


@dataclass(slots=True)
class Live:
    """Sends requests for one source and stores each answer in the case.

    `endpoint` is where the source is to ask. `budget` bounds requests, `pause_ms` is the least time between two,
    `tries` how often one is tried. `transport` lets a test serve on loopback; nothing else opens a connection.
    """

    case: Case
    source: str
    file: str
    budget: int
    endpoint: str = ""
    pause_ms: int = 100
    tries: int = 4
    sleep: Callable[[float], None] = time.sleep
    transport: httpx.BaseTransport | None = None
    sent: int = 0
    _client: httpx.Client | None = field(default=None, repr=False)
    _lines: Lines | None = field(default=None, repr=False)

    def capture(self, request: Request) -> Exhibit:
        """Raises Error when the budget is spent, no answer came, or the answer says that it failed."""
        values = secrets.values(secrets.names(request))
        why = ""
        for attempt in range(self.tries):
            # Each attempt counts, also one that fails: the budget bounds what the server is asked, not what it
            # answers.
            self._spend()
            # The pause doubles with each attempt, so that a server which limits its callers is left in peace.
            self.sleep((self.pause_ms << attempt) / 1000)
            try:
                answer = self._send(request, values)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                why = f"{type(error).__name__}: {error}"
                continue
            # A refusal is stored too: that a server said "no such transaction" on a day is itself evidence.
            exhibit = self._store(request, answer, values)
            if answer.status < 400:
                return exhibit
            why = f"HTTP {answer.status} {answer.reason} (stored as exhibit {exhibit.number})"
            if answer.status not in RETRIED:
                break
        raise Error(
            "no-answer",
            f"{self.source} gave no answer to {request.method} {request.url}.",
            why or "Nothing was sent.",
            "Run again later; what was answered before is kept, and what is missing is listed as a gap.",
        )

    def stored(self, request: Request) -> Exhibit | None:
        return latest(self.case, request)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
        if self._lines is not None:
            self._lines.close()

    def _spend(self) -> None:
        if self.sent >= self.budget:
            raise Error(
                "budget-spent",
                f"The budget of {self.budget} requests is spent.",
                "`collect.requests` in case.toml bounds what one run may ask.",
                "Raise it, or run again: the next run goes on where this one stopped.",
            )
        self.sent += 1

    def _send(self, request: Request, values: dict[str, str]) -> warc.Answer:
        url = secrets.fill_url(request.url, values)
        if warc.is_line(request):
            self._lines = self._lines or Lines(limit=LARGEST)
            return warc.Answer(status=200, reason="", headers=(), body=self._lines.exchange(url, request.body))
        if self._client is None:
            patience = httpx.Timeout(30, read=SECONDS)
            # A redirect would send the request, and with it a key, to a host that the case does not allow.
            self._client = httpx.Client(transport=self.transport, timeout=patience, follow_redirects=False)
        headers = [(name, secrets.fill(value, values)) for name, value in request.headers]
        headers.append(("Accept-Encoding", "identity"))  # so that the stored body is the bytes received
        with self._client.stream(request.method, url, headers=headers, content=request.body) as got:
            body = bytearray()
            # Raw: httpx would otherwise unpack the body, and the stored bytes would not be those received.
            for chunk in got.iter_raw():
                body += chunk
                if len(body) > LARGEST:
                    raise httpx.DecodingError(f"the answer is longer than {LARGEST} bytes")
            return warc.Answer(
                status=got.status_code,
                reason=got.reason_phrase,
                headers=tuple(got.headers.multi_items()),
                body=bytes(body),
            )

    def _store(self, request: Request, answer: warc.Answer, values: dict[str, str]) -> Exhibit:
        # Before anything reaches the disk.
        secrets.refuse(answer.body, values.values())
        assert self.case.now is not None
        packed = warc.of_exchange(request, answer, self.case.now())
        media = next((v for k, v in answer.headers if k.lower() == "content-type"), "application/octet-stream")
        if warc.is_line(request):
            media = warc.LINE
        stored = self.case.store(
            packed,
            self.file,
            {
                "digest": warc.sha256(answer.body),
                "name": request.url,
                "media": media,
                "size": len(answer.body),
                "method": f"{request.method} {answer.status}",
                # No source reads an answer that says it failed.
                "sources": [self.source] if answer.status < 400 else [],
                "request": warc.key(request),
            },
        )
        # What was stored, and not what was received: the source decodes the bytes that the court will have.
        return self.case.read(stored)
