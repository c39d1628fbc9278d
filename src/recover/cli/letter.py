"""letter: who sends which letter to whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from recover.cli import dates, letter_acts, screen
from recover.cli.letter_options import (
    About,
    Address,
    Addressee,
    Application,
    As,
    At,
    Basis,
    Between,
    By,
    Channel,
    Claim,
    Court,
    Entity,
    Facts,
    Files,
    Forms,
    Held,
    HeldUntil,
    Ics,
    Ident,
    Indicators,
    InstructedBy,
    Kind,
    Language,
    Leave,
    Losses,
    Note,
    Offence,
    Officer,
    PoliceReference,
    Provision,
    Reason,
    Received,
    Reference,
    ReplyBy,
    Report,
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
    provision: Provision = "",
    leave: Leave = "",
    report: Report = "",
    address: Address = "",
    application: Application = "",
    instructed_by: InstructedBy = "",
    about: About = None,
    indicator: Indicators = None,
    loss: Losses = None,
    form: Forms = None,
    until: Until = "",
    reply_by: ReplyBy = "",
    since: Since = "",
    facts: Facts = "",
    urgent: Urgent = "",
    claim: Claim = "",
    tell_user: TellUser = False,
    between: Between = None,
    risk: Risk = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Choose a letter: its kind, its addressee and who sends it; then it is written.

    Refused where the sender may not use the basis, or it does not reach the addressee: each reason is named.
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
        "provision": provision,
        "leave": leave,
        "report": report,
        "address": address,
        "application": letter_acts.text(application),
        "instructed_by": instructed_by,
        "about": tuple(about or ()),
        "losses": tuple(loss or ()),
        "forms": tuple(form or ()),
        "until": letter_acts.day(until, "--until"),
        "reply_by": letter_acts.day(reply_by, "--reply-by"),
        "since": dates.moment(since).isoformat() if since else "",
        "facts": letter_acts.text(facts),
        "urgent": letter_acts.text(urgent),
        "claim": letter_acts.text(claim),
        "tell_user": tell_user,
        "states": tuple(between or ()),
        "risk": (by, risk) if risk else (),
    }
    with letter_acts.Opening(case, "letter draft") as (opened, plugins, own):
        if indicator:
            named = letter_acts.indicated(opened, indicator, addressee or kind)
            asked["about"] = tuple(dict.fromkeys((*(about or ()), *named)))
        choice = acts.draft(opened, plugins, own, kind, to, asked)
        for odd in acts.hasty(opened, choice):
            screen.remark(odd)
        letter_acts.written(opened, plugins, json, f"{choice.id} was drafted.")
        beside = letter_acts.elsewhere(opened, choice.id)
        letter_acts.answered(opened, plugins, choice.id, json, profile=own, beside=beside)


@app.command("list")
def list_(case: CasePath, ics: Ics = None, json: Json = False) -> None:
    """List letters: state, version, terms; of a folder of cases, who asked whom."""
    from recover.case import open_for_reading
    from recover.letters import clocks, docket, elsewhere, running
    from recover.plugins import registry

    if ics is None and elsewhere.cases(case):
        letter_acts.asked(case, json)

    opened = open_for_reading(case)
    found = docket.rows(opened, registry.load())
    if ics is not None:
        terms = [*running.terms(opened, registry.load()), *running.over(opened, registry.load())]
        ics.write_bytes(clocks.calendar(terms, running.home(opened)))
    heads = (
        *("Letter", "State", "Version", "Drafted", "Issued", "Answer by", "Until", "Lapses", "Held", "Hold ends"),
        *("Report by", "Took"),
    )
    columns = [Column(title=t, rank=max(0, n - 5)) for n, t in enumerate(heads)]
    cells = [
        [
            r["id"],
            r["state"],
            str(r["version"]),
            _drafted(r),
            r["issue_at"] or "–",
            r["reply_by"] or "–",
            r["until"] or "–",
            r["lapses"] or "–",
            r["held"] or "–",
            letter_acts.ends(r, "hold", "records"),
            letter_acts.ends(r, "report"),
            dates.steps(r),
        ]
        for r in found
    ]
    screen.answer(found, json, lambda: screen.table(columns, cells, "no letter"))


def _drafted(row: Mapping[str, Any]) -> str:
    """Whether a draft lies there, and of versions that nobody was served with, which and with what days."""
    later = [(row["unsent"], " issued, not sent"), (row["pending"], "")]
    if not any(one for one, _ in later):
        return "yes" if row["drafted"] else "as issued" if row["as_issued"] else "no"
    return "; ".join(f"version {one['version']}{word}{_days(one)}" for one, word in later if one)


def _days(one: Mapping[str, Any]) -> str:
    days = ((word, one[key]) for word, key in (("answer by", "reply_by"), ("until", "until")))
    return "".join(f", {word} {day}" for word, day in days if day)


@app.command("gates")
def gates_(json: Json = False) -> None:
    """Print who may send which kind of letter on which basis to whom, in full."""
    from datetime import UTC

    from recover.letters import drafts, gates, profile
    from recover.plugins import registry

    own = profile.load()
    desk = drafts.desk(list(registry.load().templates.values()), own.templates, own.bases)
    names = ("basis", "sender", "kind", "addressee", "answer", "of")
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

    with letter_acts.Opening(case, "letter issue") as (opened, plugins, own):
        names = letter_acts.names(opened, passphrase_file, identity)
        beside = letter_acts.elsewhere(opened, letter)
        made = acts.issue(opened, plugins, own, letter, by, letter_acts.moment(at), signed or [], names)
        letter_acts.written(opened, plugins, json, f"{letter} was issued.")
        row = next(one for one in docket.rows(opened, plugins, letter) if one["id"] == letter)
        files = [{"file": f"issued/{name}", "exhibit": n} for name, n in made]
        told = ("id", "version", "kind", "to", "entity", "as", "sender", "losses", "until", "drafted_at")
        result = {name: row[name] for name in told}
    shown = [(name, str(value)) for name, value in result.items()]
    shown += [("file", f"{case / 'issued' / name}  exhibit {n}") for name, n in made]
    screen.answer({**result, "files": files, "elsewhere": beside}, json, lambda: screen.facts(shown))


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
    letter_acts.did(
        case,
        "sent",
        letter,
        version,
        {"by": by, "channel": channel, "at": letter_acts.stamp(at), "note": note},
        json,
    )


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
    said = {
        "by": by,
        "reference": reference,
        "received": letter_acts.stamp(received),
        "at": letter_acts.stamp(at),
        "note": note,
    }
    letter_acts.did(case, "acknowledge", letter, version, said, json)


@app.command("answer")
def answer(
    case: CasePath,
    letter: Ident,
    files: Files = None,
    by: By = "",
    held: Held = "",
    held_until: HeldUntil = None,
    reference: Reference = "",
    at: At = None,
    version: Version = 0,
    note: Note = "",
    json: Json = False,
) -> None:
    """Record an answer. Files that a source can read are examined like any exhibit; all are kept."""
    from recover.letters import answers

    with letter_acts.Opening(case, "letter answer") as (opened, plugins, _):
        until = letter_acts.end(opened, letter, version, held_until)
        told = {"by": by, "held": held, "held_until": until, "at": letter_acts.stamp(at)}
        answers.stated(opened, letter, version, told)
        numbers = answers.take(opened, plugins, letter, files or [], lambda *_: None)
        said = {**told, "reference": reference, "note": note, "exhibits": numbers}
        letter_acts.record(opened, plugins, "answer", letter, version, said, json)
        if held and (odd := answers.beyond(opened, letter, held)):
            screen.remark(odd)
        letter_acts.answered(opened, plugins, letter, json, served=True)


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
    letter_acts.did(
        case, "filed", letter, version, {"by": by, "at": letter_acts.stamp(at), "reference": reference}, json
    )


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
    letter_acts.did(case, "renew", letter, version, {"by": by, "at": letter_acts.stamp(at), "note": note}, json)


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
    said = {"why": reason, "language": language, "reply_by": letter_acts.day(reply_by, "--reply-by")}
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
    said = {"why": reason, "language": language, "reply_by": letter_acts.day(reply_by, "--reply-by")}
    _follow(case, "withdrawal", letter, said, by, json)


def _follow(case: Path, kind: str, letter: str, said: Mapping[str, str], by: str, json: bool) -> None:
    from recover.letters import acts, docket
    from recover.plugins import pins

    letter_acts.signed(by)
    with letter_acts.Opening(case, f"letter {kind}") as (opened, plugins, own):
        choice = acts.draft(opened, plugins, own, kind, "", {**said, "of": letter})
        act = "withdraw" if kind == "withdrawal" else "follow-up"
        acts.did(opened, plugins, act, letter, 0, {"by": by, "reason": said["why"], "letter": choice.id})
        for odd in docket.odd(opened, plugins, act, letter, 0):
            screen.remark(odd)
        letter_acts.again(opened, plugins, json)
        ready = None if pins.behind(opened) else own
        letter_acts.answered(opened, plugins, choice.id, json, profile=ready)


app.command("drop")(letter_acts.drop)
app.command("basis")(letter_acts.basis)
