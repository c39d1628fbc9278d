"""letter: who sends which letter to whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from recover.cli import dates, progress, screen
from recover.cli.letter_options import (
    About,
    Addressee,
    As,
    At,
    Basis,
    Between,
    By,
    Channel,
    Court,
    Entity,
    Facts,
    Files,
    Held,
    Ics,
    Ident,
    InstructedBy,
    Kind,
    Language,
    Losses,
    Note,
    Offence,
    Officer,
    PoliceReference,
    Reason,
    Received,
    Reference,
    ReplyBy,
    Risk,
    Signed,
    Since,
    TellUser,
    To,
    Until,
    Urgent,
    Version,
    Why,
)
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column
from recover.cli.unlocking import Identity, PassphraseFile

if TYPE_CHECKING:
    from recover.case import Case

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Draft letters, issue them, and keep their life."
)


@app.command("draft")
def draft(
    case: CasePath,
    kind: Kind,
    to: To,
    as_: As,
    entity: Entity = "",
    basis: Basis = "",
    language: Language = "",
    addressee: Addressee = "",
    officer: Officer = "",
    offence: Offence = "",
    court: Court = "",
    instructed_by: InstructedBy = "",
    about: About = None,
    loss: Losses = None,
    until: Until = "",
    reply_by: ReplyBy = "",
    since: Since = "",
    facts: Facts = "",
    urgent: Urgent = "",
    tell_user: TellUser = False,
    between: Between = None,
    risk: Risk = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Choose a letter: its kind, its addressee and who sends it; then it is written.

    Refused where the sender may not use the basis, or the basis does not reach the addressee: each reason is
    named.
    """
    from recover.letters import acts

    asked = {
        "role": as_,
        "entity": entity,
        "basis": basis,
        "language": language,
        "addressee": addressee,
        "officer": officer,
        "offence": offence,
        "court": court,
        "instructed_by": instructed_by,
        "about": tuple(about or ()),
        "losses": tuple(loss or ()),
        "until": _day(until),
        "reply_by": _day(reply_by),
        "since": dates.moment(since).isoformat() if since else "",
        "facts": _text(facts),
        "urgent": _text(urgent),
        "tell_user": tell_user,
        "states": tuple(between or ()),
        "risk": (by, risk) if risk else (),
    }
    with _open(case, "letter draft") as (opened, plugins, own):
        choice = acts.draft(opened, plugins, own, kind, to, asked)
        _write(opened, plugins, json)
        _answer(opened, plugins, choice.id, json)


@app.command("list")
def list_(
    case: CasePath,
    ics: Ics = None,
    json: Json = False,
) -> None:
    """List letters: state, version, terms."""
    from recover.case import open_for_reading
    from recover.letters import clocks, docket
    from recover.plugins import registry

    opened = open_for_reading(case)
    found = docket.rows(opened, registry.load())
    if ics is not None:
        terms = docket.terms(opened, registry.load())
        ics.write_bytes(clocks.calendar(terms, opened.entries[-1].time))
    heads = ("Letter", "State", "Version", "Drafted", "Issued", "Until", "Lapses", "Held", "Took")
    columns = [Column(title=t, rank=max(0, n - 5)) for n, t in enumerate(heads)]
    cells = [
        [
            r["id"],
            r["state"],
            str(r["version"]),
            "yes" if r["drafted"] else "no",
            r["issue_at"] or "–",
            r["until"] or "–",
            r["lapses"] or "–",
            r["held"] or "–",
            dates.steps(r),
        ]
        for r in found
    ]
    screen.answer(found, json, lambda: screen.table(columns, cells, "no letter"))


@app.command("gates")
def gates_(json: Json = False) -> None:
    """Print who may send which kind of letter on which basis to whom, in full."""
    from datetime import UTC

    from recover.letters import drafts, gates, profile
    from recover.plugins import registry

    desk = drafts.desk(list(registry.load().templates.values()), profile.load().templates)
    names = ("basis", "sender", "kind", "addressee", "answer")
    found = [
        dict(zip(names, row, strict=True)) for row in gates.table(desk.bases, desk.kinds, datetime.now(UTC).date())
    ]
    columns = [Column(title=name.capitalize()) for name in names]
    screen.answer(found, json, lambda: screen.table(columns, [list(row.values()) for row in found]))


