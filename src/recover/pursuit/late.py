"""Late: the time that a pursuit was given ends before all is written: what was left undone, and how it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from recover.pursuit.news import News

Step: TypeAlias = Literal["tables", "findings", "letters", "report"]

STEPS: Mapping[Step, str] = {
    "tables": "the tables of what came last",
    "findings": "the findings",
    "letters": "the letters",
    "report": "the report",
}
"""What is done once asking is over, in this order."""

_PAPERS = 30.0
"""Seconds that are kept for papers of which nobody knows yet how long they take."""


def reserve(whole: float, took: float) -> float:
    """Seconds of `whole` that are kept for papers, of which the last took so long (0: none was made)."""
    return min(1.25 * took if took else min(_PAPERS, whole / 4), whole / 2)


def undone(step: Step) -> tuple[Step, ...]:
    """This step, at which time was over, and those after it."""
    every = tuple(STEPS)
    return every[every.index(step) :]


def tell(news: News, left: Sequence[Step], *, drafted: bool) -> None:
    """What is left undone, what stands in its place, and what does it."""
    case = news.case
    said = (
        f"The time that it was given is over before all is written. Left undone: "
        f"{', '.join(STEPS[one] for one in left)}. {news.stand(drafted, 'letters' not in left)} All that was "
        f"answered is kept: recover now {case.typed} goes on, and recover run {case.typed} writes what is undone."
    )
    news.say("warning", said, code="undone", undone=list(left))
