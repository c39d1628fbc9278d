"""verify: does everything still hold?"""

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
    anything differs.
    """
    from recover import registry
    from recover.stages.verify import verify as check

    plugins = registry.load()
    with progress.watch(json) as tell:
        verdict = check(case, plugins, tell)
    result = {"ok": verdict.ok, "checks": verdict.checks, "proofs": dict(verdict.proofs)}
    screen.answer(result, json, lambda: _told(verdict))
    if not verdict.ok:
        raise typer.Exit(3)


def _told(verdict: Verdict) -> None:
    columns = (Column(title="Check"), Column(title="OK"), Column(title="Detail", prose=True))
    screen.table(columns, [[c.name, "yes" if c.ok else "NO", c.detail] for c in verdict.checks])
    if verdict.proofs:
        screen.say("")
        proofs = [[grade, f"{count:,}"] for grade, count in verdict.proofs]
        screen.table((Column(title="Proof"), Column(title="Transactions", right=True)), proofs)
    screen.say("")
    screen.say("All checks hold." if verdict.ok else "Something does not hold.")
