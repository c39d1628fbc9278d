"""Moments: the first day of any public chain, and short spans of time as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

FIRST = datetime(2009, 1, 3, tzinfo=UTC)
"""No public chain has a block before this day."""


def seconds(micros: int) -> str:
    """Microseconds as seconds, without sign, to the millisecond, rounded away from nought: what is small is never
    printed as nothing."""
    whole, rest = divmod(-(-abs(micros) // 1000), 1000)
    return f"{whole}.{rest:03}"
