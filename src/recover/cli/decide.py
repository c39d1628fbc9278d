"""decide: which exhibit a person relies on, where exhibits contradict each other."""

from __future__ import annotations

from typing import Annotated

import typer

from recover.cli import screen
from recover.cli.options import CasePath, Json


def decide(
    case: CasePath,
    tx: Annotated[
        str | None, typer.Argument(metavar="TX", help="The disputed transaction.", show_default=False)
    ] = None,
    exhibit: Annotated[
        int | None, typer.Option(metavar="N", help="The exhibit to rely on.", show_default=False)
    ] = None,
    listed: Annotated[
        str | None,
        typer.Option(
            "--list",
            metavar="ADDRESS",
            help="Of that exhibit, rely on the list of one address alone.",
            show_default=False,
        ),
    ] = None,
    letter: Annotated[
        str | None,
        typer.Option(
            metavar="SERVICE", help="Draft a letter to a service that a label keeps it from.", show_default=False
        ),
    ] = None,
    paper: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="Let a report or a letter break --rule.", show_default=False),
    ] = None,
    rule: Annotated[
        str, typer.Option(metavar="RULE", help="The rule of language, as stopped/ names it.", show_default=False)
    ] = "",
    by: Annotated[
        str, typer.Option(metavar="NAME", help="Who decides about the letter.", show_default=False)
    ] = "",
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why; it is kept.", show_default=False)] = "",
    json: Json = False,
) -> None:
    """Settle a contradiction, or a letter that a label keeps back.

    Where exhibits contradict each other about a transaction, no version is followed until a person decides.
    """
    from recover.cli.writing import open_for_writing
    from recover.declared.decisions import allow, let_pass
    from recover.declared.decisions import decide as settle
    from recover.plugins import registry

    if [tx, letter, paper].count(None) != 2 or (tx is not None and exhibit is None) or (paper and not rule):
        raise typer.BadParameter(
            "name a transaction TX with --exhibit N, a service with --letter SERVICE, or --paper KIND with --rule."
        )
    what: dict[str, object] = {}
    with open_for_writing(case, "decide") as opened:
        if paper is not None:
            let_pass(opened, paper=paper, rule=rule, by=by, reason=reason)
        elif letter is not None:
            allow(opened, service=letter, by=by, reason=reason)
        else:
            found = settle(
                opened,
                registry.load(),
                tx=tx or "",
                exhibit=exhibit or 0,
                reason=reason,
                listed=listed,
            )
            what = {"chain": found.chain, "tx": found.text, "exhibit": exhibit}
            what |= {} if listed is None else {"list": listed}
        head = opened.head[0]
    if letter or paper:
        what = {"letter": letter, "by": by} if letter else {"paper": paper, "rule": rule, "by": by}
    result = {**what, "reason": reason, "head": head}
    screen.answer(result, json, lambda: screen.facts([(k, str(v)) for k, v in result.items()]))
