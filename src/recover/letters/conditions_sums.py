"""The sentences on a letter's sums, on what its sender names beside them, and on a day that it names itself."""

from __future__ import annotations

from recover.letters import measured, words
from recover.letters.matter import Matter
from recover.letters.whether import Condition


def _asked(m: Matter) -> bool:
    """Whether the letter asks for a sum to be held, or claims one."""
    return bool(m.ramps) and ("hold" in m.kind.parts or "claim" in m.kind.parts)


def _twice(m: Matter) -> bool:
    return any(measured.doubled(m, m.ramps).values())


SUMS = (
    Condition(
        "ask.also",
        "ask",
        "its sender names by hand what no trace found there",
        lambda m: m.kind.about == "service" and bool(words.named_beside(m)),
    ),
    Condition(
        "period.expiry_most", "period", "the letter itself names how long", lambda m: "most_days" in m.basis.clock
    ),
    Condition("hold.range", "", "rules move the sum asked for", lambda m: _asked(m) and bool(measured.moving(m))),
    Condition("hold.twice", "", "a part of it may be counted twice", lambda m: _asked(m) and _twice(m)),
    Condition("facts.twice", "facts", "of any other letter", lambda m: m.kind.about != "case" and _twice(m)),
)
