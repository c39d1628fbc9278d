"""Moments: the first day of any public chain, and short spans of time as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

FIRST = datetime(2009, 1, 3, tzinfo=UTC)
"""No public chain has a block before this day."""

SKEW = timedelta(hours=2)
"""So far ahead of its clock a block can be: the limit of the oldest chain, and of those made after it."""


def begins(first: date | None) -> datetime:
    """The moment before which a chain has no block, by the day that it declares; `FIRST` where it says none."""
    return FIRST if first is None else datetime(first.year, first.month, first.day, tzinfo=UTC)


def possible(time: datetime, first: date | None, stored: datetime | None) -> bool:
    """Whether an exhibit that was stored then can show this moment of a chain whose first block is of that day."""
    return begins(first) <= time and (stored is None or time <= stored + SKEW)


def reach(until: datetime, stored: datetime, obtained: datetime | None = None) -> datetime:
    """The last moment of which an exhibit can tell that claims a history to `until`: no file holds what came after
    it was stored here, or obtained. A day of obtaining without an hour is the whole of it.
    """
    ends = [stored + SKEW]
    if obtained is not None:
        whole = (obtained.hour, obtained.minute, obtained.second) == (0, 0, 0)
        ends.append(obtained + (timedelta(days=1) if whole else SKEW))
    return until if until <= min(ends) else min(stored, obtained or stored)


def seconds(micros: int) -> str:
    """Microseconds as seconds, without sign, to the millisecond, rounded away from nought: what is small is never
    printed as nothing."""
    whole, rest = divmod(-(-abs(micros) // 1000), 1000)
    return f"{whole}.{rest:03}"
