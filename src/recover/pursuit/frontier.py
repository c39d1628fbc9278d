"""The frontier: what is asked next, what concerns the largest part of a loss first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from recover.capture.asking import answered_by_any, unsettled
from recover.capture.collector import Collector
from recover.capture.tries import Done
from recover.case import Case, derived
from recover.findings.affected import WHOLE, shares
from recover.pursuit.distance import hops
from recover.sdk.batch import ask_text
from recover.sdk.plugin import Source
from recover.sdk.values import Ask, History, Status
from recover.trails import asks

AGAIN = 5.0
"""Seconds until an ask that failed for the moment is put again; doubled each time."""

SOON = 3.0
"""The same where nobody has answered anything: then it is put again half as often."""

TRIES = 5
ABSENT = 3
"""How often a transaction is asked for that no source has: it may be seconds old, or mistyped."""

LAGS = (5.0, 10.0)
"""Seconds until a history is put again whose answer lacks what is known, where no other source can be asked: an
index that lags behind the chain may have caught up."""


@dataclass(slots=True, kw_only=True)
class Frontier:
    """Asks by what they are worth, in parts per million of what began; what was put is put once.

    `least` is the part below which nothing is asked, `hops` the distance from the loss beyond which no history is.
    `left` are asks that these bounds leave open, `parked` are histories so long that others go first.
    `hopeless`: nobody is there at all. `refused` got an answer that would be given again. `unbelieved` are
    histories whose answers another exhibit contradicts, `lagging` says how often such a one was put again.
    """

    least: int = 0
    most: int = 8
    hops: int | None = None
    put: set[str] = field(default_factory=set)
    parked: dict[str, int] = field(default_factory=dict)
    failed: dict[str, tuple[int, float]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    unbelieved: Mapping[str, Collection[str]] = field(default_factory=dict)
    lagging: dict[str, int] = field(default_factory=dict)
    left: int = 0
    hopeless: bool = False

    def further(self, case: Case, asking: Collector, now: float) -> tuple[list[Ask], list[int]]:
        """What to put now, and what each is worth. `now` is a moment of the monotonic clock."""
        able = [source for source, _ in asking.places]
        worth = shares(case)
        traced = derived.here(case, case.derived / "trace" / "flows.parquet")
        near = hops(case) if self.hops is not None and traced else {}
        found: list[tuple[int, Ask]] = []
        self.left = 0
        self.unbelieved = asking.elsewhere = asks.unbelieved(case)
        for wanted in asks.outstanding(case):
            name = ask_text(wanted)
            if not answered_by_any(able, wanted):
                continue
            value = worth.get(name, WHOLE if not worth else 0)
            # How a balance stands matters only once it is known where the money is.
            value = value // 2 if isinstance(wanted, Status) else value
            if value < self.least or self.parked.get(name, 0) >= self.most or self._far(wanted, near):
                self.left += 1
            elif self._again(wanted, able, now) and self._may(name, now):
                found.append((value, wanted))
        # A long history goes on only where nothing else is to be asked.
        short = [one for one in found if ask_text(one[1]) not in self.parked]
        chosen = short or ([] if asking.open else found)
        self.put |= {ask_text(wanted) for _, wanted in chosen}
        return [wanted for _, wanted in chosen], [value for value, _ in chosen]

    def _again(self, wanted: Ask, able: Sequence[Source], now: float) -> bool:
        """Whether it was not put yet, or what answered it is not believed and another source can be asked; where
        none can, it is to be put again later."""
        name = ask_text(wanted)
        if name not in self.put:
            return True
        if (had := self.unbelieved.get(name)) is None:
            return False
        if answered_by_any([one for one in able if one.info.id not in had], wanted):
            return True
        if (count := self.lagging.get(name, 0)) < len(LAGS):
            self.lagging[name] = count + 1
            self.failed[name] = (1, now + LAGS[count])
            self.put.discard(name)
        return False

    def came(self, done: Done, now: float, alone: bool = False) -> None:
        """What became of an ask: a long history is parked, what failed for the moment is put again later. `alone`:
        nothing was answered yet, so that a transaction which no source has is waited for."""
        name = ask_text(done.wanted)
        if done.answered:
            self.failed.pop(name, None)
        elif done.paused:
            self.parked[name] = self.parked.get(name, 0) + 1
            self.put.discard(name)
        elif alone and any(one.absent for one in done.tried):
            # One that waits for its block is asked for as long as may be; one that nobody knows may be too new.
            tries = self.failed.get(name, (0, 0.0))[0] + 1
            waits = any(unsettled(one.why) for one in done.tried)
            pause = 2 * AGAIN if waits else AGAIN * tries
            self.failed[name] = (0 if waits else tries if tries < ABSENT else TRIES, now + pause)
            self.put.discard(name)
        elif done.goes_on:
            tries = self.failed.get(name, (0, 0.0))[0]
            # A server that was only left alone has not been asked: that is no try.
            tries += ((TRIES + 1) // 2 if self.hopeless else 1) if any(one.sent for one in done.tried) else 0
            rest = min(one.rest for one in done.tried if one.goes_on)
            self.failed[name] = (tries, now + max(rest, SOON, 0.0 if self.hopeless else AGAIN * 2 ** (tries - 1)))
            self.put.discard(name)
        else:
            self.refused.add(name)

    def later(self, now: float) -> float | None:
        """Seconds until something that failed may be put again; None where nothing may."""
        ends = [end for name, (tries, end) in self.failed.items() if name not in self.put and tries < TRIES]
        return max(0.0, min(ends) - now) if ends else None

    def _far(self, wanted: Ask, near: Mapping[tuple[str, str], int]) -> bool:
        """Whether it is of a place further away than is asked."""
        if self.hops is None or not isinstance(wanted, History):
            return False
        return near.get((wanted.address.chain, wanted.address.text), 0) > self.hops

    @property
    def unanswered(self) -> int:
        """Asks that got no answer, or none that is believed, and are not put again in this run."""
        spent = {name for name, (tries, _) in self.failed.items() if tries >= TRIES}
        return len(spent | self.refused | self.unbelieved.keys())

    def _may(self, name: str, now: float) -> bool:
        tries, end = self.failed.get(name, (0, 0.0))
        return tries < TRIES and now >= end
