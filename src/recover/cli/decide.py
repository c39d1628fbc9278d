"""decide: which exhibit a person relies on, where exhibits contradict each other."""

from __future__ import annotations

from typing import Annotated

import typer

from recover.cli import screen
from recover.cli.options import CasePath, Json


def decide(
    case: CasePath,
    tx: Annotated[str, typer.Argument(metavar="TX", help="The disputed transaction.", show_default=False)],
    exhibit: Annotated[int, typer.Option(metavar="N", help="The exhibit to rely on.", show_default=False)],
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why this one; it is kept.", show_default=False)],
    json: Json = False,
) -> None:
    """Settle a contradiction: which exhibit to rely on.

    Where exhibits contradict each other about a transaction, neither version is followed until a person decides.
    """
    from recover.case import open_for_writing
    from recover.declared.decisions import decide as settle
    from recover.plugins import registry

    plugins = registry.load()
    with open_for_writing(case, "decide") as opened:
        found = settle(opened, plugins, tx=tx, exhibit=exhibit, reason=reason)
        head = opened.head[0]
    result = {"chain": found.chain, "tx": found.text, "exhibit": exhibit, "reason": reason, "head": head}
    screen.answer(result, json, lambda: screen.facts([(k, str(v)) for k, v in result.items()]))
