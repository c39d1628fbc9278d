"""indicator: sites, pages, accounts, lines and addresses that were used, each with its capture as an exhibit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import dates, screen
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.prevention.indicators import Indicator

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Enter sites, accounts and addresses that were used, each with its capture.",
)


@app.command("add")
def add(
    case: CasePath,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="shop.example, a page, an account, an address.")],
    type_: Annotated[str, typer.Option("--type", metavar="TYPE", help="domain, url, account, line or address.")],
    category: Annotated[
        str,
        typer.Option(
            metavar="WHAT",
            help="phishing, impersonation, fake-exchange, romance, rug-pull, pump-and-dump, giveaway, ransomware, "
            "sextortion, drainer or other.",
        ),
    ],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who enters it.", show_default=False)],
    reason: Annotated[str, typer.Option(metavar="WHY", help="What it was used for, and how that is known.")],
    first_seen: Annotated[str, typer.Option("--first-seen", metavar="TIME", help="When it was seen first (UTC).")],
    last_seen: Annotated[
        str, typer.Option("--last-seen", metavar="TIME", help="When last; else as first.", show_default=False)
    ] = "",
    capture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Its capture; it becomes an exhibit.", show_default=False),
    ] = None,
    exhibit: Annotated[
        int | None, typer.Option(metavar="N", help="The exhibit that is its capture.", show_default=False)
    ] = None,
    grade: Annotated[str, typer.Option(metavar="GRADE", help="How sure, A to E.")] = "C",
    platform: Annotated[
        str, typer.Option(metavar="NAME", help="The platform of an account.", show_default=False)
    ] = "",
    user_id: Annotated[
        str, typer.Option("--user-id", metavar="ID", help="Its fixed number there.", show_default=False)
    ] = "",
    source: Annotated[str, typer.Option(metavar="TEXT", help="From where it is known.", show_default=False)] = "",
    json: Json = False,
) -> None:
    """Enter what was used: a site, a page, an account, a line, an address. Never a person.

    `recover review` accepts it, `recover undo` takes it back; a letter names it by `--indicator`.
    """
    from recover.capture.imports import named, taken
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.prevention import indicators

    if (capture is None) == (exhibit is None):
        raise typer.BadParameter("name its capture: a file with --capture, or an exhibit with --exhibit.")
    first = dates.parse(first_seen)
    last = dates.parse(last_seen) if last_seen else first
    given = (named(capture), taken(capture)) if capture is not None else exhibit or 0
    with open_for_writing(case, "indicator") as opened:
        made = indicators.add(
            opened,
            registry.load(),
            type=type_,
            value=value,
            capture=given,
            first_seen=first,
            last_seen=last,
            by=by,
            reason=reason,
            category=category,
            grade=grade,
            platform=platform,
            user_id=user_id,
            source=source,
        )
    _facts(made, json)


@app.command("list")
def list_(case: CasePath, json: Json = False) -> None:
    """List indicators, with what reviews of each come to; those that were undone say so."""
    from recover.case import open_for_reading
    from recover.declared.deeds import reviewed
    from recover.prevention import indicators

    opened = open_for_reading(case)
    rows = []
    for one in indicators.every(opened):
        state, acts = reviewed(opened, one.finding)
        rows.append({**_row(one), "review": state or None, "reviewers": [act.by for act in acts]})
    heads = (
        Column(title="Indicator"),
        Column(title="Type"),
        Column(title="Value"),
        Column(title="Category", rank=1),
        Column(title="Grade"),
        Column(title="Exhibit", right=True),
        Column(title="Seen (UTC)", rank=2),
        Column(title="Review"),
        Column(title="Undone", prose=True, rank=1),
    )
    cells = [
        [
            *(row["id"], row["type"], row["told"], row["category"], row["grade"], str(row["exhibit"])),
            f"{row['first_seen'][:10]} to {row['last_seen'][:10]}",
            row["review"] or "–",
            row["undone"],
        ]
        for row in rows
    ]
    screen.answer(rows, json, lambda: screen.table(heads, cells, "no indicators"))


def undone(case: Path, ident: str, by: str, reason: str, json: bool) -> None:
    """Take an indicator back."""
    from recover.cli.writing import open_for_writing
    from recover.prevention import indicators

    with open_for_writing(case, "undo") as opened:
        made = indicators.undo(opened, ident, by=by, reason=reason)
    _facts(made, json)


def _row(one: Indicator) -> Row:
    names = (
        *("id", "type", "value", "told", "chain", "platform", "user_id", "category", "grade", "source", "exhibit"),
        *("digest", "first_seen", "last_seen", "by", "reason", "at", "undone"),
    )
    return {name: getattr(one, name) for name in names}


def _facts(one: Indicator, json: bool) -> None:
    row = _row(one)
    shown = [
        (key, str(said)) for key, said in row.items() if said not in ("", None) and key not in ("value", "at")
    ]
    screen.answer(row, json, lambda: screen.facts(shown))
