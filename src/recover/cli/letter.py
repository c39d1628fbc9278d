"""letter: who sends which letter to whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recover.cli import dates, progress, screen
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.case import Case
    from recover.letters.life import Letter

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Draft letters, issue them, and keep their life."
)

Ident = Annotated[
    str, typer.Argument(metavar="LETTER", help="The letter's id, as `list` shows it.", show_default=False)
]
By = Annotated[str, typer.Option(metavar="NAME", help="Who does it.", show_default=False)]
At = Annotated[str | None, typer.Option(metavar="TIME", help="When (UTC), if not now.", show_default=False)]
Note = Annotated[str, typer.Option(metavar="TEXT", help="Anything to keep with it.", show_default=False)]
Version = Annotated[
    int, typer.Option(metavar="N", help="Which version, if not the last issued.", show_default=False)
]


@app.command("draft")
def draft(
    case: CasePath,
    kind: Annotated[str, typer.Option(metavar="KIND", help="preserve, freeze, disclose, enquiry, notice, police-report, platform, isp, registrar, bank.", show_default=False)],
    to: Annotated[str, typer.Option(metavar="SERVICE", help="The addressee.", show_default=False)],
    as_: Annotated[str, typer.Option("--as", metavar="ROLE", help="victim, counsel or authority (court, fiu).", show_default=False)],
    entity: Annotated[str, typer.Option(metavar="NAME", help="The legal entity addressed.", show_default=False)] = "",
    basis: Annotated[str, typer.Option(metavar="ID", help="The legal basis, if not none-voluntary.", show_default=False)] = "",
    language: Annotated[str, typer.Option(metavar="CODE", help="en, th or en+th.", show_default=False)] = "",
    addressee: Annotated[str, typer.Option(metavar="WHAT", help="vasp, issuer, chain, bank, platform, isp, registrar, police ...", show_default=False)] = "",
    officer: Annotated[str, typer.Option(metavar="NAME", help="The officer of recover.toml who sends.", show_default=False)] = "",
    offence: Annotated[str, typer.Option(metavar="TEXT", help="Offence and provision.", show_default=False)] = "",
    court: Annotated[str, typer.Option(metavar="NAME", help="The court of an intended application.", show_default=False)] = "",
    instructed_by: Annotated[str, typer.Option(metavar="NAME", help="Who instructs the sender.", show_default=False)] = "",
    about: Annotated[list[str] | None, typer.Option(metavar="IDENTIFIER", help="An identifier to name; may be repeated.", show_default=False)] = None,
    until: Annotated[str, typer.Option(metavar="DAY", help="Until when it is asked for.", show_default=False)] = "",
    facts: Annotated[str, typer.Option(metavar="TEXT", help="The facts in the sender's own words; @FILE reads a file.", show_default=False)] = "",
    urgent: Annotated[str, typer.Option(metavar="TEXT", help="Why it is urgent, in the sender's own words.", show_default=False)] = "",
    tell_user: Annotated[bool, typer.Option("--tell-user", help="The addressee may tell its customer.", show_default=False)] = False,
    between: Annotated[list[str] | None, typer.Option(metavar="STATE", help="The states of sender and addressee, for a treaty.", show_default=False)] = None,
    risk: Annotated[str, typer.Option(metavar="WHY", help="Why it goes to one that may warn the account's holder.", show_default=False)] = "",
    by: By = "",
    json: Json = False,
) -> None:  # fmt: skip
    """Choose a letter: its kind, its addressee and who sends it; then it is written.

    Refused where the sender may not use the basis, or the basis does not reach the addressee: each reason is named.
    """
    from recover.letters import acts

    asked = {
        "role": as_, "entity": entity, "basis": basis, "language": language, "addressee": addressee, "officer": officer,
        "offence": offence, "court": court, "instructed_by": instructed_by, "about": tuple(about or ()), "until": until,
        "facts": _text(facts), "urgent": _text(urgent), "tell_user": tell_user, "states": tuple(between or ()), "risk": (by, risk) if risk else (),
    }  # fmt: skip
    with _open(case, "letter draft") as (opened, plugins, own):
        choice = acts.draft(opened, plugins, own, kind, to, asked)
        _write(opened, plugins, json)
        _answer(opened, choice.id, json)


@app.command("list")
def list_(
    case: CasePath,
    ics: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the terms as a calendar.", show_default=False)] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """List letters: state, version, terms."""
    from recover.case import open_for_reading
    from recover.letters import clocks

    opened = open_for_reading(case)
    rows = _rows(opened)
    if ics is not None:
        terms = [term for letter, _ in rows for term in _terms(opened, letter)]
        ics.write_bytes(clocks.calendar(terms, opened.entries[-1].time))
    found = [_row(opened, letter, drafted) for letter, drafted in rows]
    columns = [Column(title=t) for t in ("Letter", "State", "Version", "Drafted", "Issued", "Lapses")]
    cells = [
        [
            r["id"],
            r["state"],
            str(r["version"]),
            "yes" if r["drafted"] else "no",
            r["issued_at"] or "–",
            r["lapses"] or "–",
        ]
        for r in found
    ]
    screen.answer(found, json, lambda: screen.table(columns, cells, "no letter"))


@app.command("issue")
def issue(
    case: CasePath,
    letter: Ident,
    by: By = "",
    at: At = None,
    signed: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="The signed paper; may be repeated.", show_default=False)] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Issue a letter: without the mark of a draft, kept as exhibits, never changed again. The signature stays a blank."""
    from recover.letters import acts

    with _open(case, "letter issue") as (opened, plugins, own):
        made = acts.issue(opened, plugins, own, letter, by, _moment(at), signed or [])
        _write(opened, plugins, json)
        result = {"id": letter, "files": [{"file": f"issued/{name}", "exhibit": n} for name, n in made]}
    screen.answer(
        result, json, lambda: screen.say(*(f"  {case / 'issued' / name}  exhibit {n}" for name, n in made))
    )


