"""claims: who claims what of an asset that is held, entered and listed."""

from __future__ import annotations

from typing import Annotated

import typer

from recover.cli import dates, screen
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Enter competing claims, and list them.")


@app.command("add")
def add(
    case: CasePath,
    claimant: Annotated[
        str, typer.Option(metavar="WHO", help="Who claims; a victim by pseudonym.", show_default=False)
    ],
    asset: Annotated[str, typer.Option(metavar="SYMBOL-OR-CAIP19", help="To which asset.", show_default=False)],
    amount: Annotated[
        str,
        typer.Option(
            metavar="N",
            help="How much: a whole number is base units, with a decimal point it is units of the asset.",
            show_default=False,
        ),
    ],
    basis: Annotated[str, typer.Option(metavar="TEXT", help="On which ground.")] = "loss caused by the offence",
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="victim, owner, secured, creditor, state, insurer or other.")
    ] = "victim",
    received: Annotated[str, typer.Option(metavar="N", help="What came back already.")] = "0",
    traced: Annotated[
        str, typer.Option(metavar="N", help="What is traced to the pool, if not by the case.", show_default=False)
    ] = "",
    place: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where the asset rests, if only there.", show_default=False)
    ] = "",
    rank: Annotated[int, typer.Option("--rank", metavar="N", help="Rank of priority; 1 is paid first.")] = 1,
    priority: Annotated[
        str, typer.Option(metavar="TEXT", help="The priority that is asserted, and by what.", show_default=False)
    ] = "",
    loss: Annotated[
        str,
        typer.Option(
            metavar="L",
            help="The declared loss that it is the claim for; it is not counted again.",
            show_default=False,
        ),
    ] = "",
    by: Annotated[
        str,
        typer.Option(metavar="NAME", help="Who enters it; the case's examiner if not said.", show_default=False),
    ] = "",
    json: Json = False,
) -> None:
    """Enter one claim, as its claimant asserts it."""
    from recover.allocation import claiming
    from recover.cli.writing import open_for_writing
    from recover.declared.handing import working
    from recover.plugins import registry

    plugins = registry.load()
    said = claiming.Said(
        claimant=claimant,
        kind=kind,
        basis=basis,
        asset=asset,
        amount=amount,
        received=received,
        traced=traced,
        place=place,
        rank=rank,
        priority=priority,
        loss=loss,
    )
    with open_for_writing(case, "claims") as opened:
        made = claiming.add_each(opened, plugins, [said], by or working(opened))[0]
        told = [*claiming.doubled(opened, made)]
    found = row(made)
    shown = [(k, str(v)) for k, v in found.items() if v not in ("", None)]
    screen.answer({**found, "told": told}, json, lambda: screen.facts(shown))
    for line in told:
        screen.remark(line)


@app.command("withdraw")
def withdraw(
    case: CasePath,
    claim: Annotated[
        str, typer.Argument(metavar="ID", help="Of a claim (C1), or of a distribution (D1).", show_default=False)
    ],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who does it.", show_default=False)],
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why; it is kept.", show_default=False)],
    json: Json = False,
) -> None:
    """Take back a claim, or a distribution that was recorded by mistake; the journal keeps it."""
    from recover.allocation import claiming, distributed
    from recover.cli.writing import open_for_writing

    with open_for_writing(case, "claims") as opened:
        if claim.startswith("D"):
            gone = distributed.withdraw(opened, claim, by=by, reason=reason)
            found: Row = {name: getattr(gone, name) for name in ("id", "asset", "stage", "authority", "withdrawn")}
        else:
            found = row(claiming.withdraw(opened, claim, by=by, reason=reason))
    screen.answer(
        found, json, lambda: screen.facts([(k, str(v)) for k, v in found.items() if v not in ("", None)])
    )


@app.command("list")
def list_(case: CasePath, json: Json = False) -> None:
    """List every claim that was entered; withdrawn ones say so."""
    from recover.allocation import claiming
    from recover.case import open_for_reading

    found = [row(one) for one in claiming.every(open_for_reading(case))]
    columns = [
        Column(title="Claim"),
        Column(title="Claimant"),
        Column(title="Kind"),
        Column(title="Basis", prose=True),
    ]
    columns += [
        Column(title="Asset"),
        Column(title="Amount", right=True),
        Column(title="Received", right=True, rank=1),
    ]
    columns += [Column(title="Rank", right=True), Column(title="Priority", prose=True, rank=1)]
    columns += [Column(title="Place", rank=2), Column(title="Withdrawn", prose=True)]
    names = (
        "id",
        "claimant",
        "kind",
        "basis",
        "asset",
        "amount",
        "received",
        "rank",
        "priority",
        "place",
        "withdrawn",
    )
    cells = [[str(one[name]) for name in names] for one in found]
    screen.answer(found, json, lambda: screen.table(columns, cells, "no claims"))


def row(one: object) -> Row:
    """A claim as JSON has it: amounts as text, in base units."""
    from recover.allocation.claiming import Claim

    assert isinstance(one, Claim)
    texts = ("id", "claimant", "kind", "basis", "asset", "place", "rank", "priority", "loss", "by", "withdrawn")
    sums = {
        name: None if (n := getattr(one, name)) is None else str(n) for name in ("amount", "received", "traced")
    }
    return {**{name: getattr(one, name) for name in texts}, **sums, "at": dates.show(one.at)}
