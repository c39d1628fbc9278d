"""status: how one case stands, or every case of a folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recover.cli import dates, screen
from recover.cli.options import Json
from recover.cli.screen import Column
from recover.exits import Exit
from recover.sdk.counts import counted
from recover.sdk.outside import typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recover.letters.clocks import Term
    from recover.pursuit.overview import Standing


def status(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="A case, or the folder that cases lie in.")
    ] = Path(),
    json: Json = False,
) -> None:
    """Say how a case stands, or each of a folder: asks open by value, what moved, clocks, papers waiting."""
    from recover.case.folder import clock
    from recover.pursuit.overview import standings

    now = clock()
    found = [_lettered(one, now) for one in standings(folder, now)]
    screen.answer(found, json, lambda: _told(found))
    raise typer.Exit(Exit.GAPS if any(one.missing for one in found) else Exit.DONE)


def _lettered(one: Standing, now: datetime) -> Standing:
    """The case with the clocks of its issued letters beside those of its credits."""
    from recover.case import open_for_reading
    from recover.letters import life, running
    from recover.plugins import registry

    if one.problem:
        return one
    case = open_for_reading(Path(one.case))
    if not any(letter.issued for letter in life.letters(case).values()):
        return one
    rows = [
        {
            "what": f"letter {t.letter} v{t.version}: {_kind(t)} ({t.basis})",
            "credited": None,
            "by": t.due,
            "over": t.due <= now,
            "letter": t.letter,
            "version": t.version,
            "kind": t.kind,
            "began": t.began,
            "start": t.start,
            "reckoned": t.reckoned,
            "renewals_left": t.left,
            "zone": t.zone,
            "reminders": list(t.reminders()),
            "says": t.says,
            "source": t.source,
            "confirmed": t.confirmed,
        }
        for t in running.terms(case, registry.load())
    ]
    return replace(one, clocks=(*one.clocks, *rows))


_KINDS = {
    "lapses": "its term lapses",
    "until": "the day until which it asks ends",
    "reply_by": "the day by which it asks for an answer ends",
    "hold": "a hold by the addressee's own rules ends",
    "ungranted": "a hold by the addressee's own rules ends, if it holds at all",
    "records": "records kept by the addressee's own rules are kept no longer",
    "report": "the addressee wants a report to the police by then",
    "answer": "what is held for it is held no longer",
}


def _kind(term: Term) -> str:
    from recover.letters import running

    return _KINDS[running.clock(term)]


def _told(found: Sequence[Standing]) -> None:
    from recover.pursuit.reached import summed

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
            "could not be read" if one.problem else summed(one.resolved, "") or "nothing traced",
            _known(one.open_count),
            _known(one.gaps),
            _known(one.offramps),
            "" if one.problem else str(len(one.moved)),
            _known(one.papers),
            ", ".join(one.behind),
        ]
        for one in found
    ]
    screen.table(columns, rows, "no case")
    for one in found:
        if one.problem:
            screen.sentence(f"{one.case} could not be read, so nothing of it is known here: {one.problem}")
    for one in found:
        _one(one, named=len(found) > 1)


def _known(count: int | None) -> str:
    """A count; nothing where it is not known, since 0 would say that there is none."""
    return "" if count is None else str(count)


def _one(one: Standing, *, named: bool) -> None:
    if not (one.open or one.moved or one.clocks or one.beside or one.gaps is None) or one.problem:
        return
    if named:
        screen.heading(one.case)
    if one.open:
        screen.heading("Open, by how much of the loss it concerns")
        for ask in one.open[:8]:
            share = f"{ask['share'] // 10_000} %" if ask["share"] >= 10_000 else "less than 1 %"
            screen.say(f"  {share:>13}  {ask['ask']:<8} {ask['about']}")
        if (one.open_count or 0) > 8:
            screen.say(f"  and {(one.open_count or 0) - 8} more: recover status {typed(Path(one.case))} --json")
    if one.gaps is None:
        case = typed(Path(one.case))
        what = "What was examined was made by another version" if one.behind else "Nothing was examined yet"
        if one.losses or one.sought:
            more = f" for {', '.join(one.sought)}, which no source showed" if one.sought else ""
            how = f"recover now {case} asks{more}, and traces; recover run {case} examines what is here."
        else:
            how = f"It declares no loss: recover now {case} TX, or ADDRESS."
        screen.sentence(f"{what}, so nothing is known to be complete. {how}")
    if one.beside:
        screen.sentence(one.beside)
    if one.clocks:
        letters = [clock for clock in one.clocks if "letter" in clock]
        credits_ = [clock for clock in one.clocks if "letter" not in clock]
        _clocks("Clocks: until when a credit can most likely still be held", credits_[:8])
        _clocks("Clocks of letters", letters[:20])
    if one.moved:
        screen.heading("Alerts")
        for alert in one.moved[:8]:
            screen.sentence(f"  {dates.show(alert['at'])}  {alert['said']}", _UNDER)


_UNDER = " " * 6
"""What stands before the further lines of an entry."""


def _clocks(title: str, clocks: Sequence[dict[str, Any]]) -> None:
    if not clocks:
        return
    screen.heading(title)
    for clock in clocks:
        over = "over" if clock["over"] else "RUNNING"
        left = clock.get("renewals_left", 0)
        more = f", {counted(left, 'renewal')} left" if left else ""
        early = ", counted from the issue, as receipt is not known" if clock.get("reckoned") else ""
        screen.sentence(f"  {dates.show(clock['by'])}  {over:<8} {clock['what']}{more}{early}", _UNDER)
        if clock.get("source"):
            screen.sentence(f"{_UNDER}{clock['says']} [{clock['source']}]", _UNDER)
