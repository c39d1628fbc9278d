"""meet: which addresses two agencies both have, found by three files, and nothing else shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import screen
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.unlocking import Identity, PassphraseFile

if TYPE_CHECKING:
    from recover.case import Case
    from recover.meeting.exchanged import Sheet

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Find which addresses another agency has too, and show it no others.",
)

By = Annotated[str, typer.Option(metavar="NAME", help="Who holds the meeting here.", show_default=False)]
With = Annotated[str, typer.Option("--with", metavar="WHO", help="The other side.", show_default=False)]
Contact = Annotated[
    str, typer.Option(metavar="TEXT", help="All that the other side is told with a hit.", show_default=False)
]
Out = Annotated[Path, typer.Option(metavar="FILE", help="The file for the other side.", show_default=False)]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="loss, endpoint, hop or indicator; may be repeated; without it all but hop.",
        show_default=False,
    ),
]
Grade = Annotated[
    str, typer.Option(metavar="GRADE", help="Only what has this grade or a better one.", show_default=False)
]


@app.command("blind")
def blind(
    case: CasePath,
    out: Out,
    with_: With,
    contact: Contact,
    by: By,
    kind: Kinds = None,
    grade: Grade = "",
    passphrase_file: PassphraseFile = None,
    identity: Identity = None,
    json: Json = False,
) -> None:
    """Begin a meeting: the first of three files, which tells its reader nothing."""
    from recover.cli.writing import open_for_writing
    from recover.meeting import met

    _free(case, out)
    who = met.Partner(by=by, other=with_, contact=contact, scope=_scope(kind, grade))
    with open_for_writing(case, "meet blind") as opened:
        sheet = met.blind(opened, _items(opened, kind, grade, passphrase_file, identity), who)
        _write(out, sheet)
    _sent(sheet, out, with_, json)


@app.command("answer")
def answer(
    case: CasePath,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The first file, as it came.")],
    out: Out,
    with_: With,
    contact: Contact,
    by: By,
    kind: Kinds = None,
    grade: Grade = "",
    passphrase_file: PassphraseFile = None,
    identity: Identity = None,
    json: Json = False,
) -> None:
    """Answer a meeting: the second file, which lets the other side compare."""
    from recover.capture.imports import taken
    from recover.cli.writing import open_for_writing
    from recover.meeting import exchanged, met

    _free(case, out)
    theirs = exchanged.read(taken(file), "blind")
    who = met.Partner(by=by, other=with_, contact=contact, scope=_scope(kind, grade))
    with open_for_writing(case, "meet answer") as opened:
        sheet = met.answer(opened, theirs, _items(opened, kind, grade, passphrase_file, identity), who)
        _write(out, sheet)
    _sent(sheet, out, with_, json)


@app.command("compare")
def compare(
    case: CasePath,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The second file, or the third, as it came.")],
    by: By,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The third file, of the second: the other learns the same.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Compare: what of this side the other has too. The secrets of the meeting are destroyed."""
    from recover.capture.imports import taken
    from recover.cli.writing import open_for_writing
    from recover.meeting import exchanged, met

    if out is not None:
        _free(case, out)
    sheet = exchanged.read(taken(file), "answer", "result")
    if (sheet.step == "answer") != (out is not None):
        raise typer.BadParameter("--out names the third file; it is made of the second, and of nothing else.")
    with open_for_writing(case, "meet compare") as opened:
        found = met.compare(opened, sheet, by, lambda reply: _write(out or Path(), reply))
    hits = [{"chain": chain, "address": text} for chain, text in found.hits]
    result: Row = {"session": found.session, "hits": hits, "contact": found.contact}
    result["file"] = None if out is None else out.as_posix()
    screen.answer(result, json, lambda: _told(result))


def _items(
    case: Case, kinds: list[str] | None, grade: str, phrase: Path | None, identity: Path | None
) -> dict[str, tuple[str, str]]:
    from recover.cli.unlocking import sealed
    from recover.meeting import entering
    from recover.plugins import pins, registry
    from recover.prevention import exempt

    plugins = registry.load()
    pins.stated(case, plugins, stale=None)
    wallets, _ = sealed(case, phrase, identity, must=True)
    found = exempt.addresses(case, plugins, wallets)
    return entering.items(case, plugins, found, kinds or ("loss", "endpoint", "indicator"), grade)


def _scope(kinds: list[str] | None, grade: str) -> str:
    return f"{', '.join(kinds or ('loss', 'endpoint', 'indicator'))}; grade {grade or 'any'}"


def _free(case: Path, out: Path) -> None:
    from recover.sdk.errors import Error
    from recover.sdk.outside import typed

    if out.exists() or out.resolve().is_relative_to(case.resolve()):
        raise Error(
            "meeting-out",
            f"{typed(out)} is there already, or is inside the case.",
            "A file that was sent is not replaced, and lies apart from the evidence.",
            "Name a new file outside the case.",
        )


def _write(out: Path, sheet: Sheet) -> None:
    from recover.case.folder import replace

    replace(out, sheet.data())


def _sent(sheet: Sheet, out: Path, other: str, json: bool) -> None:
    result: Row = {"session": sheet.session, "points": len(sheet.points), "digest": sheet.digest}
    result["file"] = out.as_posix()
    screen.answer(result, json, lambda: screen.facts([(key, str(said)) for key, said in result.items()]))
    screen.remark(f"Send it to {other}, and tell them its digest by another way.")


def _told(result: Row) -> None:
    for one in result["hits"]:
        screen.say(f"{one['chain']}:{one['address']}")
    said = [("both have", str(len(result["hits"]))), ("their contact", result["contact"])]
    screen.facts([*said, *([("for them", result["file"])] if result["file"] else [])])