@app.command("issue")
def issue(
    case: CasePath,
    letter: Ident,
    by: By = "",
    at: At = None,
    signed: Signed = None,
    passphrase_file: PassphraseFile = None,
    identity: Identity = None,
    json: Json = False,
) -> None:
    """Issue a letter: without the mark of a draft, kept as exhibits, never changed. It stays unsigned."""
    from recover.letters import acts, docket

    with _open(case, "letter issue") as (opened, plugins, own):
        names = _sealed(opened, passphrase_file, identity)
        made = acts.issue(opened, plugins, own, letter, by, _moment(at), signed or [], names)
        _write(opened, plugins, json)
        row = next(one for one in docket.rows(opened, plugins) if one["id"] == letter)
        files = [{"file": f"issued/{name}", "exhibit": n} for name, n in made]
        told = ("id", "version", "kind", "to", "entity", "as", "sender", "losses", "until", "drafted_at")
        result = {name: row[name] for name in told}
    shown = [(name, str(value)) for name, value in result.items()]
    shown += [("file", f"{case / 'issued' / name}  exhibit {n}") for name, n in made]
    screen.answer({**result, "files": files}, json, lambda: screen.facts(shown))


@app.command("sent")
def sent(
    case: CasePath,
    letter: Ident,
    by: By = "",
    channel: Channel = "",
    at: At = None,
    version: Version = 0,
    note: Note = "",
    json: Json = False,
) -> None:
    """Record that an issued letter was sent."""
    _did(case, "sent", letter, version, {"by": by, "channel": channel, "at": _stamp(at), "note": note}, json)


@app.command("acknowledge")
def acknowledge(
    case: CasePath,
    letter: Ident,
    by: By = "",
    reference: Reference = "",
    received: Received = None,
    at: At = None,
    version: Version = 0,
    note: Note = "",
    json: Json = False,
) -> None:
    """Record that the addressee acknowledged it."""
    said = {"by": by, "reference": reference, "received": _stamp(received), "at": _stamp(at), "note": note}
    _did(case, "acknowledge", letter, version, said, json)


@app.command("answer")
def answer(
    case: CasePath,
    letter: Ident,
    files: Files = None,
    by: By = "",
    held: Held = "",
    reference: Reference = "",
    at: At = None,
    version: Version = 0,
    note: Note = "",
    json: Json = False,
) -> None:
    """Record an answer. Files that a source can read are examined like any exhibit; all are kept."""
    from recover.letters import answers

    with _open(case, "letter answer") as (opened, plugins, _):
        numbers = answers.take(opened, plugins, letter, files or [], lambda *_: None)
        said = {
            "by": by,
            "held": held,
            "reference": reference,
            "at": _stamp(at),
            "note": note,
            "exhibits": numbers,
        }
        _record(opened, plugins, "answer", letter, version, said)
        if held and (odd := answers.beyond(opened, letter, held)):
            screen.remark(odd)
        _answer(opened, plugins, letter, json, served=True)


@app.command("filed")
def filed(
    case: CasePath,
    letter: Ident,
    by: By = "",
    at: At = None,
    version: Version = 0,
    reference: PoliceReference = "",
    json: Json = False,
) -> None:
    """Record that the matter was filed with the police: for some bases a further term runs from there."""
    _did(case, "filed", letter, version, {"by": by, "at": _stamp(at), "reference": reference}, json)


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
    _did(case, "renew", letter, version, {"by": by, "at": _stamp(at), "note": note}, json)


