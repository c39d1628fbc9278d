"""elect: a claimant's election of what was bought with the claimant's value (Re Oatway [1903] 2 Ch 356)."""

from __future__ import annotations

from typing import Annotated

import typer

from recover.cli import screen
from recover.cli.options import CasePath, Json


def elect(
    case: CasePath,
    loss: Annotated[
        str, typer.Option(metavar="ID", help="Whose loss, as `show losses` names it.", show_default=False)
    ],
    tx: Annotated[str, typer.Option(metavar="ID", help="The transaction that is elected.", show_default=False)],
    asset: Annotated[str, typer.Option(metavar="SYMBOL-OR-CAIP19", help="What it moved.", show_default=False)],
    reason: Annotated[
        str, typer.Option(metavar="WHY", help="Who elected, and on what ground; it is kept.", show_default=False)
    ],
    to: Annotated[
        str | None,
        typer.Option(metavar="A", help="Only what went to this address.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Record a claimant's election (Re Oatway): this movement took the claimant's value first.

    Under the rule oatway, which is lowest intermediate balance everywhere else.
    """
    from recover.cli.writing import open_for_writing
    from recover.declared.elections import declare, shared
    from recover.plugins import registry

    plugins = registry.load()
    with open_for_writing(case, "elect") as opened:
        made = declare(opened, plugins, loss=loss, tx=tx, asset=asset, to=to, reason=reason)
        others, head = shared(made, opened.settings.elections), opened.head[0]
    result = {name: getattr(made, name) for name in ("loss", "tx", "asset", "to", "reason")}
    result |= {"shared": others, "head": head}
    said = "both take in proportion to what of each is there: neither election goes before the other"
    told = result | {"shared": f"{', '.join(others)}: {said}" if others else ""}
    screen.answer(result, json, lambda: screen.facts([(k, str(v)) for k, v in told.items() if v]))
