"""feed: reviewed indicators for wallets, networks, exchanges and colleagues, and their revocation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import screen
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column
from recover.cli.unlocking import Identity, PassphraseFile
from recover.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recover.case import Case
    from recover.plugins.registry import Plugins
    from recover.prevention.gated import Candidate, Key

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Tell wallets, networks and exchanges of reviewed indicators, and take them back.",
)

By = Annotated[str, typer.Option(metavar="NAME", help="Who does it.", show_default=False)]
Out = Annotated[Path, typer.Option(metavar="DIR", help="The folder to write every form into.", show_default=False)]


@app.command("build")
def build(
    case: CasePath,
    out: Out,
    by: By,
    no_covert_by: Annotated[
        str,
        typer.Option(
            "--no-covert-by", metavar="NAME", help="Who says that no covert work is open.", show_default=False
        ),
    ] = "",
    cleared_by: Annotated[
        str, typer.Option("--cleared-by", metavar="NAME", help="Who clears it by law.", show_default=False)
    ] = "",
    contact: Annotated[
        str,
        typer.Option(metavar="MAILBOX", help="Where who was listed wrongly writes to.", show_default=False),
    ] = "",
    tlp: Annotated[str, typer.Option(metavar="MARK", help="clear, green, amber, amber+strict or red.")] = "amber",
    passphrase_file: PassphraseFile = None,
    identity: Identity = None,
    json: Json = False,
) -> None:
    """Write every form of the feed; what no longer passes is withdrawn, and each form says so.

    Without the names of clearance only what was cleared before stands. Exit 5 where something reviewed stays out.
    """
    from recover.case.folder import clock
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.prevention import outlets, published
    from recover.sdk.errors import Error

    said = published.Cleared(by=by, covert=no_covert_by, clearance=cleared_by, contact=contact, tlp=tlp)
    published.check(said)
    plugins = registry.load()
    with open_for_writing(case, "feed build") as opened:
        _outside(case, out)
        found = _candidates(opened, plugins, passphrase_file, identity, must=True)
        now = clock().replace(microsecond=0)
        rows, waiting = published.changed(opened, found, said, now)
        if published.feed(opened) is None and not rows:
            raise Error(
                "feed-empty",
                "Nothing can be published.",
                f"{len(found)} could be told of: {len(waiting)} wait for clearance, and the others do not pass.",
                "`recover feed list CASE` says why of each.",
            )
        if rows:
            published.note(opened, rows, said, now)
        made = published.feed(opened)
        assert made is not None
        written = outlets.write(made, out)
    left = _left(found, waiting)
    result = {
        "standing": [dict(row) for row in made.standing()],
        "withdrawn": [dict(row) for row in made.withdrawn()],
        "changed": len(rows),
        "left_out": left,
        "files": [path.as_posix() for path in written],
    }
    screen.answer(result, json, lambda: _built(result, left))
    raise typer.Exit(Exit.GAPS if left else Exit.DONE)


@app.command("revoke")
def revoke(
    case: CasePath,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="As `list` shows it, or its indicator (I1).")],
    by: By,
    reason: Annotated[
        str, typer.Option(metavar="WHY", help="Kept in the journal; no reader of the feed learns it.")
    ],
    out: Out,
    back: Annotated[bool, typer.Option("--back", help="Let it go again; it needs a new clearance.")] = False,
    json: Json = False,
) -> None:
    """Keep a value from the feed, and withdraw it where it was published. Every form is written at once."""
    from recover.case.folder import clock
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.prevention import outlets, published

    plugins = registry.load()
    with open_for_writing(case, "feed revoke") as opened:
        _outside(case, out)
        chain, text = _named(opened, plugins, value)
        published.keep(opened, chain, text, by=by, reason=reason, back=back)
        now = clock().replace(microsecond=0)
        gone = published.taken(opened, chain, text, now) if not back else {}
        if gone:
            published.note(opened, gone, published.Cleared(by=by), now)
        made = published.feed(opened)
        written = outlets.write(made, out) if made else []
    result = {
        "value": text,
        "chain": chain or None,
        "back": back,
        "withdrawn": [dict(row) for row in gone.values()],
        "files": [path.as_posix() for path in written],
    }
    shown = [("value", text), ("withdrawn", str(len(gone))), ("files", str(len(written)))]
    screen.answer(result, json, lambda: screen.facts(shown))


@app.command("list")
def list_(
    case: CasePath,
    passphrase_file: PassphraseFile = None,
    identity: Identity = None,
    json: Json = False,
) -> None:
    """List what is published, what is withdrawn, and what stays out, each with why. For the case alone."""
    from recover.case import open_for_reading
    from recover.case.folder import clock
    from recover.plugins import registry
    from recover.prevention import published

    opened, plugins = open_for_reading(case), registry.load()
    found = _candidates(opened, plugins, passphrase_file, identity, must=False)
    made = published.feed(opened)
    rows = [dict(row) for row in made.rows.values()] if made else []
    standing = {one for one, row in made.rows.items() if not row["withdrawn"]} if made else set()
    left = _left(found, {one.key for one in found if not one.reasons and one.key not in standing})
    due = published.due(made, found, clock()) if made else []
    result = {"entries": rows, "left_out": left, "due": due}
    screen.answer(result, json, lambda: _listed(rows, left))
    if due:
        screen.remark(f"{len(due)} published no longer pass: `recover feed build` withdraws them in every form.")


def _candidates(
    case: Case, plugins: Plugins, phrase: Path | None, identity: Path | None, *, must: bool
) -> Sequence[Candidate]:
    from recover.case.private import identities
    from recover.cli.unlocking import sealed
    from recover.plugins import pins
    from recover.prevention import exempt, gated, published
    from recover.victims import spelled

    pins.stated(case, plugins, stale=None)
    wallets, tells = sealed(case, phrase, identity, must=must)
    names = spelled.Names((*identities(case), *tells))
    found = exempt.addresses(case, plugins, wallets)
    return gated.candidates(case, plugins, found, published.kept_back(case), lambda text: bool(names.inside(text)))


def _named(case: Case, plugins: Plugins, value: str) -> tuple[str, str]:
    """(chain, value) of what is published or entered; any address can be kept back before it is either."""
    from recover.prevention import indicators, published

    one = indicators.standing(case).get(value)
    if one is not None:
        return one.chain or one.platform, one.value
    made = published.feed(case)
    for row in made.rows.values() if made else ():
        if row["indicator"] == value:
            return row["chain"], row["indicator"]
    text, chain = indicators.read(case, plugins, "address", value)
    return chain, text


def _outside(case: Path, out: Path) -> None:
    from recover.sdk.errors import Error

    if out.resolve().is_relative_to(case.resolve()):
        raise Error(
            "feed-inside-case",
            f"{out} is inside the case.",
            "What is published lies apart from evidence and identities.",
            "Choose a folder outside it.",
        )


def _left(found: Sequence[Candidate], waiting: set[Key]) -> list[Row]:
    clearance = ("clearance", "no named person has cleared it, or it changed since")
    return [
        {
            "of": one.of,
            "type": one.type,
            "value": one.value,
            "chain": one.chain or None,
            "reasons": [{"code": code, "why": why} for code, why in one.reasons or (clearance,)],
        }
        for one in sorted(found, key=lambda one: (len(one.of), one.of))
        if one.reasons or one.key in waiting
    ]


def _built(result: Row, left: list[Row]) -> None:
    screen.say(
        f"{len(result['standing'])} published, {len(result['withdrawn'])} withdrawn, {len(left)} left out; "
        f"{len(result['files'])} files."
    )
    _why(left)


def _listed(rows: list[Row], left: list[Row]) -> None:
    heads = [Column(title=name) for name in ("Indicator", "Type", "Grade", "Valid until", "TLP", "Withdrawn")]
    cells = [
        [
            _harmless(row["type"], row["indicator"]),
            *(row[name] for name in ("type", "grade", "valid_until", "tlp", "withdrawn")),
        ]
        for row in rows
    ]
    screen.table(heads, cells, "nothing is published")
    _why(left)


def _why(left: list[Row]) -> None:
    if not left:
        return
    screen.heading("Left out, for these reasons (for the case alone)")
    for row in left:
        said = "; ".join(one["why"] for one in row["reasons"])
        screen.sentence(f"{row['of']} ({row['type']} {_harmless(row['type'], row['value'])}): {said}.")


def _harmless(type_: str, value: str) -> str:
    """A value that nobody can click."""
    from recover.registers.hosts import defanged

    return defanged(value) if type_ == "domain" or "://" in value else value
