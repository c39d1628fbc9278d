"""The sentences on a letter's sums, on what its sender names beside them, and on a day that it names itself."""

from __future__ import annotations

from recover.letters import measured, words
from recover.letters.matter import Matter
from recover.letters.whether import Condition


def _summed(m: Matter) -> bool:
    """Whether the first page gives a sum in all, or the letter asks for one to be held, or claims one."""
    first = m.kind.about not in ("case", "letter")
    return bool(m.ramps) and (first or "hold" in m.kind.parts or "claim" in m.kind.parts)


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
    Condition("hold.range", "", "rules move a sum in it", lambda m: _summed(m) and bool(measured.moving(m))),
    Condition(
        "hold.left_range",
        "",
        "rules move what is left where an issuer can stop it",
        lambda m: not m.ramps and bool(measured.left_ranges(m)),
    ),
    Condition("hold.twice", "", "a part of it may be counted twice", lambda m: _summed(m) and _twice(m)),
    Condition("facts.twice", "facts", "of any other letter", lambda m: m.kind.about != "case" and _twice(m)),
)