@app.command("sent")
def sent(
    case: CasePath,
    letter: Ident,
    by: By = "",
    channel: Annotated[str, typer.Option(metavar="HOW", help="By which channel.", show_default=False)] = "",
    at: At = None,
    version: Version = 0,
    note: Note = "",
    json: Json = False,
) -> None:
    """Record that an issued letter was sent."""
    _did(case, "sent", letter, version, {"by": by, "channel": channel, "at": _said(at), "note": note}, json)


@app.command("acknowledge")
def acknowledge(
    case: CasePath,
    letter: Ident,
    by: By = "",
    reference: Annotated[str, typer.Option(metavar="TEXT", help="The addressee's reference.", show_default=False)] = "",
    received: Annotated[str | None, typer.Option(metavar="TIME", help="When it was received; the clock starts there.", show_default=False)] = None,
    at: At = None,
    version: Version = 0,
    note: Note = "",
    json: Json = False,
) -> None:  # fmt: skip
    """Record that the addressee acknowledged it."""
    said = {"by": by, "reference": reference, "received": _said(received), "at": _said(at), "note": note}
    _did(case, "acknowledge", letter, version, said, json)


@app.command("answer")
def answer(
    case: CasePath,
    letter: Ident,
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help="What came; stored as exhibits.", show_default=False)] = None,
    by: By = "",
    held: Annotated[str, typer.Option(metavar="AMOUNT", help="What is held, as the addressee says, with its asset.", show_default=False)] = "",
    reference: Annotated[str, typer.Option(metavar="TEXT", help="The addressee's reference.", show_default=False)] = "",
    at: At = None,
    version: Version = 0,
    note: Note = "",
    json: Json = False,
) -> None:  # fmt: skip
    """Record an answer. Files that a source can read are examined like any exhibit; all are kept."""
    from recover.letters import answers

    with _open(case, "letter answer") as (opened, plugins, _):
        numbers = answers.take(opened, plugins, letter, files or [], progress_of(json))
        said = {"by": by, "held": held, "reference": reference, "at": _said(at), "note": note, "exhibits": numbers}
        _record(opened, "answer", letter, version, said)
        _answer(opened, letter, json)


@app.command("filed")
def filed(case: CasePath, letter: Ident, by: By = "", at: At = None, version: Version = 0, reference: Annotated[str, typer.Option(metavar="TEXT", help="The police's reference.", show_default=False)] = "", json: Json = False) -> None:  # fmt: skip
    """Record that the matter was filed with the police: for some bases a further term runs from there."""
    _did(case, "filed", letter, version, {"by": by, "at": _said(at), "reference": reference}, json)


@app.command("renew")
def renew(
    case: CasePath,
    letter: Ident,
    by: By = "",
    at: At = None,
    version: Version = 0,
    note: Note = "",
    json: Json = False,
) -> None:
    """Record that the term was renewed, as often as its basis allows."""
    _did(case, "renew", letter, version, {"by": by, "at": _said(at), "note": note}, json)


@app.command("follow-up")
def follow_up(case: CasePath, letter: Ident, reason: Annotated[str, typer.Option(metavar="WHAT", help="What remains open.", show_default=False)] = "", language: Annotated[str, typer.Option(metavar="CODE", help="en, th or en+th.", show_default=False)] = "", by: By = "", json: Json = False) -> None:  # fmt: skip
    """Draft a letter that asks after an issued one."""
    _follow(case, "follow-up", letter, reason, language, by, json)


@app.command("withdraw")
def withdraw(case: CasePath, letter: Ident, reason: Annotated[str, typer.Option(metavar="WHY", help="Why; the letter says it.", show_default=False)], by: By = "", language: Annotated[str, typer.Option(metavar="CODE", help="en, th or en+th.", show_default=False)] = "", json: Json = False) -> None:  # fmt: skip
    """Take an issued letter back, and draft the letter that says so."""
    _follow(case, "withdrawal", letter, reason, language, by, json)


def _follow(case: Path, kind: str, letter: str, reason: str, language: str, by: str, json: bool) -> None:
    from recover.letters import acts

    with _open(case, f"letter {kind}") as (opened, plugins, own):
        choice = acts.draft(opened, plugins, own, kind, "", {"of": letter, "why": reason, "language": language})
        act = "withdraw" if kind == "withdrawal" else "follow-up"
        acts.did(opened, act, letter, 0, {"by": by, "reason": reason, "letter": choice.id})
        _write(opened, plugins, json)
        _answer(opened, choice.id, json)


