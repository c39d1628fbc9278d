"""status: how one case stands, or every case of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import dates, screen
from recover.cli.options import Json
from recover.cli.screen import Column
from recover.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recover.pursuit.overview import Standing


def status(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="A case, or the folder that cases lie in.")
    ] = Path(),
    json: Json = False,
) -> None:
    """Say how a case stands, or every case of a folder: asks open by value, what moved, clocks, papers waiting."""
    from recover.case.folder import clock
    from recover.pursuit.overview import standings

    found = standings(folder, clock())
    screen.answer(found, json, lambda: _told(found))
    unread = [one for one in found if one.problem]
    open_ = unread or any(one.open_count or one.gaps or one.problem for one in found)
    raise typer.Exit(Exit.GAPS if open_ else Exit.DONE)


def _told(found: Sequence[Standing]) -> None:
    columns = (
        Column(title="Case"),
        Column(title="Resolved", prose=True),
        Column(title="Asks open", right=True),
        Column(title="Gaps", right=True),
        Column(title="Off-ramps", right=True),
        Column(title="Moved", right=True, rank=1),
        Column(title="Papers", right=True, rank=1),
        Column(title="Out of date", rank=2),
    )
    rows = [
        [
            one.case,
            one.problem or "; ".join(f"{s['shown']} ({s['percent']} %)" for s in one.resolved) or "nothing traced",
            str(one.open_count),
            str(one.gaps),
            str(one.offramps),
            str(len(one.moved)),
            str(one.papers),
            ", ".join(one.behind),
        ]
        for one in found
    ]
    screen.table(columns, rows, "no case")
    for one in found:
        _one(one, named=len(found) > 1)


def _one(one: Standing, *, named: bool) -> None:
    if not (one.open or one.moved or one.clocks):
        return
    if named:
        screen.heading(one.case)
    if one.open:
        screen.heading("Open, by how much of the loss it concerns")
        for ask in one.open[:8]:
            share = f"{ask['share'] // 10_000} %" if ask["share"] >= 10_000 else "less than 1 %"
            screen.say(f"  {share:>13}  {ask['ask']:<8} {ask['about']}")
        if one.open_count > 8:
            screen.say(f"  and {one.open_count - 8} more: recover collect {one.case}")
    if one.clocks:
        screen.heading("Clocks: until when a credit can most likely still be held")
        for clock in one.clocks[:8]:
            over = "over" if clock["over"] else "RUNNING"
            screen.say(f"  {dates.show(clock['by'])}  {over:<8} {clock['what']}")
    if one.moved:
        screen.heading("Alerts")
        for alert in one.moved[:8]:
            screen.say(f"  {dates.show(alert['at'])}  {alert['said']}")
