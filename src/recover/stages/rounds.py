"""rounds: what is open, asked all at once; then traced, and what is open then."""

from __future__ import annotations

import time
from collections.abc import Sequence

from recover.capture import begun
from recover.capture.collector import Collector
from recover.capture.vain import nothing
from recover.case import Case
from recover.plugins.registry import Plugins
from recover.sdk.batch import ask_text
from recover.sdk.values import Ask
from recover.stages import Outcome, Progress, decode, link, since, trace
from recover.trails.asks import answered, opened, unbelieved


def one(
    case: Case, plugins: Plugins, asking: Collector, progress: Progress, answers: set[str] | None = None
) -> Outcome:
    """All that is open, at once, what concerns most traced value first; answers are numbered in that order.

    What was answered in this run already, as `answers` has it, is not put again though it is open still.
    """
    found = opened(case, plugins, [source for source, _ in asking.places])
    asking.elsewhere = unbelieved(case)
    had = set() if answers is None else answers
    asks = [one for one in found.able if ask_text(one) not in had]
    outcome = put(asks, len(found.asks), asking, progress)
    had |= {ask_text(one) for one in asks} & answered(case)
    return outcome


def put(asks: Sequence[Ask], count: int, asking: Collector, progress: Progress) -> Outcome:
    """Put these asks, and say what became of them; `count` are open, also those that nobody can answer."""
    began = time.monotonic_ns()
    came = asking.round(asks, lambda done: progress("collect", done, count))
    done, failed = sum(one.answered for one in came), sum(one.failed for one in came)
    counts = (("open asks", count), ("answered", done), ("failed", failed))
    unanswered = len(came) - done  # what one source could not answer, and the next one did, is no gap
    return Outcome(stage="collect", done=done + failed > 0, counts=counts, gaps=unanswered, ms=since(began))


def first(case: Case, plugins: Plugins, asking: Collector, progress: Progress, answers: set[str]) -> list[Outcome]:
    """What is left of a round that was cut off; what the losses name, where the case holds nothing yet.

    Raises Error when nothing came.
    """
    if not asking.places or not case.settings.losses:
        return []
    outcomes = [put(left, len(left), asking, progress)] if (left := begun.left(case)) else []
    if any(one.sources for one in case.used()):
        return outcomes
    outcomes.append(one(case, plugins, asking, progress, answers))
    if not any(one.sources for one in case.used()):
        raise nothing(case, plugins)
    return outcomes


def further(
    case: Case, plugins: Plugins, asking: Collector, progress: Progress, answers: set[str]
) -> list[Outcome]:
    """Rounds until no ask is left that an allowed source can answer, or as many as may be are over."""
    outcomes: list[Outcome] = []
    for _ in range(asking.mine.limits(case.id).rounds if asking.places else 0):
        outcomes.append(one(case, plugins, asking, progress, answers))
        if not dict(outcomes[-1].counts)["answered"]:
            break
        outcomes += [stage.run(case, plugins, progress) for stage in (decode, link, trace)]
    return outcomes
