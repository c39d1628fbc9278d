"""`recover now`: ask, trace, tell, draft, until nothing is open or what may be spent is spent."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from recover.capture import begun, collector, vain
from recover.capture.collector import Bounds, Collector
from recover.capture.own import Own
from recover.case import Case, derived, leased
from recover.case.lock import LENT
from recover.ledger import parts
from recover.linking import installed
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.pursuit import ended, late, reached
from recover.pursuit.ahead import Ahead
from recover.pursuit.drafting import Drafting, Overdue
from recover.pursuit.frontier import Frontier
from recover.pursuit.halting import Halting
from recover.pursuit.late import Step
from recover.pursuit.news import News
from recover.pursuit.telling import Tell
from recover.sdk.batch import ask_text
from recover.sdk.counts import counted
from recover.sdk.plugin import Source
from recover.stages import decode, find, link, trace, write

PAGES = 25
"""Requests for one ask at a time: a history that needs more waits until all others are here."""

_FIRST = 45
"""Seconds after which a first draft is made also where nothing was reached yet: it says what is known."""

_DRAFT = 20.0
_LOOK = 5.0
"""Seconds after which what a long round has shown so far is worked out, and told."""

_LEND = 5.0
"""Seconds after which, between two rounds, whoever waits for the case may write to it."""

_LINGER = 0.25
"""Seconds for which answers are waited for, so that those which come together are taken up together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a pursuit may spend: seconds, requests; `least` is the smallest part followed, in parts per million,
    `hops` how far from where the loss arrived a place may be whose history is asked (None: no bound)."""

    seconds: float
    requests: int
    least: int = 0
    hops: int | None = None


@dataclass(slots=True, kw_only=True)
class Pursuit:
    """One pursuit under way. `traced` is called when all is traced, before papers are made of it.

    `until`, of the monotonic clock, bounds the whole, papers too; without one, what the budget says bounds asking.
    """

    case: Case
    plugins: Plugins
    tell: Tell
    budget: Budget
    until: float = float("inf")
    clock: Callable[[], float] = time.monotonic
    frontier: Frontier = field(init=False)
    ahead: Ahead = field(init=False)
    traced: Callable[[], None] = lambda: None
    halting: Halting = field(default_factory=Halting)
    answered: int = 0
    sent: int = 0
    undone: tuple[Step, ...] = ()
    _began: float = 0.0
    news: News = field(init=False)
    _drafting: Drafting = field(init=False)
    _drafted: bool = False
    _cut: bool = False
    blind: bool = False
    allowed: Sequence[Source] = ()
    _seen: int = 0
    _worked: int = 0
    _step: Step = "tables"
    _looked: tuple[float, float] = (0.0, 0.0)
    _lent: float = 0.0

    def __post_init__(self) -> None:
        self.frontier = Frontier(least=self.budget.least, hops=self.budget.hops)
        self._began = self.clock()
        self._looked, self._lent = (self._began, 0.0), self._began
        self.ahead = Ahead(case=self.case, plugins=self.plugins)
        self.news = News(case=self.case, plugins=self.plugins, tell=self.tell, pages=PAGES, clock=self.clock)
        self._drafting = Drafting(until=self.until)

    def run(self, mine: Own) -> str:
        """Follow; why it stopped. Raises Error where nothing at all was collected; KeyboardInterrupt where it was
        stopped at once, after what is known was told.
        """
        try:
            with self.halting:
                return self._run(mine)
        except KeyboardInterrupt:
            self._drafting.drop()
            self.news.cut(self._drafted)
            raise

    def _run(self, mine: Own) -> str:
        ends = time.monotonic() + self._asks_until - self.clock()
        bounds = Bounds(requests=self.budget.requests, pages=PAGES, ends=ends, seconds=60)
        with collector.of(self.case, self.plugins, mine, bounds) as asking:
            self.allowed = [source for source, _ in asking.places]
            self.blind = ended.blind(self.case, self.plugins, self.allowed, self.news)
            try:
                why = self._follow(asking)
                self.sent = asking.sent
                self._progress(asking, drafting=True)
            finally:
                if not self.halting.twice:
                    self._drafting.finish()
        unasked = "" if self.blind else why
        if not any(one.sources for one in self.case.used()):
            raise vain.nothing(self.case, self.plugins, unasked)
        try:
            self._finish(unasked)
        except Overdue:
            self.undone = late.undone(self._step)
            if "findings" in self.undone and self.ahead.worked:
                self.news.reached(self.ahead.offramps(), self.ahead.look)
                self.news.last_seen(self.ahead.look)
            late.tell(self.news, self.undone, drafted=self._drafted)
        return why

    def _finish(self, unasked: str) -> None:
        """All that came is traced, told and written; `unasked`: why nothing more was asked. Raises Overdue where
        the time is over before that."""
        self._step = "tables"
        self._drafting.turn()
        self._made()
        self._name()
        self.trace()
        self.traced()
        if not derived.read(self.case, "transactions", ["id"]).num_rows:
            find.run(self.case, self.plugins, self._drafting.turn)  # what was not examined can be listed
            raise vain.nothing(self.case, self.plugins, unasked)
        if not (self.ahead.may_be_named and self._cut):  # an installed base may know what was not reached yet
            self.news.unlabelled(self.ahead.look)
        self._step = "findings"
        self.findings()
        self._step = "letters"
        self.news.last_seen()  # first: of what was followed so far alone it can be a small part that rests
        self.news.all_freezable()
        self.draft()
        self.news.undrafted()

    def end(self, why: str) -> int:
        """Say that it stopped; how much is missing. Called after `run`."""
        return ended.end(self, why)

    def trace(self) -> None:
        """What came is decoded, linked and traced; what did not change is not done again."""
        self._traced(self.ahead.tables(), self.ahead.unwritten())

    def _traced(self, made: Mapping[str, Any], ready: parts.Ready) -> None:
        parts.written(self.case, ready, self._drafting.turn)
        for name in ("decode", "link", "trace"):
            _STAGES[name].run(self.case, self.plugins, self._drafting.turn, made.get(name))

    def _made(self) -> None:
        """Work out in memory what stands in the journal now, so that stages keep it and do not join all anew."""
        self.ahead.settled()
        if (self.ahead.worked or self.ahead.here()) and not self.ahead.tables():
            self.ahead.work()

    def findings(self) -> None:
        """What the stages state, each told once."""
        for name in pins.behind(self.case, "trace"):
            _STAGES[name].run(self.case, self.plugins, self._drafting.turn)
        find.run(self.case, self.plugins, self._drafting.turn)
        self.news.reached(reached.offramps(self.case), self.case)

    def draft(self) -> None:
        """Every paper that can be written, written again where something changed."""
        for name in pins.behind(self.case):
            _STAGES[name].run(self.case, self.plugins, self._drafting.turn)
        # Where papers of what is here now stand already, none is taken away for a moment.
        late = "write" in pins.behind(self.case, "write")
        first = self._alone if late and not self._drafted else None
        outcome = write.run(self.case, self.plugins, self._drafting.turn, first=first)
        self._drafted = True
        if outcome.done:
            letters = self.news.letters
            listed = f"the report, and letters {', '.join(letters)}" if letters else "none of them a letter"
            self._papers(dict(outcome.counts)["files"], letters, f"{listed}.")

    def _alone(self, names: Sequence[str]) -> None:
        """The first letters stand there before their report does."""
        letters = sorted(name.rpartition("/")[2] for name in names if name.endswith(".pdf"))
        self._papers(len(names), letters, f"letters {', '.join(letters)}; the report follows.")
        self._drafted = True
        self._step = "report"

    def _papers(self, count: int, letters: Sequence[str], listed: str) -> None:
        out = self.case.out
        facts = {"folder": str(out), "files": count, "letters": letters, "seconds": self.news.age}
        self.news.say("papers", f"{counted(count, 'draft')} in {out}: {listed}", **facts)

    def _draft(self, made: Mapping[str, Any], ready: parts.Ready) -> None:
        self._traced(made, ready)
        find.run(self.case, self.plugins, self._drafting.turn)
        self.draft()

    def _follow(self, asking: Collector) -> str:
        """Round after round: what a round asks rests on all that came before it, and not on what came first."""
        # Were an address asked as soon as one of its payers is here, whether it is taken for a hub could depend on
        # which server was the quickest.
        left = begun.left(self.case)
        asking.put(left)
        self.frontier.put |= {ask_text(one) for one in left}
        self.ahead.begin()
        while True:
            now = self.clock()
            if now >= self._asks_until:
                asking.stop("the time is over")
                self._cut = True
                return "the time that it was given is over; the same command goes on"
            if self.halting.asked:
                asking.stop("somebody ended it")
                self._cut = True
                return "it was ended by hand; the same command goes on"
            if not asking.open:
                if now - self._lent >= _LEND:
                    self._lend(asking, LENT)
                self._next(asking, now)
            if asking.open:
                self._take(asking)
                continue
            pause = self.frontier.later(now)
            if pause is None or asking.sent >= self.budget.requests:
                break
            count = len(self.frontier.failed)
            over = now + pause >= self._asks_until
            said = ended.waiting(count, pause, over, bool(self.frontier.lagging.keys() & self.frontier.failed))
            if over:
                return said
            self.news.say("failure", said, asks=count, again=round(pause), why="waiting")
            if self.ahead.worked:
                self.news.last_seen(self.ahead.look)  # whoever can freeze it is told now, and not when it is over
            # Letters can be drafted meanwhile, of results that have seen all; the other thread writes the same.
            if self.ahead.shown and self._drafting.idle and self._settle(asking):
                with suppress(Overdue):
                    self._made()
                    self.trace()
                    self.findings()
            self._lend(asking, min(pause + 0.1, max(0.0, self._asks_until - now)))
            if not self.answered:
                asking.forget()
        return ended.why(self, asking.sent)

    def _lend(self, asking: Collector, seconds: float) -> None:
        """Wait; where nothing is under way, others may write to the case meanwhile, and it is read anew."""
        if not (self._drafting.idle and self._settle(asking)):
            self.halting.wait(seconds)
            return
        with leased.lent(self.case, self.until):
            self.halting.wait(seconds)
        self._lent = self.clock()
        asking.anew()
        self.ahead.settled()

    def _next(self, asking: Collector, now: float) -> None:
        """A round is over: what it shows is asked of next, and only then told."""
        with self._drafting.behind():
            settled = self._settle(asking)
            if self.ahead.here():
                self._work(asking)
            asks, worth = self.frontier.further(self.ahead.look, asking, now)
            asking.put(asks, worth)
        if self.ahead.worked and not self.ahead.may_be_named:
            self.news.unlabelled(self.ahead.look)
        self._tell(asking)
        if not asks and self.frontier.later(now) is None:
            return  # the papers are made at once, and for good
        self._draft_if_due(asking)
        if settled and self.ahead.ready:
            ready = self.ahead.unwritten()
            self._drafting.start(lambda: parts.written(self.case, ready, self._drafting.turn), counts=False)

    def _settle(self, asking: Collector) -> bool:
        """Acknowledge what came, unless papers are being made of what was there before. Whether it was."""
        if self._drafting.papers:
            return False
        self._drafting.mind()
        if asking.take():
            self.ahead.settled()
        return True

    def _take(self, asking: Collector) -> None:
        """Take up what came, and decode it while the rest is on its way."""
        came = asking.wait(min(1.0, max(0.05, self._asks_until - self.clock())))
        ends = self.clock() + _LINGER
        while came and asking.open and (rest := ends - self.clock()) > 0:
            came += asking.wait(rest)
        # Where nobody has answered anything yet, an officer has to know in seconds that it is of no use to wait.
        there = any(one.reached for one in asking.hosts())
        self.frontier.hopeless = not self.answered and not self.ahead.here() and not there
        for done in came:
            self.frontier.came(done, self.clock(), alone=not self.answered)
            self.answered += done.answered
            self.news.failures(done)
        self.ahead.add(*asking.hold(came))
        if any(one.fatal is not None for one in came):
            self._drafting.finish()
            asking.take()  # raises it
        if not asking.open:
            return  # the next round is worked out first
        self._draft_if_due(asking)
        at, took = self._looked
        # Also of what came long ago, where a server says nothing else any more: the round may last for minutes.
        if self._here != self._worked and self.clock() - at >= max(_LOOK, 8 * took):
            self._work(asking)
            self._tell(asking)
        elif self.news.overdue:
            self._tell(asking)
        else:
            self._progress(asking)

    def _work(self, asking: Collector) -> None:
        began = self.clock()
        self.ahead.work()
        # Before anything further is asked: a wallet of a service that has a name is never paged.
        self._name(asking)
        now = self.clock()
        self._looked, self._worked = (now, now - began), self._here

    def _name(self, asking: Collector | None = None) -> None:
        """Pin the installed bases that know addresses of what was worked out: no paper calls a service's wallet
        nobody's. `asking`: what came of it is in no journal yet."""
        for base in self.ahead.named() if self.ahead.worked else ():
            self._drafting.finish()
            if asking is not None:
                asking.take()
            stored = installed.take(self.case, self.plugins, base)
            self.ahead.settled()
            self.ahead.work()
            said = f"{base.title} knows addresses of this case, and is pinned as exhibit {stored.number}."
            self.news.say("labels", said, base=base.id, version=base.version, exhibit=stored.number)

    def _tell(self, asking: Collector) -> None:
        if self.ahead.worked:
            asked = self.frontier.put - self.frontier.refused if asking.open else ()
            self.news.reached(self.ahead.offramps(), self.ahead.look, asked)
        self._progress(asking)

    def _draft_if_due(self, asking: Collector) -> None:
        """Draft: soon the first time, then as often as it does not take too much of what the machine can do."""
        if self._here == self._seen or self._drafting.papers or not self._due() or not self.ahead.shown:
            return
        if self.news.holding():
            return  # the letter waits for what it rests on, as its line does
        if not self.ahead.tables():
            self._settle(asking)
            # Joined here, by what came since the last time: the other thread would join all of it anew.
            self._work(asking)
            self._tell(asking)
        self._seen = self._here
        # Given to the other thread as they stand: what comes meanwhile is in no journal, and must not be written.
        made, ready = self.ahead.tables(), self.ahead.unwritten()
        self._drafting.start(lambda: self._draft(made, ready))

    @property
    def _asks_until(self) -> float:
        """The moment at which asking ends, so that papers of what is known are made in the time that is left."""
        ends = self._began + self.budget.seconds
        return min(ends, self.until - late.reserve(self.until - self._began, self._drafting.took))

    @property
    def _here(self) -> int:
        """How many answers and files are here that a source can read."""
        return len(self.ahead.look.used())

    def _due(self) -> bool:
        """Whether it is time for a draft: once something was reached, and then not too often."""
        ended, took = self._drafting.ended, self._drafting.took
        if not ended:
            return bool(self.news.any or self.news.age >= _FIRST)
        return time.monotonic() - ended >= max(_DRAFT, 6 * took)

    def _progress(self, asking: Collector, drafting: bool = False) -> None:
        sums = reached.resolved(self.ahead.look, self.ahead.resting()) if self.ahead.worked else []
        self.news.progress(asking, sums, self.answered, drafting or self._drafting.papers)


_STAGES: dict[str, Any] = {"decode": decode, "link": link, "trace": trace, "find": find, "write": write}
