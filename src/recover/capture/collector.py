"""The collector: every ask of a run, many at once, each to the sources that may be asked, by what it is worth.

Its threads ask and store; they never touch the journal. Whoever runs it takes up what came (`take`), in a stated
order, between the stages that read the case.
"""

from __future__ import annotations

import heapq
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from recover.capture import begun, secrets
from recover.capture.asking import answers, endpoint_of, places
from recover.capture.keyring import Keys
from recover.capture.live import Live
from recover.capture.own import Own, Place
from recover.capture.pace import Pace, Paces
from recover.capture.shared import Name, Shared, limited, missing, unfinished
from recover.capture.tries import Done, Tried, told, words
from recover.capture.wire import WHOLE, Wire
from recover.case import Case
from recover.case.acknowledged import Stored
from recover.case.received import Received, ordered
from recover.plugins import call
from recover.plugins.registry import Plugins
from recover.sdk.batch import ask_text
from recover.sdk.errors import Absent, Elsewhere, Error, PluginFailed
from recover.sdk.plugin import Source
from recover.sdk.values import Ask, Exhibit, Request

WORKERS = 32
_LEAST = 1.0
_TURN = 0.0005
"""Seconds after which a thread that works things out lets others run. A thread that asks needs some twenty
turns for one answer: at the usual 5 ms, a ledger or papers in the making would leave ten answers a second."""

_GRACE = 3.0
"""Seconds for which what is on its way is waited for when a run is ended, and then for threads to end."""

_PATIENCE = 5.0
"""Seconds for which a server that wants a rest is waited for, where another one can be asked meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much a run may ask: `requests` in all, `pages` for one ask at a time (0: no bound), until `ends`.

    `ends` is a moment of the monotonic clock, None for none; `seconds` bounds one answer, all attempts together,
    where its source does not ask for more; `compare` asks every source that can answer, not the first that does.
    """

    requests: int
    pages: int = 0
    ends: float | None = None
    seconds: float = WHOLE
    compare: bool = False
    pause_ms: int = 100


@dataclass(slots=True)
class Lead:
    """The first ask of a source at a place: the others wait until it has had its first answer.

    Sources learn by it what the server is and pin its newest block; two of them at once would pin two.
    """

    led: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True, kw_only=True)
