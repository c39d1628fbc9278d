"""evidence: custody of the case itself: who held an exhibit before, whose clock, and to whom the case went."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import dates, listings, screen
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.case import Case

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Keep the custody of the evidence: earlier holders, the clock, hand-overs. Seized assets: `custody`.",
)

By = Annotated[
    str,
    typer.Option(metavar="NAME", help="Who enters it; else the examiner of recover.toml.", show_default=False),
]
Receipt = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The signed receipt; it becomes an exhibit.", show_default=False),
]
Reference = Annotated[
    str, typer.Option(metavar="TEXT", help="The receipt's own number or place.", show_default=False)
]


@app.command("hand-over")
def hand_over(
    case: CasePath,
    to: Annotated[str, typer.Option(metavar="WHO", help="Who receives it.", show_default=False)],
    purpose: Annotated[str, typer.Option(metavar="TEXT", help="What for.", show_default=False)],
    at: Annotated[
        str, typer.Option(metavar="TIME", help="When, with its zone: 2026-05-01T13:45+07:00.", show_default=False)
    ],
    from_: Annotated[
        str,
        typer.Option("--from", metavar="WHO", help="Who gives it; else who enters it.", show_default=False),
    ] = "",
    bundle: Annotated[
        Path | None,
        typer.Option(metavar="BUNDLE", help="A sealed bundle of the case; else its folder.", show_default=False),
    ] = None,
    receipt: Receipt = None,
    reference: Reference = "",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a receipt to sign there.", show_default=False)
    ] = None,
    by: By = "",
    json: Json = False,
) -> None:
    """Record that the case was handed over: by whom, to whom, when, what for, and exactly what."""
    from recover.cli.writing import open_for_writing
    from recover.declared import handing
    from recover.sdk.errors import Error

    when = _zoned(at)
    if out is not None and out.exists():
        raise Error("file-exists", f"{out.name} is there already.", "It is not replaced.", "Name another file.")
    with open_for_writing(case, "evidence") as opened:
        who = _who(by)
        manifest, upto = ("", len(opened.entries)) if bundle is None else _bundle(opened, bundle)
        identity = handing.given(
            opened,
            giver=from_ or who,
            receiver=to,
            at=when,
            purpose=purpose,
            by=who,
            upto=upto,
            manifest=manifest,
            name="" if bundle is None else bundle.name,
            receipt=None if receipt is None else lambda: _kept(opened, receipt),
            reference=reference,
        )
        body = dict(opened.entries[-1].body)
    if out is not None:
        _form(out, body)
    result: Row = {**body, "file": None if out is None else str(out)}
    shown = {k: v for k, v in result.items() if v not in (None, "") and k not in ("act", "id")}
    screen.answer(
        result, json, lambda: screen.facts([("hand-over", identity), *((k, str(v)) for k, v in shown.items())])
    )


@app.command("receipt")
def receipt_(
    case: CasePath,
    id_: Annotated[str, typer.Argument(metavar="ID", help="The hand-over, such as H1.", show_default=False)],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The signed receipt.", show_default=False)],
    reference: Reference = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Keep the signed receipt of a hand-over as an exhibit."""
    from recover.cli.writing import open_for_writing
    from recover.declared import handing

    with open_for_writing(case, "evidence") as opened:
        number = handing.receipt(
            opened, id_, exhibit=lambda: _kept(opened, file), reference=reference, by=_who(by)
        )
        row = listings.exhibit(opened.exhibits()[number - 1])
    screen.answer(row, json, lambda: screen.facts([("hand-over", id_), ("exhibit", str(number))]))


