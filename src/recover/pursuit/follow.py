"""`recover now`: ask, trace, tell, draft, until nothing is open or what may be spent is spent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc

from recover.capture import collector
from recover.capture.asking import remedy
from recover.capture.collector import Bounds, Collector
from recover.capture.own import Own
from recover.capture.tries import Done
from recover.case import Case, derived
from recover.case.folder import clock
from recover.findings.affected import moving as moved
from recover.ledger import parts
from recover.linking import installed
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.pursuit import beginning, lastseen, reached
from recover.pursuit.ahead import Ahead
from recover.pursuit.drafting import Drafting
from recover.pursuit.frontier import TRIES, Frontier
from recover.pursuit.telling import Event, Tell
from recover.sdk.batch import ask_text
from recover.sdk.values import Address
from recover.sdk.view import OffRamp
from recover.stages import decode, find, link, trace, write

PAGES = 25
"""Requests for one ask at a time: a history that needs more waits until all others are here."""

_FIRST = 12
"""Seconds after which a first draft is made also where nothing was reached yet: it says what is known."""

_DRAFT, _SHOWN = 20.0, 10
_LOOK = 5.0
"""Seconds after which what a long round has shown so far is worked out, and told."""

_LINGER = 0.25
"""Seconds for which answers are waited for, so that those which come together are taken up together."""

_REST = 3.0
"""Seconds of a server's rest from which on it is told."""

_LARGE = 10_000
"""Parts per million of what was taken, from which on a balance is told by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a pursuit may spend: seconds, requests; `least` is the smallest part followed, in parts per million."""

    seconds: float
    requests: int
    least: int = 0