class _open:  # noqa: N801  # used as a word: with _open(...)
    """A case open for writing, the plugins, and the user's own profile."""

    def __init__(self, case: Path, command: str) -> None:
        from recover.cli.writing import open_for_writing

        self._opening = open_for_writing(case, command)

    def __enter__(self) -> tuple[Case, Any, Any]:
        from recover.letters import profile
        from recover.plugins import registry

        own = profile.load()
        return self._opening.__enter__(), registry.load(), own

    def __exit__(self, *error: Any) -> bool | None:
        return self._opening.__exit__(*error)


def progress_of(json: bool) -> Any:
    """A teller of progress that says nothing: a letter is a matter of seconds."""
    del json
    return lambda *_: None


def _write(opened: Case, plugins: Any, json: bool) -> None:
    from recover.stages import write

    with progress.watch(json) as tell:
        write.run(opened, plugins, tell)


def _text(said: str) -> str:
    """The text, or what stands in the file that is named after @."""
    if not said.startswith("@"):
        return said
    from recover.capture.imports import taken

    try:
        return taken(Path(said[1:])).decode()
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{said[1:]} is not text in UTF-8.") from error


def _moment(text: str | None) -> datetime | None:
    return None if text is None else dates.parse(text)


def _said(text: str | None) -> str:
    found = _moment(text)
    return found.isoformat() if found else ""


def _did(case: Path, act: str, letter: str, version: int, said: Mapping[str, object], json: bool) -> None:
    from recover.cli.writing import open_for_writing

    with open_for_writing(case, f"letter {act}") as opened:
        _record(opened, act, letter, version, said)
        _answer(opened, letter, json)


def _record(opened: Case, act: str, letter: str, version: int, said: Mapping[str, object]) -> None:
    from recover.letters import acts

    if not str(said.get("by", "")).strip():
        raise typer.BadParameter("name who did it, with --by NAME.")
    acts.did(opened, act, letter, version, said)


def _rows(opened: Case) -> list[tuple[Letter, bool]]:
    """Every letter that was drafted or lived, each with whether a draft of it stands in out/."""
    from recover.case.manifest import manifest
    from recover.letters.life import Letter, letters

    found = letters(opened)
    drafted = set()
    for name in manifest(opened.files):
        if name.startswith("letters/") and name.endswith(".pdf"):
            drafted.add(name.removeprefix("letters/").rpartition("-v")[0])
    for ident in drafted - set(found):
        found[ident] = Letter(ident)
    return [(found[ident], ident in drafted) for ident in sorted(found)]


def _terms(opened: Case, letter: Letter) -> list[Any]:
    from recover.letters import clocks
    from recover.plugins import registry
    from recover.registers import bases

    register = bases.load(registry.load().templates["legal-bases"])
    issued = [a.said.get("basis", "") for a in letter.acts if a.act == "issue"]
    name = letter.choice.basis if letter.choice else issued[-1] if issued else ""
    return list(clocks.terms(letter, register.get(name)))


def _row(opened: Case, letter: Letter, drafted: bool) -> dict[str, Any]:
    last = max(letter.issued, default=0)
    issued, sent_, answered = (letter.at(act, last) for act in ("issue", "sent", "answer"))
    terms = [t for t in _terms(opened, letter) if t.version == last]
    choice = letter.choice
    return {
        "id": letter.id,
        "kind": choice.kind if choice else letter.id.rpartition("-")[2],
        "to": choice.name if choice else letter.id.rpartition("-")[0],
        "entity": choice.entity if choice else "",
        "as": choice.role if choice else "",
        "basis": choice.basis if choice else "none-voluntary",
        "language": choice.language if choice else "",
        "state": letter.state,
        "version": letter.version,
        "drafted": drafted,
        "issued": list(letter.issued),
        "issued_at": issued.moment().isoformat() if issued else "",
        "sent_at": sent_.moment().isoformat() if sent_ else "",
        "held": answered.text("held") if answered else "",
        "lapses": terms[0].due.isoformat() if terms else "",
        "counted_from": terms[0].start if terms else "",
        "reckoned": terms[0].reckoned if terms else False,
        "acts": [
            {
                "act": a.act,
                "version": a.version,
                "at": a.moment().isoformat(),
                "by": a.text("by"),
                "entry": a.number,
            }
            for a in letter.acts
        ],
    }


def _answer(opened: Case, ident: str, json: bool) -> None:
    from recover.case.manifest import manifest

    rows = dict((letter.id, (letter, drafted)) for letter, drafted in _rows(opened))
    row = _row(opened, *rows[ident])
    row["files"] = [name for name in manifest(opened.files) if name.startswith(f"letters/{ident}-v")]
    shown = [(k, str(row[k])) for k in ("id", "kind", "to", "state", "version")]
    shown += [("file", str(opened.path / "out" / name)) for name in row["files"]]
    screen.answer(row, json, lambda: screen.facts(shown))
