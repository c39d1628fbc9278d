"""One thread's connections: kept open from request to request, each exchange bounded as a whole."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from recover.capture import echoes, secrets
from recover.capture.deadline import Deadline, shut
from recover.capture.lines import Lines
from recover.case import warc
from recover.sdk.values import Request

LARGEST = 256 * 2**20
WHOLE = 120
"""Seconds that an answer may take from first to last, both attempts together where the first one hangs: a server
that says nothing, or a byte a second, must come to an end. A source that asks for long work (a node that scans all
its outputs) says so itself."""


@cache
def trusted() -> ssl.SSLContext:
    """The certificates that connections are checked against, read once."""
    return httpx.create_ssl_context(trust_env=False)


@dataclass(slots=True)
class Wire:
    """Connections by proxy. Of one thread: a deadline ends the connection that its own exchange uses."""

    transport: httpx.BaseTransport | None = None
    _clients: dict[str, httpx.Client] = field(default_factory=dict, repr=False)
    _kept: dict[str, list[Any]] = field(default_factory=dict, repr=False)
    _lines: Lines | None = field(default=None, repr=False)
    _cut: bool = False

    def send(
        self, request: Request, values: Mapping[str, str], *, proxy: str, seconds: float, largest: int = LARGEST
    ) -> warc.Answer:
        """The answer as received. Raises httpx.HTTPError, httpx.InvalidURL, OSError or ValueError for none."""
        began = time.monotonic()
        try:
            return self._send(request, values, proxy, seconds, largest)
        except (httpx.HTTPError, OSError, ValueError) as error:
            if not self._cut:
                raise
            waited = f"no whole answer came in {time.monotonic() - began:.0f} seconds, and the run was ended"
            raise httpx.ReadTimeout(waited) from error

    def _send(
        self, request: Request, values: Mapping[str, str], proxy: str, seconds: float, largest: int
    ) -> warc.Answer:
        url = secrets.fill_url(request.url, values)
        if warc.is_line(request):
            self._lines = self._lines or Lines(limit=largest)
            self._lines.seconds = seconds
            return warc.Answer(status=200, reason="", headers=(), body=self._lines.exchange(url, request.body))
        headers = [(name, secrets.fill(value, values)) for name, value in request.headers]
        headers.append(("Accept-Encoding", "identity"))  # so that the stored body is the bytes received
        patience = httpx.Timeout(min(30, seconds), read=seconds)
        with (
            Deadline(seconds, self._kept.setdefault(proxy, [])) as deadline,
            self._http(proxy).stream(
                request.method,
                url,
                headers=headers,
                content=request.body,
                timeout=patience,
                extensions={"trace": self._trace(deadline)},
            ) as got,
        ):
            packed = got.headers.get("content-encoding", "identity").strip().lower()
            if packed not in ("", "identity"):  # in packed bytes no key can be looked for
                raise httpx.DecodingError("the answer is packed, and was asked for as it is")
            body = bytearray()
            # Raw: httpx would otherwise unpack the body, and the stored bytes would not be those received.
            for chunk in got.iter_raw():
                body += chunk
                if len(body) > largest:
                    raise httpx.DecodingError(f"the answer is longer than {largest} bytes")
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

    def cut(self) -> None:
        """End what is under way, from another thread: nobody waits for its answer any more."""
        self._cut = True
        for kept in list(self._kept.values()):
            shut(kept)
        if self._lines is not None:
            self._lines.cut()

    def _trace(self, deadline: Deadline) -> Callable[[str, Mapping[str, Any]], None]:
        def trace(event: str, info: Mapping[str, Any]) -> None:
            deadline.trace(event, info)
            if self._cut:  # while the connection was being made: nothing is sent on it
                raise httpx.ConnectTimeout("the run was ended")

        return trace

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        if self._lines is not None:
            self._lines.close()

    def _http(self, proxy: str) -> httpx.Client:
        if proxy not in self._clients:
            self._clients[proxy] = httpx.Client(
                transport=self.transport,
                proxy=proxy or None,
                verify=trusted(),
                # One at a time: the deadline ends the last connection made, which must be the one in use.
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=30),
                follow_redirects=False,  # it would take the request, and a key, to a host that nobody allowed
                trust_env=False,  # a proxy that stands only in the environment would see everything, unrecorded
            )
        return self._clients[proxy]
