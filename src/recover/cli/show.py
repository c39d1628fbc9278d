"""show: what a case holds and what was found, for a person or as JSON. Reads only what it prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import codec, screen
from recover.cli.options import CasePath, Json

if TYPE_CHECKING:
    from recover.case import Case

WHAT = (
    "offramps",
    "totals",
    "origins",
    "findings",
    "flows",
    "rules",
    "gaps",
    "entities",
    "exhibits",
    "transactions",
    "transfers",
    "blocks",
    "events",
    "states",
    "assertions",
    "completeness",
    "losses",
    "journal",
)

_SCREENFUL = 200  # rows a terminal gets unless --limit says otherwise; a pipe gets all


def show(
    case: CasePath,
    what: Annotated[str, typer.Argument(metavar="WHAT", help=f"One of: {', '.join(WHAT)}.", show_default=False)],
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", help="At most N rows; 0 is all. A terminal gets 200.", show_default=False),
    ] = None,
    without: Annotated[
        str,
        typer.Option(
            metavar="HEURISTIC", help="Entities as they would be without merging by it.", show_default=False
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Show what a case holds or what was found."""
    from recover.case import open_for_reading

    _known(what)
    if limit is not None and limit < 0:
        raise typer.BadParameter("--limit is 0 or more.")
    if without and what != "entities":
        raise typer.BadParameter("--without is for entities.")
    opened = open_for_reading(case)
    late = _late(opened, what)
    if late:
        screen.remark(late)
    if json:
        screen.stream(_marked(_limited(_rows(opened, what, limit or 0, without), limit or 0), late))
        return
    # A pipe gets all: what a script reads must not depend on who looks.
    most = _SCREENFUL if limit is None and screen.terminal_out() else (limit or 0)
    # One more than is shown tells whether there are more, without counting all.
    rows = list(_limited(_rows(opened, what, most and most + 1, without), most and most + 1))
    _told(opened, what, rows[:most] if most else rows)
    if most and len(rows) > most:
        screen.remark(f"The first {most} rows; --limit 0 shows all.")


def _known(what: str) -> None:
    from difflib import get_close_matches

    from recover.sdk.errors import Error

    if what in WHAT:
        return
    near = get_close_matches(what, WHAT, n=1, cutoff=0.5)
    raise Error(
        "show-what",
        f"There is nothing called {what!r} to show.",
        f"It is one of: {', '.join(WHAT)}.",
        f"Did you mean {near[0]}?" if near else "Name one of these.",
    )


def _late(case: Case, what: str) -> str:
    """What must be said of results that have not seen all that the case holds; empty where they have."""
    from recover.case import derived
    from recover.plugins.pins import behind

    stage, _ = derived.PLACES.get({"rules": "ends"}.get(what, what), ("", ""))
    if not stage or not any(entry.kind == "ran" for entry in case.entries):
        return ""
    # What a case declares moves no transfer.
    kinds = ("opened", "settings") if stage == "decode" else ()
    late = behind(case, stage, kinds)
    if not late and not case.edited:
        return ""
    why = f"{', '.join(late)} ran before" if late else "case.toml was changed"
    return f"STALE: the case holds what this has not seen ({why}). `recover run {case.path}` brings it up to date."


def _marked(rows: Iterable[codec.Row], late: str) -> Iterator[codec.Row]:
    """Rows as JSON has them: each says that it is stale; where there is none, one says that alone."""
    empty = True
    for row in rows:
        empty = False
        yield {**row, "stale": late} if late else row
    if late and empty:
        yield {"stale": late}


def _limited(rows: Iterable[codec.Row], most: int) -> Iterator[codec.Row]:
    return islice(rows, most) if most else iter(rows)


def _rows(case: Case, what: str, most: int, without: str) -> Iterable[codec.Row]:
    """The rows of one kind as JSON gives them. Raises Error naming the stage to run when there are none yet."""
    from recover.cli import listings, ranges

    if without:
        return listings.without(case, without, most)
    read: dict[str, Callable[[Case, int], Iterable[codec.Row]]] = {
        "offramps": listings.offramps,
        "findings": listings.findings,
        "flows": listings.flows,
        "transactions": listings.transactions,
        "transfers": listings.transfers,
        "rules": ranges.rows,
        "gaps": listings.gaps,
        "exhibits": listings.exhibits,
        "losses": listings.losses,
        "journal": listings.journal,
    }
    return read[what](case, most) if what in read else listings.table(case, what, most)


def _told(case: Case, what: str, rows: list[codec.Row]) -> None:
    from recover.cli import pictures, ranges

    if what == "rules":
        ranges.told(case, rows)
    elif what == "losses":
        pictures.losses(list(case.settings.losses)[: len(rows)])
    elif what == "exhibits":
        pictures.exhibits(list(case.exhibits())[: len(rows)])
    else:
        pictures.show(case, what, rows)
        if what == "offramps":
            _hinted(case, rows)


def _hinted(case: Case, rows: list[codec.Row]) -> None:
    """What can be done about a label of another chain, each service once."""
    for service, basis in {str(row["possible"]): str(row["basis"]) for row in rows if row.get("possible")}.items():
        screen.remark(f"{service} is possible, and not named: {basis}")
        screen.remark(
            f"Next: ask {service} whether the wallet is its own on this chain. Its answer, or a label of this "
            f"chain, is imported with `recover import {case.path.name} FILE`; until then no letter goes to it."
        )
