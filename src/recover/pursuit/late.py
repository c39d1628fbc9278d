"""Late: the time that a pursuit was given ends before all is written: what was left undone, and how it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from recover.pursuit import reached
from recover.trails import asks

if TYPE_CHECKING:
    from recover.pursuit.follow import Pursuit
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
    stand = "of no draft of this run"
    if drafted or "letters" not in left:
        stand = "those of the last draft" if "letters" in left else "of what is known now"
    said = (
        f"The time that it was given is over before all is written. Left undone: "
        f"{', '.join(STEPS[one] for one in left)}. The papers in {case.out} are {stand}. All that was answered is "
        f"kept: recover now {case.typed} goes on, and recover run {case.typed} writes what is undone."
    )
    news.say("warning", said, code="undone", undone=list(left))


def end(pursuit: Pursuit, why: str) -> int:
    """Say that it stopped, by what is known in memory; that it is not all counts as a gap."""
    look = pursuit.ahead.look
    sums = reached.resolved(look, pursuit.ahead.resting()) if pursuit.ahead.worked else []
    gaps = asks.gaps(look)
    facts = {
        "why": why,
        "resolved": sums,
        "left": pursuit.frontier.left,
        "gaps": None if gaps is None else gaps.num_rows,
        "moving": None,
        "undone": pursuit.undone,
        "requests": pursuit.sent,
        "seconds": pursuit.news.age,
    }
    said = f"{why[:1].upper()}{why[1:]}. {reached.summed(sums) or 'Nothing was traced yet'}."
    pursuit.news.say("done", said, case=str(pursuit.case.path), head=pursuit.case.head[0], **facts)
    return len(pursuit.undone)
