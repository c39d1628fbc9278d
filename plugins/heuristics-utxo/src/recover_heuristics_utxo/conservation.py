"""What a participant must have funded, because the others together did not bring enough.

It proves where value came from, never whose an output is, and bites only on those who hold much of a round.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """At least `forced` of the equal outputs; the others would have needed `margin` more for one of them."""

    forced: int
    margin: int


def bound(others: int, equal: int, denomination: int) -> Bound:
    """`equal` outputs of `denomination` each, while all but the known participant brought `others` base units.

    Raises ValueError for a denomination that is not positive.
    """
    if denomination <= 0:
        raise ValueError("a denomination is positive")
    payable = others // denomination
    forced = max(0, equal - payable)
    return Bound(forced=forced, margin=(payable + 1) * denomination - others if forced else 0)