class Collector:
    """A context: threads end with it. `put` and `take` are its owner's; `done` may be read by one other thread."""

    case: Case
    places: Sequence[tuple[Source, Place]]
    mine: Own
    bounds: Bounds
    before: Mapping[str, Mapping[Name, Stored]] = field(default_factory=dict)
    paces: Paces = field(default_factory=Paces)
    done: SimpleQueue[Done] = field(default_factory=SimpleQueue)
    open: int = 0
    sent: int = 0
    stopped: str = ""
    elsewhere: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By ask, the sources whose answers were of no use: others are asked before they are asked again, anew."""
    _inbox: Received = field(init=False)
    _shared: Shared = field(init=False)
    _keys: Keys = field(init=False)
    _queue: list[tuple[int, int, Ask]] = field(default_factory=list)
    _leads: dict[tuple[str, str, str], Lead] = field(default_factory=dict)
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _threads: list[threading.Thread] = field(default_factory=list)
    _placed: int = 0
    _ended: bool = False
    _held: list[dict[str, Any]] = field(default_factory=list)
    _came: list[Done] = field(default_factory=list)
    _halt: threading.Event = field(default_factory=threading.Event)
    _begun: begun.Begun = field(init=False)
    _turns: float = 0.0
    _wires: list[Wire] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begun = begun.Begun.of(self.case)
        self._inbox = Received(self.case.files, self.case.next_file())
        self._shared = Shared(self.case, self.before)
        self._keys = Keys(self.mine.keys)

    def __enter__(self) -> Collector:
        self._turns = sys.getswitchinterval()
        sys.setswitchinterval(_TURN)
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self.stop("the run was ended")
        with self._lock:
            self._ended = True
            self._queue.clear()
            self._lock.notify_all()
        # Who ends a run waits for no server that says nothing. One that is cut off in the middle of a connection
        # being made is left behind: it sends nothing, and its ask stays open.
        self._join(0.0 if kind is KeyboardInterrupt else _GRACE)
        for wire in self._wires:
            wire.cut()
        self._join(_GRACE)
        sys.setswitchinterval(self._turns)
        self.take(self.wait(0))  # also of those that the end cut short it is said why they have no answer

    def _join(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def put(self, asks: Sequence[Ask], worth: Sequence[int] = (), **about: object) -> None:
        """Put asks, those of most worth first, else in the order given; `about` is noted beside them."""
        if asks:
            # What a round asks is noted before it is asked: cut off, it is finished first, so that what is asked
            # after it does not depend on where it was cut.
            asks = [self._begun.again(one) for one in asks]
            if old := self.elsewhere.keys() & {ask_text(one) for one in asks}:
                self._shared.forget(old)
            listed = begun.by_worth(asks, worth)
            about |= {"first": not self._placed, "asks": [ask_text(one) for one in listed]}
            self.case.note("collecting", about | begun.noted(listed))
        with self._lock:
            for number, wanted in enumerate(asks):
                self._placed += 1
                self.open += 1
                rank = -worth[number] if worth else 0
                heapq.heappush(self._queue, (rank, self._placed, wanted))
            while len(self._threads) < min(WORKERS, self.open):
                self._threads.append(threading.Thread(target=self._work, daemon=True))
                self._threads[-1].start()
            self._lock.notify_all()

    def round(self, asks: Sequence[Ask], tell: Callable[[int], None]) -> list[Done]:
        """Put the asks of a round in their order, with a budget of its own, and take up what came, in that order.

        What was answered in an earlier round is old.
        """
        self.forget()
        self.sent = 0
        self.put(asks)
        came: list[Done] = []
        while self.open:
            tell(len(came))
            came += self.wait()
        came.sort(key=lambda one: one.place)
        self.take(came)
        return came

    def anew(self) -> None:
        """Others may have written to the case: a name that they took for a file of exhibits is theirs."""
        self._inbox = Received(self.case.files, self.case.next_file())

    def forget(self) -> None:
        """What was answered so far is old: it is asked for anew."""
        self._shared.forget()

    def wait(self, seconds: float | None = None) -> list[Done]:
        """What came back, at least one ask unless the time is up or none is open."""
        found: list[Done] = []
        if self.open and seconds != 0:
            try:
                found.append(self.done.get(timeout=seconds))
            except Empty:
                return []
        while True:
            try:
                found.append(self.done.get_nowait())
            except Empty:
                break
        self.open -= len(found)
        return sorted(found, key=lambda one: one.place)

    def take(self, came: Sequence[Done] = ()) -> tuple[Stored, ...]:
        """Acknowledge in the journal what lies on the disk, then what was asked. Raises what a thread could not.

        A failure is noted too, with its reason: it becomes the gap `not-answered`, and no history without entries.
        """
        self.hold(came)
        answers, self._held = ordered(self._held), []
        every, self._came = sorted(self._came, key=lambda one: one.place), []
        stored = self.case.acknowledge(answers)
        self.case.note_each("asked", told(every))
        fatal = next((one.fatal for one in every if one.fatal is not None), None)
        if fatal is not None:
            raise fatal
        return stored

    def hold(self, came: Sequence[Done]) -> tuple[list[dict[str, Any]], list[dict[str, object]]]:
        """Keep what came for the next `take`: the answers that lie on the disk since, and what will be said of
        asks.
        """
        answers = self._inbox.take()
        self._held += answers
        self._came += came
        return answers, told(came)

    def stop(self, why: str) -> None:
        """Nothing further is sent; what is under way is stored as it comes."""
        self.stopped = self.stopped or why
        self._halt.set()

    @property
    def waiting(self) -> int:
        """Asks that no thread has taken up yet."""
        return len(self._queue)

    def hosts(self) -> list[Pace]:
        """The hosts that were asked, by name."""
        return [pace for _, pace in sorted(self.paces.found.items())]

    def _work(self) -> None:
        wire = Wire()
        self._wires.append(wire)
        try:
            while (job := self._next()) is not None:
                self.done.put(self._answer(*job, wire))
        finally:
            wire.close()

    def _next(self) -> tuple[int, Ask] | None:
        with self._lock:
            while not self._queue and not self._ended:
                self._lock.wait()
            if self._ended:
                return None
            _, place, wanted = heapq.heappop(self._queue)
            return place, wanted

    def _answer(self, place: int, wanted: Ask, wire: Wire) -> Done:
        tried: list[Tried] = []
        exhibits: list[Exhibit] = []
        fatal: BaseException | None = None
        had = self.elsewhere.get(ask_text(wanted), ())
        for source, where in sorted(self.places, key=lambda pair: pair[0].info.id in had):
            if not answers(source, wanted):
                continue
            patience = _PATIENCE if self._elsewhere(source, where, wanted) else float("inf")
            try:
                one, got = self._put(source, where, wanted, place, wire, patience)
            except (Error, OSError) as error:
                fatal = error
                break
            tried.append(one)
            exhibits += got
            if not one.why and not self.bounds.compare:
                break
        return Done(wanted=wanted, place=place, tried=tuple(tried), exhibits=tuple(exhibits), fatal=fatal)

    def _elsewhere(self, source: Source, where: Place, wanted: Ask) -> bool:
        """Whether a place that is asked later answers this too, at another server."""
        at = self.places.index((source, where))
        here = urlsplit(endpoint_of(source, where)).netloc
        later = (pair for pair in self.places[at + 1 :] if answers(pair[0], wanted))
        return any(urlsplit(one.endpoint or who.info.endpoint).netloc != here for who, one in later)

    def _put(
        self, source: Source, where: Place, wanted: Ask, place: int, wire: Wire, patience: float
    ) -> tuple[Tried, list[Exhibit]]:
        """Raises Error for a source that fails as a plugin before it has asked anything, OSError for the disk."""
        endpoint = endpoint_of(source, where)
        host = urlsplit(endpoint).netloc.rpartition("@")[2]
        live = Live(
            case=self.case,
            source=source.info.id,
            file="",
            budget=1 << 62,
            endpoint=endpoint,
            proxy=where.proxy,
            fills=frozenset({*source.info.secrets, *secrets.names(Request(url=endpoint))}),
            optional=frozenset(source.info.optional),
            keys=self._keys,
            pause_ms=self.bounds.pause_ms,
            patience=patience,
            sleep=self._sleep,
            seconds=self._left(max(self.bounds.seconds, source.info.patience)),
            spend=lambda: self._spend(live),
            inbox=self._inbox,
            order=place,
            ask=ask_text(wanted),
            shared=self._shared,
            pace=self.paces.of(host, where.per_second, where.at_once),
            wire=wire,
        )
        error, got = self._led(source, endpoint, wanted, live)
        why = "" if error is None else words(error)
        again = live.limited(why) if error is not None and limited(error) else ""
        if error is not None and not again and not isinstance(error, PluginFailed):
            none, again = live.spoilt()
            why = none or why
        tried = Tried(
            source=source.info.id,
            why=why,
            proxy=where.proxy,
            goes_on=bool(why) and live.goes_on,
            paused=bool(why) and live.goes_on and live.paused,
            host=host,
            absent=isinstance(error, Absent),
            elsewhere=isinstance(error, Elsewhere),
            again=again,
            sent=live.sent,
            over=error is not None and error.code == "stopped",
            rest=live.pace.rest if live.pace is not None else 0.0,
        )
        return tried, got

    def _led(self, source: Source, endpoint: str, wanted: Ask, live: Live) -> tuple[Error | None, list[Exhibit]]:
        with self._lock:
            key = (source.info.id, endpoint, wanted.chain)
            first = key not in self._leads
            lead = self._leads.setdefault(key, Lead())
        if not first:
            lead.led.wait()
        live.lead = lead.led if first else None
        try:
            return None, call.everything(source.info.id, lambda: source.collect(wanted, live))
        except Error as error:
            if live.broken is not None:
                raise live.broken from error
            if isinstance(error, PluginFailed) and not live.sent and not live.taken and not missing(error):
                raise  # no answer of anybody's brought it down, and the case names this source
            return error, []
        finally:
            lead.led.set()

    def _left(self, seconds: float) -> float:
        """The same, or what is left of the run where that is less: a server that says nothing is not waited for
        beyond it."""
        ends = self.bounds.ends
        return seconds if ends is None else min(seconds, max(_LEAST, ends - time.monotonic()))

    def _sleep(self, seconds: float) -> None:
        """Wait for a host's turn, no longer than the run lasts. Raises Error where it is over before."""
        ends = self.bounds.ends
        left = seconds if ends is None else min(seconds, max(0.0, ends - time.monotonic()))
        if self._halt.wait(left) or left < seconds:
            raise self._over()

    def _over(self) -> Error:
        why = self.stopped or "The time that this run may take is over"
        return Error("stopped", "It was not asked any further.", f"{why[:1].upper()}{why[1:]}.", "Run again.")

    def _spend(self, live: Live) -> None:
        if self.stopped or (self.bounds.ends is not None and time.monotonic() > self.bounds.ends):
            raise self._over()
        if self.bounds.pages and live.sent >= self.bounds.pages:
            live.paused = True
            raise Error(
                "paused",
                f"{live.sent} requests were put for this ask in one round, and there is more.",
                "Others are not kept waiting by one long history.",
                "It goes on where it stopped in the next round.",
            )
        with self._lock:
            if self.sent >= self.bounds.requests:
                raise Error(
                    "budget-spent",
                    f"The budget of {self.bounds.requests} requests is spent.",
                    "`requests` below [limits] in your own recover.toml bounds what one round may ask, or "
                    "--requests of `now`.",
                    "Raise it, or run again: the next run goes on where this one stopped.",
                )
            self.sent += 1


def of(case: Case, plugins: Plugins, mine: Own, bounds: Bounds | None = None) -> Collector:
    """What asks for this case: a context. What a run that was cut off had got is taken up."""
    bounds = replace(bounds or Bounds(requests=mine.limits(case.id).requests), compare=mine.compare)
    listed = places(case, plugins, mine)
    return Collector(case=case, places=listed, mine=mine, bounds=bounds, before=unfinished(case))
