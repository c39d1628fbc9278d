"""Until when the exhibits say what moved at an address: later than the last movement, where a source says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from recover.letters.matter import Matter
from recover.report import doubted, extent, figures, unsettled
from recover.sdk import View
from recover.sdk.moments import reach

Place = tuple[str, str, str]
"""Chain, address and asset."""


@figures.settled
def _covered(view: View) -> Mapping[tuple[str, str], Sequence[tuple[str, datetime, int]]]:
    """By chain and address, each (asset or none, until when, exhibit) that a source states."""
    found: dict[tuple[str, str], list[tuple[str, datetime, int]]] = {}
    known = {one.number: one for one in view.exhibits}
    if "coverage" in view.tables:
        table = view.tables["coverage"]()
        names = ("chain", "address", "asset", "until", "exhibit")
        sides = (table.column(name).to_pylist() for name in names)
        for chain, address, asset, until, exhibit in zip(*sides, strict=True):
            if until is not None and (one := known.get(exhibit)) is not None:
                held = reach(until, one.captured, one.obtained)
                found.setdefault((chain, address), []).append((asset or "", held, exhibit))
    return found


def until(view: View, place: Place) -> tuple[datetime, int] | None:
    """The last moment to which a source says what moved at a place, and the exhibit; None where none says it."""
    chain, address, asset = place
    rows = [(at, n) for of, at, n in _covered(view).get((chain, address), ()) if of in ("", asset)]
    good = [one for one in rows if extent.could(view, chain, one[0])]
    return max(good, default=None)


def told(m: Matter, key: str, places: Sequence[Place]) -> str:
    """The sentence that what moved at these places is shown to a moment; empty where that is not said of all, or
    exhibits disagree on what moved there, or one claims a history whole and another shows more: what they disagree
    on is said of the figures."""
    open_ = unsettled.meeting(m.view)
    if any((address, asset) in open_ or doubted.claims(m.view, address, asset) for _, address, asset in places):
        return ""
    found = [until(m.view, place) for place in places]
    if not found or not all(found):
        return ""
    known = [one for one in found if one]
    first = min(at for at, _ in known)
    chain = places[[one[0] for one in known].index(first)][0]
    numbers = m.texts.listed({n for _, n in known})
    return m.texts.say(key, time=m.when(chain, first), exhibits=numbers)
