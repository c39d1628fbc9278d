"""The live recorder: paced, bounded, retried, stored before use."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from recover.capture import echoes, secrets
from recover.capture.deadline import Deadline
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

WHOLE = 900
"""How long an answer may take from first to last: a server that sends a byte a second must come to an end."""


@dataclass(slots=True)
class Live:
    """Sends requests for one source and stores each answer in the case.

    `endpoint` is where the source is to ask; requests to any other host are refused, since it is the answer of a
    server that names it. `fills` are the placeholders that may be filled in (None: all), `keys` the user's own.
    `budget` bounds requests, `pause_ms` is the least time between two, `tries` how often one is tried, `seconds`
    how long one answer may take. `transport` lets a test serve on loopback; nothing else opens a connection.
    """

    case: Case
    source: str
    file: str
    budget: int
    endpoint: str = ""
    proxy: str = ""
    fills: frozenset[str] | None = None
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    pause_ms: int = 100
    tries: int = 4
    seconds: float = WHOLE
    sleep: Callable[[float], None] = time.sleep
    transport: httpx.BaseTransport | None = None
    sent: int = 0
    _client: httpx.Client | None = field(default=None, repr=False)
    _kept: list[Any] = field(default_factory=list, repr=False)
    _lines: Lines | None = field(default=None, repr=False)

    def capture(self, request: Request) -> Exhibit:
        """Raises Error when the budget is spent, no answer came, or the answer says that it failed."""
        self._meant(request)
        values = secrets.values(secrets.names(request), self.keys)
        why = ""
        for attempt in range(self.tries):
            # Each attempt counts, also one that fails: the budget bounds what the server is asked, not what it
            # answers.
            self._spend()
            # The pause doubles with each attempt, so that a server which limits its callers is left in peace.
            self.sleep((self.pause_ms << attempt) / 1000)
            try:
                answer = self._send(request, values)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                why = secrets.clean(f"{type(error).__name__}: {error}", values.values())
                continue
            # A refusal is stored too: that a server said "no such transaction" on a day is itself evidence.
            exhibit = self._store(request, answer, values)
            if 200 <= answer.status < 300:
                return exhibit
            why = f"HTTP {answer.status} (stored as exhibit {exhibit.number})"
            if 300 <= answer.status < 400:
                why += ": it sends elsewhere, and what stands elsewhere was not asked for"
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

    def _meant(self, request: Request) -> None:
        """Raises Error for another host than the user's, or for a key that is not this source's."""
        if self.endpoint and urlsplit(request.url)[:2] != urlsplit(self.endpoint)[:2]:
            raise Error(
                "other-host",
                f"{self.source} wanted to ask another server than the one it may ask.",
                f"It may ask {urlsplit(self.endpoint).hostname}, and wanted {urlsplit(request.url).hostname}: an "
                "answer may have named it.",
                "Nothing was sent. Report it to the source's author.",
            )
        strange = [name for name in secrets.names(request) if self.fills is not None and name not in self.fills]
        if strange:
            raise Error(
                "other-key",
                f"{self.source} wanted to send a key that is not its own: {', '.join(strange)}.",
                "An answer of a server may have named it.",
                "Nothing was sent. Report it to the source's author.",
            )

    def _spend(self) -> None:
        if self.sent >= self.budget:
            raise Error(
                "budget-spent",
                f"The budget of {self.budget} requests is spent.",
                "`requests` below [limits] in your own recover.toml bounds what one round may ask.",
                "Raise it, or run again: the next run goes on where this one stopped.",
            )
        self.sent += 1

    def _send(self, request: Request, values: Mapping[str, str]) -> warc.Answer:
        url = secrets.fill_url(request.url, values)
        if warc.is_line(request):
            self._lines = self._lines or Lines(limit=LARGEST, seconds=self.seconds)
            return warc.Answer(status=200, reason="", headers=(), body=self._lines.exchange(url, request.body))
        headers = [(name, secrets.fill(value, values)) for name, value in request.headers]
        headers.append(("Accept-Encoding", "identity"))  # so that the stored body is the bytes received
        with (
            Deadline(self.seconds, self._kept) as deadline,
            self._http().stream(
                request.method, url, headers=headers, content=request.body, extensions={"trace": deadline.trace}
            ) as got,
        ):
            packed = got.headers.get("content-encoding", "identity").strip().lower()
            if packed not in ("", "identity"):  # in packed bytes no key can be looked for
                raise httpx.DecodingError("the answer is packed, and was asked for as it is")
            body = bytearray()
            # Raw: httpx would otherwise unpack the body, and the stored bytes would not be those received.
            for chunk in got.iter_raw():
                body += chunk
                if len(body) > LARGEST:
                    raise httpx.DecodingError(f"the answer is longer than {LARGEST} bytes")
                deadline.check()
            deadline.check()
            if values and echoes.packed(bytes(body[:16])):
                raise httpx.DecodingError("the answer is packed, and does not say so: no key can be found in it")
            return warc.Answer(
                status=got.status_code,
                reason=got.reason_phrase,
                headers=tuple(got.headers.multi_items()),
                body=bytes(body),
            )

    def _http(self) -> httpx.Client:
        if self._client is None:
            patience = httpx.Timeout(30, read=min(SECONDS, self.seconds))
            self._client = httpx.Client(
                transport=self.transport,
                proxy=self.proxy or None,
                timeout=patience,
                follow_redirects=False,  # it would take the request, and a key, to a host that nobody allowed
                trust_env=False,  # a proxy that stands only in the environment would see everything, unrecorded
            )
        return self._client

    def _store(self, request: Request, answer: warc.Answer, values: Mapping[str, str]) -> Exhibit:
        assert self.case.now is not None
        # Before anything reaches the disk.
        body, redacted = secrets.mask(answer.body, values.values())
        headers = tuple((secrets.clean(k, values.values()), _plain(v, values)) for k, v in answer.headers)
        kept = warc.Answer(status=answer.status, reason=_plain(answer.reason, values), headers=headers, body=body)
        struck = bool(redacted) or (headers, kept.reason) != (answer.headers, answer.reason)
        packed = warc.of_exchange(request, kept, self.case.now())
        media = next((v for k, v in kept.headers if k.lower() == "content-type"), "application/octet-stream")
        if warc.is_line(request):
            media = warc.LINE
        good = 200 <= answer.status < 300
        stored = self.case.store(
            packed,
            self.file,
            {
                "digest": warc.sha256(body),
                "name": request.url,
                "media": media[:200],
                "size": len(body),
                "method": f"{request.method} {answer.status}" + (", redacted" if struck else ""),
                "sources": [self.source] if good else [],
                "request": warc.key(request),
                **({"redacted": [list(one) for one in redacted]} if struck else {}),
            },
        )
        # What was stored, and not what was received: the source decodes the bytes that the court will have.
        return self.case.read(stored)


def _plain(text: str, values: Mapping[str, str]) -> str:
    """A header's value on one line and without a key."""
    return "".join(c if c >= " " or c == "\t" else "?" for c in secrets.clean(text, values.values()))
