"""run: every stage in order, and again while an allowed source can answer what a trace still asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from recover.capture import own
from recover.capture.own import Own
from recover.case import Case
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.stages import Outcome, Progress, collect, decode, find, link, trace, write

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
    spent. Raises Error for a stage that there is not.
    """
    if until not in STAGES:
        known = f"The stages are {', '.join(STAGES)}."
        raise Error("no-stage", f"There is no stage called {until}.", known, "Name one of them with --until.")
    last = STAGES.index(until)
    outcomes = _first(case, plugins, progress, mine := mine or own.load())
    outcomes += [STAGE[name](case, plugins, progress) for name in ("decode", "link", "trace")[:last]]
    if last >= STAGES.index("trace"):
        outcomes += _rounds(case, plugins, progress, mine)
        for name in pins.behind(case, "trace"):
            STAGE[name](case, plugins, progress)  # what was asked in vain changed nothing, and that is noted
    if last >= STAGES.index("find"):
        outcomes.append(find.run(case, plugins, progress))
    if last >= STAGES.index("write"):
        for name in pins.behind(case):
            STAGE[name](case, plugins, progress)  # the clock was set back while they ran
        outcomes.append(write.run(case, plugins, progress))
    return outcomes


def _first(case: Case, plugins: Plugins, progress: Progress, mine: Own) -> list[Outcome]:
    """Ask for what the losses name where the case holds nothing yet. Raises Error when nothing came."""
    if case.exhibits() or not (case.settings.sources or mine.given) or not case.settings.losses:
        return []
    outcome = collect.ask(case, plugins, progress, mine)
    if not case.exhibits():
        asked = (e.body for e in case.entries if e.kind == "asked" and e.body["why"])
        said = [*(f"{body['source']}: {body['why']}" for body in asked), *case.told]
        raise Error(
            "nothing-collected",
            f"The case {case.path.name} holds no exhibit, and no source that it allows gave one.",
            " ".join(dict.fromkeys(said)) or "No allowed source answers for the chains of its losses.",
            "Check [collect] in case.toml and your own recover.toml, or import a file.",
        )
    return [outcome]


def _rounds(case: Case, plugins: Plugins, progress: Progress, mine: Own) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for _ in range(mine.limits(case.id).rounds if case.settings.sources or mine.given else 0):
        outcomes.append(collect.ask(case, plugins, progress, mine))
        if not dict(outcomes[-1].counts)["answered"]:
            break
        outcomes += [STAGE[name](case, plugins, progress) for name in ("decode", "link", "trace")]
    return outcomes