@dataclass(slots=True, kw_only=True)
class Pursuit:
    """One pursuit under way."""

    case: Case
    plugins: Plugins
    tell: Tell
    budget: Budget
    clock: Callable[[], float] = time.monotonic
    frontier: Frontier = field(init=False)
    ahead: Ahead = field(init=False)
    answered: int = 0
    sent: int = 0
    _began: float = 0.0
    _known: dict[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _held: set[tuple[str, str]] = field(default_factory=set)
    _drafting: Drafting = field(init=False)
    _telling: threading.Lock = field(default_factory=threading.Lock)
    _seen: int = 0
    _looked: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        self.frontier = Frontier(least=self.budget.least)
        self._began = self.clock()
        self._looked = (self._began, 0.0)
        self.ahead = Ahead(case=self.case, plugins=self.plugins)
        self._drafting = Drafting()

    def run(self, mine: Own) -> str:
        """Follow; why it stopped. Raises Error where nothing at all was collected."""
        bounds = Bounds(
            requests=self.budget.requests, pages=PAGES, ends=time.monotonic() + self.budget.seconds, seconds=60
        )
        why, by_hand = "", False
        with collector.of(self.case, self.plugins, mine, bounds) as asking:
            if not asking.places:
                self.say("warning", "No source may be asked: only what is here is traced.")
            try:
                why = self._follow(asking)
                self.sent = asking.sent
            except KeyboardInterrupt:
                asking.stop("somebody ended it")
                why, by_hand = "it was ended by hand; the same command goes on", True
            finally:
                self._drafting.finish()
        if not any(one.sources for one in self.case.used()):
            raise beginning.in_vain(self.case)
        self.trace()
        if not derived.read(self.case, "transactions", ["id"]).num_rows:
            raise beginning.in_vain(self.case)
        if not self.ahead.may_be_named or not by_hand:
            self._unlabelled()
        self.findings()
        self._all_freezable()
        for said, facts in lastseen.seen(self.case, self.plugins):
            self.say("last-seen", said, **facts)
        self.draft()
        return why

    def end(self, why: str) -> int:
        """Say that it stopped, and how many gaps can still change a figure."""
        gaps = derived.read(self.case, "gaps", ["code", "share", "why"])
        moving = moved(gaps, self.case.settings.dust).num_rows
        sums = reached.resolved(self.case)
        said = f"{why[:1].upper()}{why[1:]}. {reached.summed(sums)}."
        if moving:
            said += f" {moving} gaps can still change a figure: recover show {self.case.path} gaps"
        facts = {
            "why": why,
            "resolved": sums,
            "gaps": gaps.num_rows,
            "moving": moving,
            "requests": self.sent,
            "seconds": self._age(),
        }
        for row in gaps.filter(pc.equal(gaps["code"], "loss-not-found")).to_pylist():
            self.say("warning", f"{row['why']} {beginning.mistyped(self.case)}", code="loss-not-found")
        self.say("done", said, case=str(self.case.path), head=self.case.head[0], **facts)
        return int(moving)

    def say(self, kind: str, said: str, **facts: object) -> None:
        with self._telling:
            self.tell(Event(kind=kind, at=clock(), said=said, facts=facts))

    def trace(self) -> None:
        """What came is decoded, linked and traced; what did not change is not done again."""
        self._traced(self.ahead.tables(), self.ahead.unwritten())

    def _traced(self, made: Mapping[str, Any], ready: parts.Ready) -> None:
        parts.written(self.case, ready)
        for name in ("decode", "link", "trace"):
            _STAGES[name].run(self.case, self.plugins, _quiet, made.get(name))

    def findings(self) -> None:
        """What the stages state, each told once."""
        for name in pins.behind(self.case, "trace"):
            _STAGES[name].run(self.case, self.plugins, _quiet)
        find.run(self.case, self.plugins, _quiet)
        self._reached(reached.offramps(self.case), self.case)

    def _reached(self, ramps: Sequence[OffRamp], case: Case) -> None:
        """Off-ramps and what can be frozen, each told once, and again when its amount grows."""
        now = clock()
        for ramp in ramps:
            place, size = reached.name(ramp), (ramp.amount, ramp.credited)
            # An address that pays a service has a row also where none of its payments carried traced value.
            if self._known.get(place) == size or not reached.came(ramp):
                continue
            self._unlabelled()  # before the first is told: an unlabelled hub may be an exchange
            more = "by now reached" if place in self._known else "reached"
            self._known[place] = size
            facts, who = reached.facts(ramp, now), ramp.service_name or "an unlabelled hub"
            said = f"{facts['shown']} {more} {who}, {reached.where(ramp)}. {facts['do']}"
            self.say("off-ramp", said, **facts)
        self._freezable(case)

    def _freezable(self, case: Case) -> None:
        """The largest balances that an issuer can freeze one by one, and how many others there are."""
        every = list(reached.freezable(case, self.plugins))
        fresh = [held for held in every if held.left and (held.asset, held.address) not in self._held]
        large = [held for held in fresh if held.share >= _LARGE and not held.disputed]
        for held in (held for held in fresh if held.disputed):
            self._held.add((held.asset, held.address))
            said = reached.unsettled(held, str(self.case.path))
            self.say("warning", said, code="contradicted", transactions=held.disputed, address=held.address)
        for held in large[:_SHOWN]:
            self.say("freezable", held.said, **{name: getattr(held, name) for name in held.__slots__})
        self._held |= {(held.asset, held.address) for held in large}
        if len(large) > _SHOWN:
            said = f"And at {len(large) - _SHOWN} addresses more: recover show {self.case.path} findings"
            names = ("address", "asset", "amount")
            more = [{name: getattr(held, name) for name in names} for held in large[_SHOWN:]]
            self.say("freezable", said, addresses=more)

    def _all_freezable(self) -> None:
        """What can be frozen in all: many small balances are told in one line, and listed for a machine."""
        sums: dict[tuple[str, str], list[reached.Held]] = {}
        for held in reached.freezable(self.case, self.plugins):
            sums.setdefault((held.asset, held.issuer), []).append(held)
        for (asset, issuer), every in sums.items():
            if not all((held.asset, held.address) in self._held for held in every):
                facts = reached.facts_in_all(every)
                said = reached.in_all(every, str(self.case.path))
                self.say("freezable", said, asset=asset, issuer=issuer, **facts)

    def draft(self) -> None:
        """Every paper that can be written, written again where something changed."""
        for name in pins.behind(self.case):
            _STAGES[name].run(self.case, self.plugins, _quiet)
        outcome = write.run(self.case, self.plugins, _quiet)
        if outcome.done:
            counts = dict(outcome.counts)
            out = self.case.out
            letters = sorted(p.name for p in (out / "letters").glob("*.pdf")) if (out / "letters").is_dir() else []
            said = f"{counts['files']} papers are drafted in {out}"
            said += ": the report, and letters " + ", ".join(letters) if letters else ", none of them a letter"
            said += "."
            self.say("papers", said, folder=str(out), files=counts["files"], letters=letters, seconds=self._age())

    def _draft(self, made: Mapping[str, Any], ready: parts.Ready) -> None:
        self._traced(made, ready)
        find.run(self.case, self.plugins, _quiet)
        self.draft()

    def _follow(self, asking: Collector) -> str:
        """Round after round: what a round asks rests on all that came before it, and not on what came first."""
        # Were an address asked as soon as one of its payers is here, whether it is taken for a hub could depend on
        # which server was the quickest.
        left = collector.left(self.case)
        asking.put(left)
        self.frontier.put |= {ask_text(one) for one in left}
        self.ahead.begin()
        while True:
            now = self.clock()
            if now - self._began >= self.budget.seconds:
                asking.stop("the time is over")
                return "the time that it was given is over; the same command goes on"
            if not asking.open:
                self._next(asking, now)
            if asking.open:
                self._take(asking)
                continue
            pause = self.frontier.later(now)
            if pause is None or asking.sent >= self.budget.requests:
                break
            count = len(self.frontier.failed)
            asks = "1 ask" if count == 1 else f"{count} asks"
            said = f"{asks} got no answer: put again in {pause:.0f} s, {TRIES} times in all where a server is there."
            self.say("failure", said, asks=count, again=round(pause), why="waiting")
            time.sleep(min(pause + 0.1, max(0.0, self.budget.seconds - (now - self._began))))
        if asking.sent >= self.budget.requests:
            return f"{asking.sent} requests were sent, as many as it may; the same command goes on"
        if count := self.frontier.unanswered:
            left = "1 ask got no answer and stays" if count == 1 else f"{count} asks got no answer and stay"
            return f"nothing else is left to ask; {left} open; the same command puts them again"
        return "nothing is open any more that an allowed source could answer"

    def _next(self, asking: Collector, now: float) -> None:
        """A round is over: what it shows is asked of next, and only then told."""
        settled = self._settle(asking)
        if self.ahead.here():
            self._work(asking)
        asks, worth = self.frontier.further(self.ahead.look, asking, now)
        asking.put(asks, worth)
        if self.ahead.worked and not self.ahead.may_be_named:
            self._unlabelled()
        self._tell(asking)
        if not asks:
            return  # the papers are made at once, and for good
        self._draft_if_due(asking)
        if settled and self.ahead.ready and not self._drafting.under_way:
            ready = self.ahead.unwritten()
            self._drafting.start(lambda: parts.written(self.case, ready), counts=False)

    def _settle(self, asking: Collector) -> bool:
        """Acknowledge what came, unless papers are being made of what was there before. Whether it was."""
        if self._drafting.under_way:
            return False
        self._drafting.finish()
        if asking.take():
            self.ahead.settled()
        return True

    def _take(self, asking: Collector) -> None:
        """Take up what came, and decode it while the rest is on its way."""
        left = self.budget.seconds - (self.clock() - self._began)
        came = asking.wait(min(1.0, max(0.05, left)))
        ends = self.clock() + _LINGER
        while came and asking.open and (rest := ends - self.clock()) > 0:
            came += asking.wait(rest)
        # Where nobody has answered anything yet, an officer has to know in seconds that it is of no use to wait.
        there = any(one.reached for one in asking.hosts())
        self.frontier.hopeless = not self.answered and not self.ahead.here() and not there
        for done in came:
            self.frontier.came(done, self.clock())
            self.answered += done.answered
            self._failures(done)
        self.ahead.add(*asking.hold(came))
        if any(one.fatal is not None for one in came):
            self._drafting.finish()
            asking.take()  # raises it
        if not asking.open:
            return  # the next round is worked out first
        self._draft_if_due(asking)
        at, took = self._looked
        if came and self.clock() - at >= max(_LOOK, 8 * took):
            self._work(asking)
            self._tell(asking)
        else:
            self._progress(asking)

    def _work(self, asking: Collector) -> None:
        began = self.clock()
        self.ahead.work()
        for base in self.ahead.named():
            # Before anything further is asked: a wallet of a service that has a name is never paged.
            self._drafting.finish()
            asking.take()
            stored = installed.take(self.case, self.plugins, base)
            self.ahead.settled()
            self.ahead.work()
            said = f"{base.title} knows addresses of this case, and is pinned as exhibit {stored.number}."
            self.say("labels", said, base=base.id, version=base.version, exhibit=stored.number)
        now = self.clock()
        self._looked = (now, now - began)

    def _tell(self, asking: Collector) -> None:
        if self.ahead.worked:
            self._reached(self.ahead.offramps(), self.ahead.look)
        self._progress(asking)

    def _draft_if_due(self, asking: Collector) -> None:
        """Draft: soon the first time, then as often as it does not take too much of what the machine can do."""
        here = len(self.ahead.look.used())
        if here == self._seen or not self.ahead.here() or not self._due() or not self._settle(asking):
            return
        self._seen = here
        # Given to the other thread as they stand: what comes meanwhile is in no journal, and must not be written.
        made, ready = self.ahead.tables(), self.ahead.unwritten()
        self._drafting.start(lambda: self._draft(made, ready))

    def _due(self) -> bool:
        """Whether it is time for a draft: once something was reached, and then not too often."""
        ended, took = self._drafting.ended, self._drafting.took
        if not ended:
            return bool(self._known or self._held or self._age() >= _FIRST)
        return time.monotonic() - ended >= max(_DRAFT, 6 * took)

    def _unlabelled(self) -> None:
        """That services cannot be named is said before anything else."""
        if "labels" in self._told:
            return
        self._told.add("labels")
        if not reached.labelled(self.ahead.look, self.plugins):
            said = (
                "No label that is here or installed knows an address of this case: no service can be named, and a "
                "trace goes through exchanges as if they were wallets. Import a list of labels: recover import "
                f"{self.case.path} labels.csv"
            )
            self.say("warning", said, code="no-labels")

    def _failures(self, done: Done) -> None:
        about = getattr(done.wanted, "address", None)
        subject = about.text if isinstance(about, Address) else ask_text(done.wanted)
        for tried in done.tried:
            if not tried.why:
                continue
            if tried.paused:
                if subject not in self._told:
                    self._told.add(subject)
                    said = (
                        f"{subject} has a history of more than {PAGES} pages: it is as large as a wallet of a "
                        "service. Everything else goes first, and where its pages show that a crowd uses it, it "
                        "is not paged further: the trace ends there, at a hub without a label."
                    )
                    self.say("large", said, address=subject, source=tried.source, pages=PAGES)
            elif f"{tried.source} {tried.why}" not in self._told:
                self._told.add(f"{tried.source} {tried.why}")
                todo = remedy(tried.why)
                facts = {"source": tried.source, "why": tried.why, "do": todo, "about": subject}
                self.say("failure", f"{tried.source}: {tried.why} {todo}".strip(), **facts)

    def _resting(self, asking: Collector) -> None:
        """That a server wants a longer rest is told once for each rest: meanwhile nothing seems to happen."""
        for one in asking.hosts():
            rest = one.rest
            if rest < _REST:
                self._told.discard(f"rest of {one.host}")
            elif f"rest of {one.host}" not in self._told:
                self._told.add(f"rest of {one.host}")
                said = f"{one.host} is left alone for {rest:.0f} s, and asked again then: {one.why}."
                self.say("failure", said, host=one.host, again=round(rest), why=one.why)

    def _progress(self, asking: Collector) -> None:
        self._resting(asking)
        hosts = [
            {"host": name, "sent": one.sent, "failed": one.failed, "limited": one.limited, "per_second": one.rate}
            for name, one in sorted(asking.paces.found.items())
        ]
        sums: Sequence[dict[str, str]] = reached.resolved(self.ahead.look) if self.ahead.worked else []
        facts = {
            "seconds": self._age(),
            "resolved": sums,
            "asks_open": asking.open,
            "asks_answered": self.answered,
            "requests": asking.sent,
            "hosts": hosts,
            "offramps": len(self._known),
        }
        self.say("progress", reached.summed(sums), **facts)

    def _age(self) -> int:
        return int(self.clock() - self._began)


_STAGES: dict[str, Any] = {"decode": decode, "link": link, "trace": trace, "find": find, "write": write}


def _quiet(stage: str, done: int, total: int) -> None:
    """A pursuit tells what it found, and not how far a stage has come."""
