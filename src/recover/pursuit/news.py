"""News: what a pursuit has found, each told once, and again when it changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from recover.capture.asking import plain, remedy
from recover.capture.collector import Collector
from recover.capture.tries import Done
from recover.case import Case
from recover.case.folder import clock
from recover.case.manifest import MANIFEST
from recover.plugins.registry import Plugins
from recover.pursuit import freezing, lastseen, reached
from recover.pursuit.booked import booked
from recover.pursuit.doors import Door, door
from recover.pursuit.telling import Event, Tell
from recover.registers import issuers
from recover.sdk.batch import ask_text
from recover.sdk.counts import counted
from recover.sdk.values import Address
from recover.sdk.view import OffRamp
from recover.trails import asks

_SHOWN = 10

_OFTEN = 3.0
"""So many times a server has said that it is asked too often, when that is told."""

_REST, _SILENT = 3.0, 10.0
"""Seconds of a server's rest, and of its silence, from which on it is told."""

_HOLD = 5.0
"""Seconds for which a place is not told while the receipts of what it rests on are on their way."""

_LARGE = 10_000
"""Parts per million of what was taken, from which on a balance is told by itself."""


_UNSAID = "What came since shows otherwise: ask nobody to act on it, and tell whoever was asked. Why:"


@dataclass(slots=True, kw_only=True)
class News:
    """What was told so far. `look` is a case as it would stand now; `pages` are those of one ask at a time."""

    case: Case
    plugins: Plugins
    tell: Tell
    pages: int
    clock: Callable[[], float] = time.monotonic
    _began: float = 0.0
    _known: dict[tuple[str, ...], tuple[int, int, int]] = field(default_factory=dict)
    _words: dict[tuple[str, ...], str] = field(default_factory=dict)
    _waits: dict[tuple[str, ...], float] = field(default_factory=dict)
    """Since when a place waits for receipts, before it is told."""
    _told: set[str] = field(default_factory=set)
    _held: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """By asset and address, what was told to be held there; None where nobody was asked."""
    _doors: dict[str, Door | None] = field(default_factory=dict)
    _telling: threading.RLock = field(default_factory=threading.RLock)
    _sums: Sequence[Mapping[str, str]] = ()

    def __post_init__(self) -> None:
        self._began = self.clock()

    @property
    def any(self) -> bool:
        """Whether anything was reached that somebody can act on."""
        return bool(self._known or self._held)

    @property
    def age(self) -> int:
        return int(self.clock() - self._began)

    def say(self, kind: str, said: str, **facts: object) -> None:
        with self._telling:
            self.tell(Event(kind=kind, at=clock(), said=said, facts=facts))

    def holding(self, since: float = _HOLD) -> bool:
        """Whether a place waits for receipts, for no longer than so many seconds."""
        return any(self.clock() - began < since for began in self._waits.values())

    @property
    def overdue(self) -> bool:
        """Whether a place has waited long enough: it is to be told, and that no receipt came is told with it."""
        return bool(self._waits) and not self.holding()

    def reached(self, ramps: Sequence[OffRamp], look: Case, asked: Collection[str] = ()) -> None:
        """Off-ramps and what can be frozen, each told once, and again when its amount grows or receipts came; what
        was told and is not so is told too. `asked` are asks that are on their way.
        """
        now, hubs = clock(), None
        listed = {one.tx.text: ask_text(one.ask) in asked for one in asks.listed(look)}
        there = set[tuple[str, ...]]()
        # An address that pays a service has a row also where none of its payments carried traced value.
        ramps = [ramp for ramp in ramps if reached.came(ramp)]
        for ramp, paid in zip(ramps, booked(look, ramps), strict=True):
            place = reached.name(ramp)
            open_ = [tx for tx in dict.fromkeys((*paid.transactions, *ramp.sweep_transactions)) if tx in listed]
            size = (ramp.amount, ramp.credited, len(open_))
            there.add(place)
            if self._known.get(place) == size or self._wait(place, any(listed[tx] for tx in open_)):
                continue
            self.unlabelled(look)  # before the first is told: an unlabelled hub may be an exchange
            more = "by now reached" if place in self._known else "reached"
            self._known[place] = size
            way = self._door(ramp.service) if ramp.service else None
            if not ramp.service and hubs is None:
                hubs = reached.counts(look)
            used = (hubs or {}).get((ramp.chain, reached.hub(ramp)), "") if not ramp.service else ""
            facts = reached.facts(ramp, paid, now, way, used)
            self._words[place] = f"{facts['shown']} reached {reached.who(ramp)}"
            said = f"{facts['shown']} {more} {reached.who(ramp)}, {reached.where(ramp)}. {facts['do']}"
            said += reached.unread(open_)
            self.say("off-ramp", said, **facts, unread=open_)
        for place in [place for place in self._known if place not in there]:
            del self._known[place]
            said = f"NOT SO, as far as is known by now: {self._words[place]}. {_UNSAID} recover show "
            self.say("warning", f"{said}{self.case.typed} gaps", code="off-ramp-gone", place=list(place))
        there |= self._freezable(look, {tx for tx, on_the_way in listed.items() if on_the_way})
        self._waits = {place: began for place, began in self._waits.items() if place in there}

    def _wait(self, place: tuple[str, ...], on_the_way: bool) -> bool:
        """Whether a place is not told yet: receipts that it rests on are on their way, for a moment."""
        began = self._waits.setdefault(place, self.clock()) if on_the_way else None
        if began is not None and place not in self._known and self.clock() - began < _HOLD:
            return True
        self._waits.pop(place, None)
        return False

    def _door(self, service: str) -> Door | None:
        if service not in self._doors:
            self._doors[service] = door(self.case, self.plugins, service)
        return self._doors[service]

    def _freezable(self, look: Case, asked: Collection[str] = ()) -> set[tuple[str, ...]]:
        """The largest balances that an issuer can freeze one by one, and how many others there are.

        Given are those that wait for the receipts (`asked`) of what came there.
        """
        every = list(freezing.freezable(look, self.plugins))
        here = [held for held in every if held.left and not held.dust]
        fresh = [held for held in here if (held.asset, held.address) not in self._held]
        waits = {
            (held.asset, held.address)
            for held in fresh
            if self._wait((held.asset, held.address), any(tx in asked for tx in held.listed))
        }
        fresh = [held for held in fresh if (held.asset, held.address) not in waits]
        large = [held for held in fresh if held.share >= _LARGE and not held.disputed]
        for held in (
            held for held in every if held.balance != self._held.get((held.asset, held.address), held.balance)
        ):
            self._held[held.asset, held.address] = held.balance
            kind = "freezable" if held.left and not held.dust else "moved"
            self.say(kind, held.by_now, **{name: getattr(held, name) for name in held.__slots__})
        for held in (held for held in fresh if held.disputed):
            self._held[held.asset, held.address] = held.balance
            said = freezing.unsettled(held, self.case.typed)
            self.say("warning", said, code="contradicted", transactions=held.disputed, address=held.address)
        for held in large[:_SHOWN]:
            self.say("freezable", held.said, **{name: getattr(held, name) for name in held.__slots__})
        self._held |= {(held.asset, held.address): held.balance for held in large}
        if len(large) > _SHOWN:
            count = counted(len(large) - _SHOWN, "address")
            said = f"And at {count} more: recover show {self.case.typed} findings"
            names = ("address", "asset", "amount")
            more = [{name: getattr(held, name) for name in names} for held in large[_SHOWN:]]
            self.say("freezable", said, addresses=more)
        return {*waits}

    def all_freezable(self) -> None:
        """What can be frozen in all: many small balances are told in one line, and listed for a machine."""
        left = lastseen.sums(self.case)
        sums: dict[tuple[str, str, bool], list[freezing.Held]] = {}
        for held in freezing.freezable(self.case, self.plugins):
            if (held.left or not held.unread) and not held.dust:
                sums.setdefault((held.asset, held.issuer, held.unread), []).append(held)
        for (asset, issuer, unread), every in sums.items():
            if not all((held.asset, held.address) in self._held for held in every):
                facts = freezing.facts_in_all(every)
                more = "" if unread else left.get(asset, "")
                said = freezing.in_all(every, self.case.typed, more)
                self.say("freezable", said, asset=asset, issuer=issuer, **facts)

    @property
    def letters(self) -> list[str]:
        """The letters that lie in `out/`."""
        return [name for name in self.case.files.listed("out/letters") if name.endswith(".pdf")]

    @property
    def sending(self) -> str:
        """How a letter that lies in `out/` goes out, in a sentence; empty where there is none."""
        if not (letters := self.letters):
            return ""
        name = letters[0].rpartition("-v")[0]
        to, _, kind = name.rpartition("-")
        case = self.case.typed
        return (
            f"Letters go out in a person's name alone: recover letter draft {case} --kind {kind} --to {to} --as "
            f"ROLE, then recover letter issue {case} {name} --by NAME."
        )

    def undrafted(self) -> None:
        """Why an issuer who can freeze something is asked by no letter that lies there."""
        from recover.letters import matter, recipient  # only now: it takes as long as the first answers

        letters = self.letters
        by_issuer: dict[str, list[freezing.Held]] = {}
        for held in freezing.freezable(self.case, self.plugins):
            if not held.dust:
                by_issuer.setdefault(held.issuer, []).append(held)
        listed = issuers.load(self.plugins.templates.get("issuers"))
        for name, every in sorted(by_issuer.items()):
            one = recipient.issuer(listed, name)
            ident = matter.ident(one, "", "freeze") if one is not None else ""
            if ident and not any(letter.startswith(ident) for letter in letters):
                said = freezing.undrafted(every, self.case.typed, asks.balances(self.case))
                self.say("warning", said, code="no-freeze-letter", issuer=name)

    def last_seen(self, look: Case | None = None) -> None:
        """Where value went of which nobody has said yet what became of it; of `look`, as the case would stand."""
        for said, facts in lastseen.seen(look or self.case, self.plugins):
            if said not in self._told:
                self._told.add(said)
                self.say("last-seen", said, **facts)

    def unlabelled(self, look: Case) -> None:
        """That services cannot be named is said before anything else."""
        if "labels" in self._told:
            return
        self._told.add("labels")
        if not reached.labelled(look, self.plugins):
            said = (
                "No label that is here or installed knows an address of this case so far: no service can be "
                "named, and a trace goes through exchanges as if they were wallets. Import a list of labels: "
                f"recover import {self.case.typed} labels.csv"
            )
            self.say("warning", said, code="no-labels")

    def failures(self, done: Done) -> None:
        """Why sources gave no answer, each reason once. What the end of the time cut short is no failure."""
        about = getattr(done.wanted, "address", None)
        subject = about.text if isinstance(about, Address) else ask_text(done.wanted)
        for tried in done.tried:
            if not tried.why or tried.over:
                continue
            if tried.paused:
                if subject not in self._told:
                    self._told.add(subject)
                    said = (
                        f"{subject} has a history of more than {self.pages} pages: it is as large as a wallet of "
                        "a service. Everything else goes first, and where its pages show that a crowd uses it, it "
                        "is not paged further: the trace ends there, at a hub without a label."
                    )
                    self.say("large", said, address=subject, source=tried.source, pages=self.pages)
            elif f"{tried.source} {plain(tried.why)}" not in self._told:
                self._told.add(f"{tried.source} {plain(tried.why)}")
                todo = remedy(tried.why, self.plugins.source(tried.source).info.secrets, absent=tried.absent)
                facts = {"source": tried.source, "why": tried.why, "do": todo, "about": subject}
                named = "" if tried.source in tried.why else f"{tried.source}: "
                self.say("failure", f"{named}{plain(tried.why)} {todo}".strip(), **facts)

    def stand(self, drafted: bool, now: bool = False) -> str:
        """Of when the papers in `out/` are, if any is there: `drafted` in this run, or of what is known `now`."""
        if not {*self.case.files.listed("out")} - {MANIFEST}:
            return f"No paper stands in {self.case.out}."
        of = "of what is known now" if now else "those of the last draft" if drafted else "of no draft of this run"
        return f"The papers in {self.case.out} are {of}."

    def cut(self, drafted: bool) -> None:
        """Somebody stopped it at once: what is known, and what stands there."""
        known = reached.summed(self._sums) or "Nothing was traced yet"
        said = (
            f"Stopped at once. {known}. {self.stand(drafted)} What was answered is kept: recover now "
            f"{self.case.typed} goes on."
        )
        self.say("done", said, why="it was stopped at once", resolved=self._sums, seconds=self.age)

    def progress(
        self, asking: Collector, sums: Sequence[Mapping[str, str]], answered: int, drafting: bool = False
    ) -> None:
        """How far it is; `sums` are what is resolved of what was lost, where something was traced."""
        self.hosts(asking)
        self._sums = sums
        hosts: list[dict[str, Any]] = [
            {"host": name, "sent": one.sent, "failed": one.failed, "limited": one.limited, "per_second": one.rate}
            for name, one in sorted(asking.paces.found.items())
        ]
        facts = {
            "seconds": self.age,
            "resolved": sums,
            "asks_open": asking.open,
            "asks_answered": answered,
            # What waits for its turn is not sent yet.
            "requests": sum(one["sent"] for one in hosts),
            "hosts": hosts,
            "offramps": len(self._known),
            "drafting": drafting,
        }
        self.say("progress", reached.summed(sums) or "nothing traced yet", **facts)

    def hosts(self, asking: Collector) -> None:
        """That a server wants a longer rest, or says nothing, is told once each time: meanwhile nothing seems to
        happen."""
        for one in asking.hosts():
            said = {
                "rest": (
                    one.rest,
                    _REST,
                    f"is left alone for {one.rest:.0f} s, until {_at(one.rest)} UTC: {plain(one.why)}",
                ),
                "limit": (
                    float(one.limited),
                    _OFTEN,
                    "wants fewer requests (HTTP 429, or in words): it gets them.",
                ),
                "silence": (one.silent, _SILENT, f"has said nothing for {one.silent:.0f} s to what it was asked."),
            }
            for what, (seconds, least, words) in said.items():
                name = f"{what} of {one.host}"
                if seconds < least:
                    self._told.discard(name)
                elif name not in self._told:
                    self._told.add(name)
                    self.say("failure", f"{one.host} {words}", host=one.host, why=what)


def _at(seconds: float) -> str:
    """The time of day in so many seconds."""
    return f"{clock() + timedelta(seconds=seconds):%H:%M:%S}"
