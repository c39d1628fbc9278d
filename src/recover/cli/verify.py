"""verify: whether everything that a case keeps, and all that is made from it, still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from recover.cli import progress, screen
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.stages.verify import Verdict


def verify(case: CasePath, json: Json = False) -> None:
    """Check that everything still holds.

    Every digest and the journal are checked, and what is derived is made again and compared. Exit code 3 when
    anything differs, 5 when results are older than the case's last input, so that they were not compared.
    """
    from recover.plugins import registry
    from recover.stages.verify import verify as check

    plugins = registry.load()
    with progress.watch(json) as tell:
        verdict = check(case, plugins, tell)
    result = {
        "ok": verdict.ok,
        "compared": verdict.compared,
        "checks": verdict.checks,
        "proofs": dict(verdict.proofs),
    }
    screen.answer(result, json, lambda: _told(verdict))
    # 3 and 5 are different answers: something does not hold, and not everything could be compared.
    if not verdict.ok or not verdict.compared:
        raise typer.Exit(5 if verdict.ok else 3)


def _told(verdict: Verdict) -> None:
    columns = (Column(title="Check"), Column(title="OK"), Column(title="Detail", prose=True))
    screen.table(columns, [[c.name, "yes" if c.ok else "NO", c.detail] for c in verdict.checks])
    if verdict.proofs:
        screen.say("")
        proofs = [[grade, f"{count:,}"] for grade, count in verdict.proofs]
        screen.table((Column(title="Proof"), Column(title="Transactions", right=True)), proofs)
    screen.say("")
    held = "All checks hold." if verdict.compared else "What was examined holds; the results were not compared."
    screen.say(held if verdict.ok else "Something does not hold.")
