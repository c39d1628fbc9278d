"""show: what a case holds and what was found, for a person or as JSON. Reads only what it prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import codec, filters, listings, places, screen
from recover.cli.options import CasePath, Json

if TYPE_CHECKING:
    from recover.case import Case

WHAT = (
    "offramps",
    "totals",
    "origins",
    "findings",
    "flows",
    "crossings",
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
    "acts",
    "custody",
    "journal",
    "address",
    "tx",
)

_SCREENFUL = 200  # rows a terminal gets unless --limit says otherwise; a pipe gets all


def show(
    case: CasePath,
    what: Annotated[str, typer.Argument(metavar="WHAT", help=f"One of: {', '.join(WHAT)}.", show_default=False)],
    of: Annotated[
        str, typer.Argument(metavar="[NAME]", help="For `address` and `tx`: which.", show_default=False)
    ] = "",
    address: Annotated[str, typer.Option(metavar="A", help="Only rows of this address.", show_default=False)] = "",
    tx: Annotated[str, typer.Option(metavar="ID", help="Only rows of this transaction.", show_default=False)] = "",
    asset: Annotated[
        str, typer.Option(metavar="SYMBOL-OR-CAIP19", help="Only rows of this asset.", show_default=False)
    ] = "",
    loss: Annotated[str, typer.Option(metavar="ID", help="Only rows of this loss.", show_default=False)] = "",
    least: Annotated[
        str, typer.Option(metavar="AMOUNT", help="Only from this amount on, in units.", show_default=False)
    ] = "",
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
    if (what in ("address", "tx")) != bool(of):
        raise typer.BadParameter("`show CASE address A` and `show CASE tx T` name one; other listings name none.")
    if without and what != "entities":
        raise typer.BadParameter("--without is for entities.")
    opened = open_for_reading(case)
    late = _late(opened, what)
    if late:
        screen.remark(late)
    if what in ("address", "tx"):
        found = places.address(opened, of) if what == "address" else places.tx(opened, of)
        screen.answer(found, json, lambda: places.shown(opened, found))
        return
    wanted = filters.Filters(address=address, tx=tx, asset=asset, loss=loss, least=least)
    if wanted:
        _filtered(opened, what, limit, without, wanted, json)
        return
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


def _filtered(case: Case, what: str, limit: int | None, without: str, wanted: filters.Filters, json: bool) -> None:
    """The rows that have what is wanted. Raises Error where the case has nothing of it at all."""
    from recover.cli.related import BEHIND, related, touched
    from recover.sdk.errors import Error

    try:
        assets = listings.assets(case)
    except Error:
        assets = {}
    if wanted.least:
        try:
            filters.number(wanted.least)
        except ValueError:
            raise typer.BadParameter(f"--least {wanted.least} is no amount.") from None
    wanted = _spelt(case, wanted)
    others, how = BEHIND.get(what, (frozenset(), ""))
    asked = wanted.only(others)
    behind = None
    if asked:
        found = related(case, asked, assets)
        behind = (others, lambda row: touched(row, how, found))
    rows = _limited(filters.kept(_rows(case, what, 0, without), wanted, assets, behind), limit or 0)
    first = next(rows, None)
    if first is None:
        _unknown(case, what, wanted, assets)
    rows = chain([] if first is None else [first], rows)
    if json:
        screen.stream(rows)
        return
    # What a listing says where it is empty is of the case: these rows were only not asked for.
    if first is None and (every := sum(1 for _ in _rows(case, what, 0, without))):
        screen.say(f"(no row of {what} is of what was asked for; without the filter there are {every:,})")
        return
    _told(case, what, list(rows))


def _spelt(case: Case, wanted: filters.Filters) -> filters.Filters:
    """Names with a chain before them, or pasted as a link, in the spelling of the case."""
    from dataclasses import replace

    spelt = {name: text for name in ("address", "tx") if set(":/") & set(text := getattr(wanted, name))}
    return replace(wanted, **{name: places.spelt(case, text) for name, text in spelt.items()}) if spelt else wanted


def _unknown(case: Case, what: str, wanted: filters.Filters, assets: Mapping[str, tuple[str, int | None]]) -> None:
    """Raises Error where no row fits because the case has nothing of the name that was given."""
    from recover.cli.related import known
    from recover.sdk.errors import Error

    words = {"address": "the address", "tx": "the transaction", "asset": "the asset", "loss": "a loss"}
    for name, word in words.items():
        value = getattr(wanted, name)
        if value and not known(case, name, value, assets):
            raise Error(
                "show-filter",
                f"Nothing in the case is of {word} {value}.",
                "An empty list of something mistyped would mislead.",
                f"`recover show CASE {'losses' if name == 'loss' else 'transfers'}` lists what there is.",
            )


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
    from recover.case import FORMAT, derived
    from recover.plugins.pins import behind

    stage, _ = derived.PLACES.get({"rules": "ends"}.get(what, what), ("", ""))
    if not stage or not any(entry.kind == "ran" for entry in case.entries):
        return ""
    if case.unfinished is not None:
        return f"STALE: an upgrade was begun and cut off. `recover upgrade {case.path}` finishes it."
    if case.format < FORMAT:
        return (
            f"STALE: these results are of format {case.format}, by an older version; this program's is {FORMAT}, "
            f"and it can give other figures. `recover upgrade {case.path}` says which."
        )
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
    from recover.cli import ranges

    if without:
        return listings.without(case, without, most)
    return ranges.rows(case, most) if what == "rules" else listings.any_of(case, what, most)


def _told(case: Case, what: str, rows: list[codec.Row]) -> None:
    from recover.cli import given, handover, hands, pictures, ranges

    if what == "rules":
        ranges.told(case, rows)
    elif what == "acts":
        hands.table(rows)
    elif what == "custody":
        handover.table(rows)
    elif what == "losses":
        shown = {row["id"] for row in rows}
        given.losses([loss for loss in case.settings.losses if loss.id in shown])
    elif what == "exhibits":
        shown = {row["number"] for row in rows}
        given.exhibits([one for one in case.exhibits() if one.number in shown])
    else:
        pictures.show(case, what, rows)
        if what == "offramps":
            _hinted(case, rows)


def _hinted(case: Case, rows: list[codec.Row]) -> None:
    """What can be done about a label of another chain, each service once."""
    for service, basis in {str(row["possible"]): str(row["basis"]) for row in rows if row.get("possible")}.items():
        screen.remark(f"{service} is possible, and not named: {basis}")
        screen.remark(
            f"Next: ask {service} whether the wallet is its own on this chain. The answer, or a surer label "
            f"of this chain, is imported with `recover import {case.typed} FILE`; till then no letter goes."
        )
