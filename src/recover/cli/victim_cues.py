"""victim cues: addresses of which somebody is to be screened before treating as suspect, and who lifted a cue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import dates, screen
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.case import Case
    from recover.victims.cues import Cue, Held


def cues(
    case: CasePath,
    address: Annotated[
        str,
        typer.Argument(metavar="[ADDRESS]", help="With --lift or --hold: which.", show_default=False),
    ] = "",
    lift: Annotated[bool, typer.Option("--lift", help="It was screened: let papers and lists name it.")] = False,
    hold: Annotated[bool, typer.Option("--hold", help="Take that back.")] = False,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who screened.", show_default=False)] = "",
    reason: Annotated[
        str,
        typer.Option(metavar="WHY", help="Kept in the journal: nothing of what was found.", show_default=False),
    ] = "",
    trained: Annotated[bool, typer.Option("--trained", help="The person is trained to screen.")] = False,
    json: Json = False,
) -> None:
    """List addresses that are paid as people are who may be forced to work. For the court and lead agency alone.

    No letter, list of a seizure or feed names them before a trained person lets it.
    """
    from recover.case import open_for_reading
    from recover.cli.writing import open_for_writing
    from recover.victims import cues as cues_

    if lift or hold:
        with open_for_writing(case, "cues") as writing:
            place = _place(writing, address)
            cues_.lift(writing, place, by=by, reason=reason, trained=trained, back=hold)
        done: Row = {"address": place, "lifted": lift, "by": by, "reason": reason}
        screen.answer(done, json, lambda: screen.facts([(key, str(value)) for key, value in done.items()]))
        return
    opened = open_for_reading(case)
    _listed(opened, cues_.found(opened), cues_.held(opened), cues_.lifted(opened), json)


def _place(case: Case, text: str) -> str:
    from recover.plugins import registry
    from recover.recognise.names import here, recognise
    from recover.sdk.errors import Error
    from recover.sdk.values import Address

    found = recognise(registry.load(), text, here(case))[1] if text else None
    if not isinstance(found, Address):
        raise Error(
            "no-cue",
            f"{text!r} is no address." if text else "No address is named.",
            "A cue is at an address.",
            "`recover victim cues CASE` lists them.",
        )
    return found.caip10


def _listed(case: Case, found: list[Cue], held: list[Held], gone: Mapping[str, str], json: bool) -> None:
    from recover.cli.victims_shown import amount, assets
    from recover.victims import screening

    names = ("chain", "address", "payer", "asset", "payments", "near", "regular", "back")
    back = {one.place for one in held}
    rows: list[Row] = [
        {
            **{name: getattr(one, name) for name in names},
            "usual": str(one.usual),
            "first": dates.show(one.first) or None,
            "last": dates.show(one.last) or None,
            "kept_back": one.place in back,
            "spared": one.spared or None,
            "lifted": gone.get(one.place),
        }
        for one in found
    ]
    units = assets(case) if rows else {}
    columns = [Column(title="Address"), Column(title="Paid by"), Column(title="Times", right=True)]
    columns += [Column(title="Usually", right=True), Column(title="Alike", right=True, rank=1)]
    columns += [Column(title="Regular"), Column(title="Paid back", right=True, rank=1)]
    columns += [Column(title="In letters and lists", prose=True)]
    cells = [
        [
            row["address"],
            row["payer"],
            str(row["payments"]),
            amount(row["asset"], row["usual"], units),
            str(row["near"]),
            "yes" if row["regular"] else "no",
            str(row["back"]),
            _named(row),
        ]
        for row in rows
    ]
    along: list[Row] = [
        {"chain": one.chain, "address": one.address, "payer": one.payer} for one in held if one.along
    ]
    result = {"wording": screening.WORDING, "cues": rows, "along": along}

    def shown() -> None:
        screen.table(columns, cells, "no address is paid so")
        if along:
            screen.heading("Kept back with them: paid by one of them alone")
            sides = [Column(title="Address"), Column(title="Paid by")]
            screen.table(sides, [[row["address"], row["payer"]] for row in along])

    screen.answer(result, json, shown)
    if rows:
        screen.remark(screening.WORDING)
        screen.remark("A cue and no more: nobody has counted how often it is right. No feed names any of these.")


def _named(row: Row) -> str:
    if row["kept_back"]:
        return "not before screening"
    why = row["lifted"] or row["spared"]
    return f"yes: {why}" if why else "yes"
