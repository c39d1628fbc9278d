"""What joins two addresses, step by step: `explain` of two addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from recover.cli import screen

if TYPE_CHECKING:
    from recover.case import Case
    from recover.linking.joined import Between, Step

_NAMED = 12  # transactions written out in a step; the rest are counted


def between(case: Case, one: str, two: str, json: bool) -> None:
    """Print what joins two addresses, or why nothing does."""
    from recover.linking.joined import between as found
    from recover.plugins import registry

    answers = found(case, registry.load(), one, two)
    screen.answer([asdict(answer) for answer in answers], json, lambda: _all(answers))


def _all(answers: Sequence[Between]) -> None:
    for answer in answers:
        screen.heading(f"{answer.one} and {answer.two}, on {answer.chain}")
        if answer.entity:
            screen.sentence(f"Entity {answer.entity}" + (f", {answer.service}." if answer.service else "."))
        if answer.why:
            screen.sentence(answer.why)
        # Both texts can be spellings of one address.
        if answer.joined and not answer.steps:
            screen.sentence("They are one and the same address.")
        count = len(answer.steps)
        for number, step in enumerate(answer.steps, 1):
            _step(step, f"Step {number} of {count}")


def _step(step: Step, title: str) -> None:
    screen.say("", f"{title}: {step.one} - {step.two}")
    screen.say(f"  {step.kind} by {step.heuristic} {step.version}, grade {step.grade}")
    if step.exhibit:
        screen.say(f"  In exhibit {step.exhibit}")
    named = ", ".join(step.transactions[:_NAMED])
    more = f" and {len(step.transactions) - _NAMED} more" if len(step.transactions) > _NAMED else ""
    word = "Transaction" if len(step.transactions) == 1 else "Transactions"
    screen.say(f"  {word}: {named}{more}" if named else "  It names no transaction.")
    # Edges that the policy of the case does not count are shown too: they are the answer to "why not one entity?".
    if step.why:
        screen.say(f"  It does not count: {step.why}.")
