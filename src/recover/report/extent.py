"""How far the content of the exhibits reaches, by chain, and how its moments are printed."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import figures
from recover.report.texts import Texts, moment
from recover.sdk import ExhibitFacts, View
from recover.sdk.moments import SKEW, begins, possible
from recover.sdk.outside import visible


@figures.settled
def contents(view: View) -> dict[str, datetime]:
    """By chain, the last moment at which the exhibits show a movement: never the moment of an import."""
    return {chain: until for chain, (_, until) in spans(view).items()}


@figures.settled
def latest(view: View) -> datetime | None:
    """When the last exhibit was stored: what is dated later, no exhibit can show."""
    return max((e.captured for e in view.exhibits), default=None)


def could(view: View, chain: str, time: datetime | None) -> bool:
    """Whether any exhibit here can show this moment of a chain: a time that none can is only what one says."""
    return time is None or possible(time, view.firsts.get(chain), latest(view))


def shown(view: View, t: Texts, exhibit: ExhibitFacts, time: datetime | None) -> str:
    """A moment that one exhibit shows, whichever of the chains here it is of."""
    first = min((view.firsts[chain] for chain in spans(view) if chain in view.firsts), default=None)
    good = time is None or possible(time, first, exhibit.captured)
    return moment(time) if good else t.say("until.impossible", time=moment(time))


def when(view: View, t: Texts, chain: str, time: datetime | None) -> str:
    """A moment as papers print it: one that cannot be stands as what the exhibit says."""
    said = moment(time)
    return said if could(view, chain, time) else t.say("until.impossible", time=said)


@figures.settled
def spans(view: View) -> dict[str, tuple[datetime, datetime]]:
    """By chain, the first and the last moment at which the exhibits show anything moving: what failed did not."""
    if "transfers" not in view.tables:
        return {}
    moved = view.tables["transfers"]()
    failed = pc.fill_null(pc.equal(moved.column("excluded"), "failed"), False)
    moved = moved.filter(pc.invert(failed)).select(["chain", "time"])
    last = latest(view)
    found = {}
    for chain in sorted(moved.column("chain").unique().to_pylist()):
        # What no exhibit can show is a gap, and the content begins and ends at none of it.
        times = moved.filter(pc.equal(moved.column("chain"), chain)).column("time")
        good = pc.greater_equal(times, pa.scalar(begins(view.firsts.get(chain)), times.type))
        if last is not None:
            good = pc.and_(good, pc.less_equal(times, pa.scalar(last + SKEW, times.type)))
        ends = pc.min_max(times.filter(good)).as_py()
        if ends["max"] is not None:
            found[chain] = (ends["min"], ends["max"])
    return found


def chain(view: View, name: str) -> str:
    """A chain by the name that people know, with its CAIP-2 id."""
    title = view.chains.get(name, "")
    return f"{title} ({visible(name, 60)})" if title else visible(name, 60)


def as_at(view: View, t: Texts, only: str = "") -> str:
    """The content's end by chain, or of one alone, as a sentence names it."""
    rows = ((name, at) for name, at in contents(view).items() if only in ("", name))
    found = [t.say("until.chain", chain=chain(view, name), time=t.moment(at)) for name, at in rows]
    return "; ".join(found) or t.say("until.unknown")
