"""assert, review, split, join, undo: what a person says and does by hand, journaled with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from recover.cli import dates, screen
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column
from recover.sdk.outside import typed

if TYPE_CHECKING:
    from recover.case import Case
    from recover.declared.deeds import Act

By: TypeAlias = Annotated[str, typer.Option(metavar="NAME", help="Who does it.", show_default=False)]
Why: TypeAlias = Annotated[str, typer.Option("--reason", metavar="WHY", help="Why; papers print it.")]


def assert_(
    case: CasePath,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The address.", show_default=False)],
    by: By,
    reason: Why,
    service: Annotated[str, typer.Option(metavar="NAME", help="Whose it is.", show_default=False)] = "",
    withdraw: Annotated[
        str,
        typer.Option(metavar="NAME", help="Whose it is not: such labels count no more.", show_default=False),
    ] = "",
    role: Annotated[
        str,
        typer.Option(
            metavar="ROLE",
            help="What it is to the service: deposit (a customer's), hot-wallet (its own), mixer, bridge, "
            "contract or other. Needed with --service.",
            show_default=False,
        ),
    ] = "",
    grade: Annotated[str, typer.Option(metavar="GRADE", help="How sure, A to E.")] = "D",
    source: Annotated[str, typer.Option(metavar="TEXT", help="From where it is known.", show_default=False)] = "",
    since: Annotated[str, typer.Option(metavar="DAY", help="As of which day.", show_default=False)] = "",
    until: Annotated[str, typer.Option(metavar="DAY", help="Until which day it held.", show_default=False)] = "",
    json: Json = False,
) -> None:
    """Give an address a name by hand, or take one from it; it is printed as yours."""
    from recover.declared import deeds
    from recover.plugins import registry

    plugins = registry.load()
    about = {"service": service, "withdraw": withdraw, "role": role, "grade": grade, "source": source}
    about |= {"as_of": since, "until": until, "by": by, "reason": reason}
    _done(case, "assert", lambda opened: deeds.name(opened, plugins, address, **about), json)


def review(
    case: CasePath,
    finding: Annotated[
        str, typer.Argument(metavar="FINDING", help="Its id, as `show findings` or `indicator list` has it.")
    ],
    by: By,
    reason: Why,
    accept: Annotated[bool, typer.Option("--accept", help="It is accepted.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="It is rejected.")] = False,
    json: Json = False,
) -> None:
    """Accept or reject a finding, or an indicator, as it stands now.

    A rejected off-ramp is in no letter, and the report says who rejected it and why.
    """
    from recover.declared import deeds
    from recover.findings import stored
    from recover.prevention import indicators
    from recover.sdk.errors import Error

    if accept == reject:
        raise typer.BadParameter("give --accept or --reject.")

    def do(opened: Case) -> Act:
        found = {one.id: one.finding for one in indicators.standing(opened).values()}
        if finding not in found:
            found = {one.id: one for one in stored.findings(opened)}
        if finding not in found:
            raise Error(
                "no-finding",
                f"The case has no finding {finding!r}.",
                f"It has {len(found)}, from {min(found, default='none')} on.",
                "`recover show CASE findings` lists them.",
            )
        return deeds.review(opened, found[finding], accept=accept, by=by, reason=reason)

    _done(case, "review", do, json)


def split(
    case: CasePath,
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="What is set apart.")],
    by: By,
    reason: Why,
    json: Json = False,
) -> None:
    """Set addresses apart from the rest of their cluster."""
    from recover.declared import deeds
    from recover.plugins import registry

    plugins = registry.load()
    _done(case, "split", lambda opened: deeds.split(opened, plugins, addresses, by=by, reason=reason), json)


def join(
    case: CasePath,
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="Two or more, of one owner.")],
    by: By,
    reason: Why,
    grade: Annotated[
        str,
        typer.Option(
            metavar="GRADE",
            help="How sure, A to E. Without it: the weakest by which the case joins.",
            show_default=False,
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Say that addresses have one owner."""
    from recover.declared import deeds
    from recover.plugins import registry

    plugins = registry.load()
    _done(
        case,
        "join",
        lambda opened: deeds.join(opened, plugins, addresses, grade=grade, by=by, reason=reason),
        json,
    )


def undo(
    case: CasePath,
    act: Annotated[
        str, typer.Argument(metavar="ACT", help="Its number, as `show acts` has it, or an indicator such as I1.")
    ],
    by: By,
    reason: Why,
    json: Json = False,
) -> None:
    """Take an act back, or an indicator; the journal keeps both."""
    from recover.declared import deeds

    if act.startswith("I"):
        from recover.cli.indicator import undone

        undone(case, act, by, reason, json)
        return
    if not act.isdecimal() or not act.isascii():
        raise typer.BadParameter("name the number of an act, or an indicator such as I1.")
    number = int(act)
    _done(case, "undo", lambda opened: deeds.undo(opened, number, by=by, reason=reason), json)


def table(rows: Sequence[Row]) -> None:
    """Acts as a table."""
    columns = (
        Column(title="Act", right=True),
        Column(title="What"),
        Column(title="By"),
        Column(title="At (UTC)", rank=1),
        Column(title="About", prose=True),
        Column(title="Reason", prose=True),
        Column(title="Undone", prose=True),
    )
    cells = [
        [
            *(str(row["id"]), row["act"], row["by"], dates.show(row["at"])),
            _about(row),
            *(row["reason"], row["undone"]),
        ]
        for row in rows
    ]
    screen.table(columns, cells, "no acts")


def _about(row: Row) -> str:
    """What an act is about, in words."""
    about = row["about"]
    if row["act"] == "review":
        word = "accepts" if about["accept"] else "rejects"
        return f"{word} {about['finding']} ({about['kind']}, {about['subject']})"
    return "; ".join(f"{name} {_told(value)}" for name, value in about.items() if value not in ("", []))


def _done(case: Path, command: str, do: Callable[[Case], Act], json: bool) -> None:
    from recover.cli.writing import open_for_writing
    from recover.declared import deeds

    with open_for_writing(case, command) as opened:
        made = do(opened)
        head = opened.head[0]
        waits = deeds.counts(opened, made)
    kept = {name: value for name, value in made.body.items() if value not in ("", [], None)}
    result = {"act": made.id, "kind": made.act, **{k: v for k, v in kept.items() if k != "act"}, "head": head}
    screen.answer(result, json, lambda: screen.facts([(k, _told(v)) for k, v in result.items()]))
    if waits:
        screen.remark(f"Act {made.id} does not count yet: {waits}.")
    else:
        screen.remark(f"Act {made.id} counts from the next `recover run {typed(case)}` on.")


def _told(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
