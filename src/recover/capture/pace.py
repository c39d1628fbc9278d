"""How often and how many at once one host is asked: what is declared, and what its own answers say."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
USUAL = 10
"""Requests a second at a host that nobody said anything of; a node on one's own machine has no such bound."""

AT_ONCE = 8
DOWN = 6
"""After so many failures in a row, with no answer between them, a host is left alone for a while."""

_SPARE = 1.03  # a little less than is allowed: clocks differ
_TICK = 0.005
_MOST = 2.0
_REST = 15.0
_AWAY = 2.0
"""The rest of a host where nobody listens: to knock there again costs nobody anything."""

_LONGEST = 120.0
"""Seconds for which a server's rest is waited for; one that wants a longer one is asked no more, and said."""

_DAY = 86_400.0


@dataclass(slots=True, kw_only=True)
class Pace:
    """One host's turns. `per_second` is what is declared, 0 where nothing is; `at_once` bounds open requests.

    What is declared is so many in any second: after a rest, several go together. It slows down when the host says
    that it is asked too often, one after the other from then on, and goes back to what is declared by and by.
    `reached`: somebody is there, though it may have answered nothing yet.
    """

    host: str
    per_second: int = 0
    at_once: int = 0
    clock: Callable[[], float] = time.monotonic
    sent: int = 0
    failed: int = 0
    limited: int = 0
    why: str = ""
    reached: bool = False
    _next: float = 0.0
    _until: float = 0.0
    _between: float = 0.0
    _together: bool = False
    _row: int = 0
    _reacted: float = 0.0
    _served: deque[float] = field(default_factory=lambda: deque(maxlen=400), repr=False)
    _under_way: int = 0
    _out: list[float] = field(default_factory=list, repr=False)
    _came: deque[float] = field(default_factory=deque, repr=False)
    _quickest: float = float("inf")
    _open: threading.BoundedSemaphore | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _gate: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        near = self.host in LOOPBACK
        self._together = self.per_second > 0
        self.per_second = self.per_second or (0 if near else USUAL)
        many = near or self.per_second > USUAL
        self.at_once = self.at_once or (max(2 * AT_ONCE, self.per_second // 2) if many else AT_ONCE)
        self._between = self._declared
        self._open = threading.BoundedSemaphore(self.at_once)

    @property
    def _declared(self) -> float:
        return _SPARE / self.per_second if self.per_second else 0.0

    def turn(self, sleep: Callable[[float], None], patience: float = float("inf")) -> str:
        """Wait until the next request may go; why it may not, where the host is left alone or wants a rest longer
        than `patience` or two minutes, and empty else.

        One waits at a time: several that woke late on a busy machine would leave together, and be too many.
        """
        patience = min(patience, _LONGEST)
        with self._gate:
            while (wait := self._wait()) > 0:
                if why := self.down() or (self.why if wait > patience else ""):
                    return why
                sleep(wait)
            with self._lock:
                self._next = max(self.clock(), self._next) + self._between
                self.sent += 1
                self._under_way += 1
        return ""

    def _wait(self) -> float:
        with self._lock:
            now = self.clock()
            if not self._together or self.limited:
                return max(self._next, self._until) - now
            return max(self._until - now, self._full(now))

    def _full(self, now: float) -> float:
        """Seconds until one more may be sent, where so many in any second are allowed.

        A request counts when it arrives, which nobody here sees: about when its answer came, less the time that
        the quickest answer took. What is under way counts whole, however long it was on its way.
        """
        while self._came and self._came[0] <= now - _SPARE:
            self._came.popleft()
        if self._under_way + len(self._came) < self.per_second:
            return 0.0
        return max(_TICK, self._came[0] + _SPARE - now) if self._came else _TICK

    def enter(self) -> float:
        """Take one of the places for open requests: the moment at which the request leaves."""
        assert self._open is not None
        self._open.acquire()
        with self._lock:
            self._out.append(left := self.clock())
        return left

    def leave(self, left: float | None = None) -> None:
        """Give the place back; the request went out at `left`."""
        assert self._open is not None
        self._open.release()
        with self._lock:
            now = self.clock()
            if left in self._out:
                self._out.remove(left)
            self._quickest = min(self._quickest, now - left) if left is not None else self._quickest
            self._came.append(now - (self._quickest if self._quickest < now else 0.0))
            self._under_way = max(0, self._under_way - 1)

    def down(self) -> str:
        """Why the host is left alone at this moment; empty where it is not."""
        with self._lock:
            return self.why if self._row >= DOWN and self.clock() < self._until else ""

    @property
    def silent(self) -> float:
        """Seconds for which the oldest request that is on its way has had no answer."""
        with self._lock:
            return self.clock() - min(self._out) if self._out else 0.0

    @property
    def rest(self) -> float:
        """Seconds for which it is left alone."""
        return max(0.0, self._until - self.clock())

    def answered(self) -> None:
        """It answered: by and by back to the declared pace."""
        with self._lock:
            self._row, self.reached = 0, True
            self._served.append(self.clock())
            self._between = max(self._declared, self._between * 0.998)

    def refused(self, why: str, wait: float, left: float, *, limit: bool, reached: bool = True) -> None:
        """What left at `left` was not answered, or it is too often (`limit`): not before `wait` seconds."""
        with self._lock:
            now = self.clock()
            self.reached = self.reached or reached
            self.failed += 1
            self.limited += limit
            self.why = why
            if left < self._reacted:
                return  # it was under way with the one that has slowed us down already
            self._reacted = now
            # One that says "too often" is there, and tells itself for how long it wants to be left alone.
            self._row = 0 if limit else self._row + 1
            if limit:
                lately = sum(1 for at in self._served if at > now - 1)
                slower = 1 / (0.9 * lately) if lately else 2 * self._between or 0.1
                self._between = min(_MOST, max(1.1 * self._between, slower))
            rest = _REST if self.reached else _AWAY
            wait = max(wait, rest if self._row >= DOWN else 0.0)
            self._until = max(self._until, now + min(wait, _DAY))

    @property
    def rate(self) -> int:
        """Requests a second that are allowed at this moment; 0 for no bound."""
        return round(1 / self._between) if self._between else 0


@dataclass(slots=True)
class Paces:
    """The hosts of one run."""

    found: dict[str, Pace] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def of(self, host: str, per_second: int = 0, at_once: int = 0) -> Pace:
        """The turns of a host; what was declared of it first counts."""
        with self._lock:
            if host not in self.found:
                name = host.rpartition(":")[0] or host
                self.found[host] = Pace(host=name, per_second=per_second, at_once=at_once)
            return self.found[host]


def later(attempt: int, pause_ms: int) -> float:
    """Seconds until a further attempt: doubled each time, and not the same for all that failed together."""
    return (pause_ms << attempt) / 1000 * random.uniform(0.5, 1.5)


def asked(header: str, now: float) -> float:
    """What a `Retry-After` asks for, in seconds; 0 where it says nothing that can be read. `now` is Unix time."""
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) < 7:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return 0.0