@app.command("follow-up")
def follow_up(
    case: CasePath,
    letter: Ident,
    reason: Reason = "",
    reply_by: ReplyBy = "",
    language: Language = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Draft a letter that asks after an issued one."""
    said = {"why": reason, "language": language, "reply_by": _day(reply_by)}
    _follow(case, "follow-up", letter, said, by, json)


@app.command("withdraw")
def withdraw(
    case: CasePath,
    letter: Ident,
    reason: Why,
    reply_by: ReplyBy = "",
    by: By = "",
    language: Language = "",
    json: Json = False,
) -> None:
    """Take an issued letter back, and draft the letter that says so."""
    said = {"why": reason, "language": language, "reply_by": _day(reply_by)}
    _follow(case, "withdrawal", letter, said, by, json)


def _follow(case: Path, kind: str, letter: str, said: Mapping[str, str], by: str, json: bool) -> None:
    from recover.letters import acts
    from recover.plugins import pins

    _who(by)
    with _open(case, f"letter {kind}") as (opened, plugins, own):
        choice = acts.draft(opened, plugins, own, kind, "", {**said, "of": letter})
        act = "withdraw" if kind == "withdrawal" else "follow-up"
        acts.did(opened, plugins, act, letter, 0, {"by": by, "reason": said["why"], "letter": choice.id})
        if pins.behind(opened):
            screen.remark(
                f"The case holds what its results have not seen: `recover run {case}` writes the letter."
            )
        else:
            _write(opened, plugins, json)
        _answer(opened, plugins, choice.id, json)


def _sealed(opened: Case, phrase: Path | None, identity: Path | None) -> list[str]:
    """What tells the persons of the vault, where it opens; a letter that is not held to it says so."""
    from recover.cli.unlocking import opener
    from recover.victims import leaks, vault

    if not vault.exists(opened):
        return []
    key = opener(phrase, identity, ask=False)
    if not key.passphrase and not key.identity:
        screen.remark(
            "The identities are locked, so names in them were not looked for in this letter: before it is sent, "
            f"`recover victim check {opened.path.name}` looks, or issue with --passphrase-file FILE."
        )
        return []
    held = vault.unlock(opened, key)
    # Where a person's wallet stands is what the trace is about, and in every letter.
    bare = (
        {**one, "wallet": (), "also": {**one.get("also", {}), "wallet": ()}} for _, one in held.each(held.names())
    )
    return sorted({text for one in bare for text in leaks.telling(one)})


class _open:  # used as a word: with _open(...)
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


def _write(opened: Case, plugins: Any, json: bool) -> None:
    from recover.stages import write

    with progress.watch(json) as tell:
        write.run(opened, plugins, tell)


def _day(said: str) -> str:
    """A day as YYYY-MM-DD. A year of another calendar is refused, as a loss's is."""
    if not said:
        return ""
    return dates.parse(said).date().isoformat()


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
    if text is None:
        return None
    found = dates.moment(text)
    if dates.whole(text):
        screen.remark(f"{text} is read as the start of that day in UTC, {found.isoformat()}.")
    return found


def _stamp(text: str | None) -> str:
    found = _moment(text)
    return found.isoformat() if found else ""


def _did(case: Path, act: str, letter: str, version: int, said: Mapping[str, object], json: bool) -> None:
    with _open(case, f"letter {act}") as (opened, plugins, _):
        _record(opened, plugins, act, letter, version, said)
        _answer(opened, plugins, letter, json, served=True)


def _record(opened: Case, plugins: Any, act: str, letter: str, version: int, said: Mapping[str, object]) -> None:
    from recover.letters import acts, docket

    _who(said.get("by", ""))
    acts.did(opened, plugins, act, letter, version, said)
    for odd in docket.odd(opened, plugins, act, letter, version):
        screen.remark(odd)


def _who(by: object) -> None:
    if not str(by).strip():
        raise typer.BadParameter("name who did it, with --by NAME.")


def _answer(opened: Case, plugins: Any, ident: str, json: bool, served: bool = False) -> None:
    """How a letter stands; `served`: with the files that went out, and not with the draft of the next version."""
    from recover.case.manifest import manifest
    from recover.letters import docket

    row = next(one for one in docket.rows(opened, plugins) if one["id"] == ident)
    if served:
        head = f"issued/{ident}-v{row['version']}"
        row["files"] = [name for name in opened.files.below("issued") if name.startswith(head)]
    else:
        drafted = (f"out/{name}" for name in manifest(opened).files)
        row["files"] = [name for name in drafted if name.startswith(f"out/letters/{ident}-v")]
    shown = [(k, str(row[k])) for k in ("id", "kind", "to", "state", "version")]
    if served and row["acts"]:
        shown.append(("at", row["acts"][-1]["told"]))
    shown += [("file", str(opened.path / name)) for name in row["files"]]
    screen.answer(row, json, lambda: screen.facts(shown))
