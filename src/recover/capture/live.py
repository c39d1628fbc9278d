"""The live recorder: paced, bounded, retried, stored before use."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

import httpx

from recover.capture import pace, secrets
from recover.capture.keyring import Keys, Own
from recover.capture.pace import Pace
from recover.capture.replay import latest
from recover.capture.shared import Shared
from recover.capture.spoilt import spoilt
from recover.capture.wire import LARGEST, WHOLE, Wire
from recover.case import Case, warc
from recover.case.received import Received
from recover.sdk.errors import Error
from recover.sdk.values import Exhibit, Request

# HTTP statuses that say "not now". Any other refusal would be given again, and would only cost budget.
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_LIMITS = (b"rate", b"frequency", b"too many", b"limit", b"suspend", b"exceed", b"quota", b"throttl")
"""Words by which a 401 or 403 says that it is about how often, and not about who."""

_FOR = re.compile(rb"\b(?:for|after|in) (\d{1,4}) ?s(?:ec(?:ond)?s?)?\b")
"""How an answer names the seconds for which it wants to be left alone, beside a header that says less."""

_HEAD = 2048
_QUICK = 3
"""So often the pause is as short as the header says: the words of a limit name the longest rest, and often less is
enough."""

_PATIENT = 12
"""How often one request is put again to a server that asks to be asked less, each time after a longer rest."""


@dataclass(slots=True)
class Live:
    """Sends the requests of one source for one ask and stores each answer in the case.

    `endpoint` is where the source is to ask; requests to any other host are refused, since it is the answer of
    a server that names it. `fills` are the placeholders that may be filled in (None: all), `optional` those
    without which the source answers too, `keys` the user's own. `budget` bounds requests, `pause_ms` is the
    least time between two, `patience` how long a rest of the host is waited for, `tries` how often one is tried,
    `seconds` how long all attempts at one answer may take together. `spend` is asked before each request is sent,
    and raises where no more may be. Where `inbox` is given, answers wait there for the journal under `order`; else
    each is acknowledged at once. `shared` are the answers of other asks of this run, and those of an attempt that
    was cut off.
    """

    case: Case
    source: str
    file: str
    budget: int
    endpoint: str = ""
    proxy: str = ""
    fills: frozenset[str] | None = None
    optional: frozenset[str] = frozenset()
    keys: Keys | Own = field(default_factory=dict, repr=False)
    pause_ms: int = 100
    patience: float = float("inf")
    tries: int = 4
    seconds: float = WHOLE
    sleep: Callable[[float], None] = time.sleep
    transport: httpx.BaseTransport | None = None
    spend: Callable[[], None] = lambda: None
    inbox: Received | None = None
    order: int = 0
    ask: str = ""
    shared: Shared | None = None
    pace: Pace | None = None
    wire: Wire | None = None
    sent: int = 0
    taken: int = 0
    lead: threading.Event | None = None
    broken: OSError | None = None
    """Why an answer could not be stored: no fault of the source's, though it is raised through it."""

    paused: bool = False
    goes_on: bool = False
    """Whether what stopped it may be over by another time: then the next attempt begins where this one ended."""

    fault: str = ""
    """Why the last request got no answer, where its source goes on with another; empty once one is answered."""

    last: str = ""
    """The request that was answered last, as exhibits name it."""

    _put: set[str] = field(default_factory=set, repr=False)
    _answer: Exhibit | None = field(default=None, repr=False)
    _asked: bool = False

    def __post_init__(self) -> None:
        self.keys = self.keys if isinstance(self.keys, Keys) else Keys(self.keys)
        self.wire = self.wire or Wire(self.transport)

    def capture(self, request: Request) -> Exhibit:
        """Raises Error when the budget is spent, no answer came, or the answer says that it failed."""
        request = self._meant(request)
        if self._asked and self.lead is not None:
            self.lead.set()
        self._asked = True
        self.last, self._answer = warc.key(request), None
        self._answer = self._once(request)
        return self._answer

    def _once(self, request: Request) -> Exhibit:
        # What one ask puts twice it means to ask twice: the newest block may be another by then.
        if self.shared is None or self.last in self._put:
            return self._fresh(request)
        self._put.add(self.last)
        return self.shared.once((self.source, self.last), self.ask, lambda: self._fresh(request), self._again)

    def stored(self, request: Request) -> Exhibit | None:
        return latest(self.case, request)

    def limited(self, why: str) -> str:
        """Its server said with the status 200 that it is asked too often; the request that is to be put again."""
        self.goes_on = True
        if self.pace is not None:
            self.pace.refused(why, 0.0, self.pace.clock(), limit=True)
        if self.shared is not None:
            self.shared.drop((self.source, self.last))
        return self.last

    def spoilt(self) -> tuple[str, str]:
        """Why the last answer is none at all, though its status is 200, and the request that is to be put again;
        both empty where it is one."""
        why = spoilt(self._answer.data) if self._answer is not None else ""
        if self._answer is None or not why:
            return "", ""
        self.goes_on = True
        self._refused(why, pace.later(0, self.pause_ms), self.pace.clock() if self.pace is not None else 0.0)
        if self.shared is not None:
            self.shared.drop((self.source, self.last))
        return f"{self.source} got no answer to {self._answer.name}. {why}", self.last

    def close(self) -> None:
        if self.wire is not None:
            self.wire.close()

    def _again(self) -> None:
        self.taken += 1

    def _fresh(self, request: Request) -> Exhibit:
        assert isinstance(self.keys, Keys)
        names = secrets.names(request)
        why, failed, limited = "", 0, 0
        left_over = (
            self.seconds
        )  # of all attempts together: a server that says nothing is not waited for four times
        while failed < self.tries and limited < _PATIENT and (left_over > 0 or not (failed or limited)):
            values = self.keys.values(names)
            # Each attempt counts, also one that fails: the budget bounds what the server is asked, not what it
            # answers.
            try:
                self._spend()
                self._wait(failed)
            except Error as error:
                if not (why or self.fault) or error.code != "stopped":
                    raise
                why = why or self.fault
                break  # what the server did says more than that the time is over
            left = self.pace.enter() if self.pace is not None else 0.0
            began = time.monotonic()
            try:
                answer = self._send(request, values, min(left_over, self.seconds / 2))
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                why = secrets.clean(f"{type(error).__name__}: {error}", self.keys.every(names))
                self.goes_on = True
                there = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL))
                self._refused(why, pace.later(failed, self.pause_ms), left, reached=there)
                failed += 1
                continue
            finally:
                left_over -= time.monotonic() - began
                if self.pace is not None:
                    self.pace.leave(left)
            # A refusal is stored too: that a server said "no such transaction" on a day is itself evidence.
            exhibit = self._store(request, answer, names)
            if 200 <= answer.status < 300:
                self.goes_on, self.fault = False, ""
                if self.pace is not None:
                    self.pace.answered()
                return exhibit
            why = f"HTTP {answer.status} (stored{f' as exhibit {exhibit.number}' if exhibit.number else ''})"
            if 300 <= answer.status < 400:
                why += ": it sends elsewhere, and what stands elsewhere was not asked for"
            often, wait = _too_often(answer, insists=limited >= _QUICK)
            self.goes_on = often or answer.status in RETRIED
            if not self.goes_on:
                break
            if not (often and values and self.keys.spent(values, wait)):  # another key has its own allowance
                self._refused(why, wait or pace.later(failed + limited, self.pause_ms), left, limit=often)
            limited += often and self.pace is not None
            failed += not often or self.pace is None
        self.fault = why
        raise Error(
            "no-answer",
            f"{self.source} gave no answer to {request.method} {request.url}.",
            why or "Nothing was sent.",
            "Run again later; what was answered before is kept, and what is missing is listed as a gap.",
        )

    def _refused(self, why: str, wait: float, left: float, *, limit: bool = False, reached: bool = True) -> None:
        if self.pace is not None:
            self.pace.refused(why, wait, left, limit=limit, reached=reached)

    def _wait(self, attempt: int) -> None:
        if self.pace is None:
            # The pause doubles with each attempt, so that a server which limits its callers is left in peace.
            self.sleep((self.pause_ms << attempt) / 1000)
            return
        try:
            why = self.pace.turn(self.sleep, self.patience)
        except Error:
            self.goes_on = True
            raise
        if why:
            self.goes_on = True
            how = (
                "gave no answer several times in a row"
                if self.pace.down()
                else f"asks to be left alone for {self.pace.rest:.0f} s more"
            )
            raise Error(
                "host-down",
                f"{self.source} is left alone for a while: its server {how}.",
                why,
                "Run again later; what was answered before is kept, and what is missing is listed as a gap.",
            )

    def _meant(self, request: Request) -> Request:
        """The request as it may be sent. Raises Error for another host, or for a key that is not this source's."""
        assert isinstance(self.keys, Keys)
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
        absent = self.keys.missing(self.optional)
        kept = [one for one in request.headers if not any(f"{{{name}}}" in one[1] for name in absent)]
        return replace(request, headers=tuple(kept)) if absent else request

    def _spend(self) -> None:
        if self.sent >= self.budget:
            self.goes_on = True
            raise Error(
                "budget-spent",
                f"The budget of {self.budget} requests is spent.",
                "`requests` below [limits] in your own recover.toml bounds what one round may ask, or --requests "
                "of `now`.",
                "Raise it, or run again: the next run goes on where this one stopped.",
            )
        try:
            self.spend()
        except Error:
            self.goes_on = True
            raise
        self.sent += 1

    def _send(self, request: Request, values: Mapping[str, str], seconds: float) -> warc.Answer:
        assert self.wire is not None
        return self.wire.send(request, values, proxy=self.proxy, seconds=seconds, largest=LARGEST)

    def _store(self, request: Request, answer: warc.Answer, names: tuple[str, ...]) -> Exhibit:
        assert self.case.now is not None
        assert isinstance(self.keys, Keys)
        every = self.keys.every(names)
        # Before anything reaches the disk.
        body, redacted = secrets.mask(answer.body, every)
        headers = tuple((secrets.clean(k, every), _plain(v, every)) for k, v in answer.headers)
        kept = warc.Answer(status=answer.status, reason=_plain(answer.reason, every), headers=headers, body=body)
        struck = bool(redacted) or (headers, kept.reason) != (answer.headers, answer.reason)
        media = next((v for k, v in kept.headers if k.lower() == "content-type"), "application/octet-stream")
        if warc.is_line(request):
            media = warc.LINE
        good = 200 <= answer.status < 300
        about: dict[str, Any] = {
            "digest": warc.sha256(body),
            "name": request.url,
            "media": media[:200],
            "size": len(body),
            "method": f"{request.method} {answer.status}" + (", redacted" if struck else ""),
            "sources": [self.source] if good else [],
            "request": warc.key(request),
            **({"redacted": [list(one) for one in redacted]} if struck else {}),
        }
        now = self.case.now()
        if self.inbox is None:
            stored = self.case.store(warc.of_exchange(request, kept, now), self.file, about)
            # What was stored, and not what was received: the source decodes the bytes that the court will have.
            return self.case.read(stored)
        about |= {
            "ask": self.ask,
            "captured": now.astimezone(UTC).isoformat(timespec="milliseconds"),
            "order": [self.order, self.sent],
        }
        try:
            return self.inbox.keep(warc.of_exchange(request, kept, now, about), about)
        except OSError as error:
            self.broken = error
            raise


def _too_often(answer: warc.Answer, *, insists: bool) -> tuple[bool, float]:
    """Whether an answer says that it is asked too often, and how long a rest it wants: by its header, and by its
    words where it `insists`."""
    told = next((v for k, v in answer.headers if k.lower() == "retry-after"), "")
    wait = pace.asked(told, time.time())
    said = answer.body[:_HEAD].lower()
    named = _FOR.search(said) if insists else None
    wait = max(wait, float(named[1]) if named else 0.0)
    about = answer.status in (401, 403) and (wait > 0 or any(word in said for word in _LIMITS))
    return answer.status == 429 or about, wait


def _plain(text: str, every: list[str]) -> str:
    """A header's value on one line and without a key."""
    return "".join(c if c >= " " or c == "\t" else "?" for c in secrets.clean(text, every))
