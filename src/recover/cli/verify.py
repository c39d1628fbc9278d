"""verify: whether everything that a case keeps, and all that is made from it, still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import progress, screen
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.stages.verify import Verdict


def verify(
    case: CasePath,
    head: Annotated[
        str, typer.Option(metavar="HASH", help="The journal head that a paper prints.", show_default=False)
    ] = "",
    json: Json = False,
) -> None:
    """Check that everything still holds. It only reads.

    Every digest and the journal are checked, and what is derived is made again and compared. Exit code 0: it
    holds; 3: something does not hold; 6: not comparable, made with other versions; 5: something was not checked.
    """
    from recover.plugins import registry
    from recover.stages.verify import EXITS
    from recover.stages.verify import verify as check

    plugins = registry.load()
    with progress.watch(json) as tell:
        verdict = check(case, plugins, tell, head)
    result = {"answer": verdict.answer, "checks": verdict.checks, "proofs": dict(verdict.proofs)}
    screen.answer(result, json, lambda: _told(verdict))
    raise typer.Exit(EXITS[verdict.answer])


def _told(verdict: Verdict) -> None:
    columns = (Column(title="Check"), Column(title="Answer"), Column(title="Detail", prose=True))
    screen.table(columns, [[c.name, c.answer.value, c.detail] for c in verdict.checks])
    if verdict.proofs:
        screen.say("")
        proofs = [[grade, f"{count:,}"] for grade, count in verdict.proofs]
        screen.table((Column(title="Proof"), Column(title="Transactions", right=True)), proofs)
    screen.say("")
    screen.say(_SAID[verdict.answer.name])


_SAID = {
    "HOLDS": "All checks hold.",
    "UNCHECKED": "What was examined holds; not everything was checked.",
    "APART": "Journal and exhibits hold; what is named above was made with other versions and cannot be compared.",
    "FAILS": "Something does not hold.",
}
