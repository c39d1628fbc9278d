"""run: every stage in order, and again while an allowed source can answer what a trace still asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from recover.capture import collector, own
from recover.capture.own import Own
from recover.capture.vain import nothing
from recover.case import Case
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.stages import Outcome, Progress, decode, find, link, rounds, trace, write

STAGES = ("collect", "decode", "link", "trace", "find", "write")

STAGE: Mapping[str, Callable[[Case, Plugins, Progress], Outcome]] = {
    "decode": decode.run,
    "link": link.run,
    "trace": trace.run,
    "find": find.run,
    "write": write.run,
}


def everything(
    case: Case, plugins: Plugins, progress: Progress, until: str = "write", mine: Own | None = None
) -> list[Outcome]:
    """Bring a case up to date, up to and including one stage. Unchanged stages are skipped.

    Trace, collect and decode repeat until no ask is left that an allowed source can answer, or the rounds are
    spent. Raises Error for no such stage, and where all that was asked was asked in vain.
    """
    if until not in STAGES:
        known = ", ".join(STAGES)
        raise Error("no-stage", f"There is no stage {until}.", f"There are {known}.", "Name one with --until.")
    last, trail = STAGES.index(until), ("decode", "link", "trace")
    with collector.of(case, plugins, mine or own.load()) as asking:
        answers: set[str] = set()
        outcomes = rounds.first(case, plugins, asking, progress, answers)
        outcomes += [STAGE[name](case, plugins, progress) for name in trail[:last]]
        outcomes += (
            rounds.further(case, plugins, asking, progress, answers) if last >= STAGES.index("trace") else []
        )
    if last >= STAGES.index("trace"):
        for name in pins.behind(case, "trace"):
            STAGE[name](case, plugins, progress)  # what was asked in vain changed nothing, and that is noted
    if last >= STAGES.index("find"):
        outcomes.append(find.run(case, plugins, progress))
    if last >= STAGES.index("trace"):
        _something(case, plugins, outcomes)  # what was not examined is stated before: it can be listed
    if last >= STAGES.index("write"):
        for name in pins.behind(case):
            STAGE[name](case, plugins, progress)  # the clock was set back while they ran
        outcomes.append(write.run(case, plugins, progress))
    return outcomes


def _something(case: Case, plugins: Plugins, outcomes: Sequence[Outcome]) -> None:
    """Raises Error where sources were asked and no exhibit shows a transaction: there is nothing to report."""
    here = dict(next((one.counts for one in reversed(outcomes) if one.stage == "decode"), ()))
    if any(one.stage == "collect" for one in outcomes) and not here.get("transactions", 1):
        raise nothing(case, plugins)