@app.command("clock")
def clock(
    case: CasePath,
    server: Annotated[
        str,
        typer.Option(
            metavar="URL", help="A server of your recover.toml: ntp://, or https://.", show_default=False
        ),
    ] = "",
    offset: Annotated[
        str,
        typer.Option(metavar="SECONDS", help="The right time less this computer's, by hand.", show_default=False),
    ] = "",
    source: Annotated[
        str, typer.Option(metavar="TEXT", help="What it was compared with by hand.", show_default=False)
    ] = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Record how far this computer's clock is off: measured against a server you allow, or entered by hand."""
    from recover.capture.offset import asked
    from recover.cli.writing import open_for_writing
    from recover.declared import handing
    from recover.sdk.moments import seconds

    if bool(server) == bool(offset) or (bool(source) != bool(offset)):
        raise typer.BadParameter("name --server, or --offset with --source.")
    with open_for_writing(case, "evidence") as opened:
        who = _who(by)
        said = asked(server) if server else handing.by_hand(offset, source)
        handing.offset(opened, who, said)
    result: Row = {"by": who, **said}
    facts = [("reference", str(said["source"])), ("this computer", handing.apart(int(said["offset"])))]
    within = f"within {seconds(int(said['within']))} s" if server else "as a person compared it"
    screen.answer(result, json, lambda: screen.facts([*facts, ("how sure", within), ("by", who)]))


@app.command("held")
def held(
    case: CasePath,
    exhibit: Annotated[int, typer.Argument(metavar="N", help="The exhibit.", show_default=False)],
    holder: Annotated[str, typer.Option(metavar="WHO", help="Who held it before.", show_default=False)],
    at: Annotated[str, typer.Option(metavar="TIME", help="When.", show_default=False)],
    place: Annotated[str, typer.Option(metavar="WHERE", help="Where.", show_default=False)],
    digest: Annotated[
        str, typer.Option(metavar="SHA256", help="What they stated of it; it must be its own.", show_default=False)
    ] = "",
    how: Annotated[
        str, typer.Option(metavar="TEXT", help="How they came by it, or passed it on.", show_default=False)
    ] = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Record who held an exhibit before it came here: one entry a holder. A digest that differs is refused."""
    from recover.cli.writing import open_for_writing
    from recover.declared import handing

    with open_for_writing(case, "evidence") as opened:
        handing.held(
            opened,
            exhibit,
            holder=holder,
            at=dates.parse(at),
            place=place,
            sha256=digest,
            how=how,
            by=_who(by),
        )
        body = dict(opened.entries[-1].body)
    screen.answer(body, json, lambda: screen.facts([(k, str(v)) for k, v in body.items() if v != ""]))


def table(rows: Sequence[Row]) -> None:
    """Who did what, entry by entry; what only a program reads is left to `--json`."""
    hidden = ("answer", "sent", "received", "upto", "entry", "head")
    cells = [
        [
            str(row["number"]),
            dates.show(row["time"]),
            row["by"],
            row["what"],
            "; ".join(f"{k} {v}" for k, v in row["about"].items() if k not in hidden and v not in ("", None)),
            row["reason"],
        ]
        for row in rows
    ]
    columns = [Column(title="Entry", right=True), Column(title="Time (UTC)"), Column(title="Who")]
    columns += [
        Column(title="What"),
        Column(title="About", prose=True),
        Column(title="Reason", prose=True, rank=1),
    ]
    screen.table(columns, cells, "no entries")


def _who(by: str) -> str:
    from recover.capture import own

    return by or own.load().defaults.examiner


def _zoned(text: str) -> datetime:
    """A moment that names its zone: a receipt that does not is read differently at each end."""
    from recover.sdk.errors import Error

    found: datetime | None = None
    with suppress(ValueError):
        found = datetime.fromisoformat(text.strip())
    if found is None or found.tzinfo is None:
        raise Error(
            "time-unzoned",
            f"{text!r} is no moment with its zone.",
            "Giver and receiver may sit in two zones, and each reads it as its own.",
            "Write it such as 2026-05-01T13:45:00+07:00.",
        )
    return found


def _bundle(case: Case, path: Path) -> tuple[str, int]:
    """The SHA-256 of a bundle's manifest, and of how many entries it was made. Raises Integrity, or Error."""
    from recover.case.handled import sealed
    from recover.sealing.unsealed import described

    manifest, upto = described(path)
    made = sealed(case.entries, manifest)
    # Papers alone have no journal with them: the case had the entries before that of their seal.
    return manifest, upto or (made.number - 1 if made else 0)


def _kept(case: Case, file: Path) -> int:
    from recover.capture.imports import kept, named, taken

    data = taken(file)
    return kept(case, case.next_file(), named(file), data, "receipt").number


_LINES = (
    ("Hand-over", "id"),
    ("Given by", "giver"),
    ("Received by", "receiver"),
    ("When", "at"),
    ("Purpose", "purpose"),
    ("What", "what"),
    ("Bundle", "name"),
    ("Head of the journal", "head"),
    ("at its entry", "entry"),
    ("Exhibits", "exhibits"),
    ("SHA-256", "digest"),
)


def _form(out: Path, body: Row) -> None:
    """A receipt to sign: what was handed over, and two lines that persons fill."""
    from recover.case.folder import replace
    from recover.sdk.outside import visible

    rows = [f"{title + ':':22}{visible(str(body[key]), 400)}" for title, key in _LINES if body.get(key) != ""]
    lines = f"the first {body['upto']} lines of journal.jsonl"
    of = "seal/manifest.json of the bundle" if body["what"] == "bundle" else lines
    blanks = [f"{title:22}{'_' * 44}\n" for title in ("Signature of giver:", "Signature of receiver:")]
    text = "\n".join(["RECEIPT FOR A CASE", "", *rows, f"{'':22}of {of}", "", "", *blanks])
    replace(out, text.encode())
