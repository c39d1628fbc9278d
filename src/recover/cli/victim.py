"""victim: intake under a pseudonym, what is known of each, and what is sealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import screen, unlocking, victim_cues, victim_intake, victims_rows, victims_shown
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column
from recover.cli.unlocking import Identity, PassphraseFile, Recipients, opened

if TYPE_CHECKING:
    from recover.case import Case

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Take victims in, under random pseudonyms.")

app.command("cues")(victim_cues.cues)

Name = Annotated[str, typer.Argument(metavar="VICTIM", help="The pseudonym.", show_default=False)]
By = Annotated[
    str, typer.Option(metavar="NAME", help="Who does it; the examiner if not said.", show_default=False)
]
Of = Annotated[
    str, typer.Option("--victim", metavar="VICTIM", help="A victim who is here already.", show_default=False)
]


@app.command("add")
def add(
    case: CasePath,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=TEXT",
            help="One answer; may be repeated. Without: asked, or read from standard input as FIELD=TEXT lines.",
            show_default=False,
        ),
    ] = None,
    victim: Of = "",
    by: By = "",
    passphrase_file: PassphraseFile = None,
    identity: Identity = None,
    recipient: Recipients = None,
    json: Json = False,
) -> None:
    """Take one victim in. What tells the person is sealed; everything else stands under a random pseudonym."""
    from recover.victims.questions import checked

    said = dict(one.partition("=")[::2] for one in set_) if set_ else victim_intake.asked()
    rows = [("the answers", checked(said, "the answers"))]
    victim_intake.take(case, rows, victim, by, (passphrase_file, identity, recipient), json)


@app.command("import")
def import_(
    case: CasePath,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV or XLSX, one row a payment.", show_default=False)
    ],
    by: By = "",
    passphrase_file: PassphraseFile = None,
    identity: Identity = None,
    recipient: Recipients = None,
    json: Json = False,
) -> None:
    """Take a list of victims in, whole or not at all. Rows of one person are one victim."""
    from recover.capture.imports import named, taken
    from recover.victims import roster

    rows = roster.read(named(file), taken(file))
    victim_intake.take(case, rows, "", by, (passphrase_file, identity, recipient), json)


@app.command("list")
def list_(
    case: CasePath,
    services: Annotated[
        bool, typer.Option("--services", help="By service and asset, as far as value was traced.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VICTIM",
            help="Counsel's extract: all others as one line; may be repeated.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="With --services: write it there as PDF and CSV.", show_default=False),
    ] = None,
    language: Annotated[str, typer.Option(metavar="CODE", help="en, th or en+th.")] = "en",
    json: Json = False,
) -> None:
    """List victims by pseudonym: payments, what is claimed and shown, what is missing."""
    from recover.case import open_for_reading
    from recover.victims import known

    opened_ = open_for_reading(case)
    if services or out is not None:
        _services(opened_, only or [], (out, language.split("+")), json)
        return
    wanted = {victims_rows.person(opened_, name, counted=True).id for name in only or []} | {*(only or [])}
    every = [one for one in known.every(opened_).values() if not only or one.id in wanted]
    rows = victims_rows.rows(opened_, every)
    columns = [Column(title="Victim"), Column(title="Taken in"), Column(title="Payments", right=True)]
    columns += [
        Column(title="Claimed", prose=True),
        Column(title="Shown", prose=True),
        Column(title="Back", prose=True),
    ]
    columns += [Column(title="Open", prose=True), Column(title="Identity", rank=1)]
    units = victims_shown.assets(opened_)
    cells = [
        [
            *(r["id"], r["taken"], str(len(r["payments"]))),
            *(victims_shown.sums(r[key], units) for key in ("claimed", "shown", "received")),
            "; ".join(r["open"]),
            r["identity"],
        ]
        for r in rows
    ]
    screen.answer(rows, json, lambda: screen.table(columns, cells, "no victims"))


@app.command("show")
def show(
    case: CasePath,
    victim: Annotated[
        str, typer.Argument(metavar="[VICTIM]", help="The pseudonym; all of them if none.", show_default=False)
    ] = "",
    identity_: Annotated[
        bool, typer.Option("--identity-too", help="Open what is sealed: for the court and lead agency alone.")
    ] = False,
    passphrase_file: PassphraseFile = None,
    identity: Identity = None,
    json: Json = False,
) -> None:
    """Show a victim: what to do now, payments, gaps with candidates from the exhibits."""
    from recover.case import open_for_reading
    from recover.sdk.errors import Error
    from recover.victims import known

    opened_ = open_for_reading(case)
    every = known.every(opened_)
    if victim and victim not in every:
        raise Error(
            "no-victim",
            f"The case has no victim {victim!r}.",
            f"It has {len(every)}.",
            "`recover victim list CASE` shows the pseudonyms.",
        )
    rows = victims_rows.whole(opened_, [one for one in every.values() if not victim or one.id == victim])
    if identity_:
        vault = opened(opened_, passphrase_file, identity)
        sealed = dict(vault.each([row["id"] for row in rows if row["identity"] == "sealed"]))
        for row in rows:
            row["sealed"] = sealed.get(row["id"])
    unlocking.unused(identity_, "--identity-too", passphrase_file, identity)
    screen.answer(rows[0] if victim else rows, json, lambda: victims_shown.told_each(opened_, rows))


@app.command("notice")
def notice(
    case: CasePath,
    victim: Name,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write it.", show_default=False)],
    language: Annotated[str, typer.Option(metavar="CODE", help="en, th or en+th.")] = "en+th",
    json: Json = False,
) -> None:
    """Write the notice to one victim: what is on record, where it went, what comes next, and a warning."""
    from recover.case import open_for_reading
    from recover.plugins import registry
    from recover.returns import notices

    found = notices.write(open_for_reading(case), registry.load(), victim, language.split("+"), out)
    result = {"id": victim, "files": [str(name) for name in found]}
    screen.answer(result, json, lambda: screen.say(*(f"  {name}" for name in found)))


@app.command("ways")
def ways(
    case: CasePath,
    victim: Name,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write the schedule for each bank there, with accounts and names: outside the case.",
            show_default=False,
        ),
    ] = None,
    language: Annotated[str, typer.Option(metavar="CODE", help="en, th or en+th.")] = "en",
    passphrase_file: PassphraseFile = None,
    identity: Identity = None,
    json: Json = False,
) -> None:
    """Banks and platforms through which coins were bought: what to do now, and a schedule to a letter to each."""
    from recover.case import open_for_reading
    from recover.plugins import registry
    from recover.returns import bank_schedule as schedules
    from recover.victims import settled

    opened_ = open_for_reading(case)
    settled.itself(opened_, victim)
    person = victims_rows.person(opened_, victim)
    result: Row = {
        "id": victim,
        "do_now": victims_rows.steps(person),
        "ways": [victims_rows.way(one) for one in person.ways],
        "files": [],
    }
    unlocking.unused(out is not None, "--out", passphrase_file, identity)
    if out is not None:
        held = opened(opened_, passphrase_file, identity)
        sealed = dict(held.each(dict.fromkeys(way.victim for way in person.ways)))
        made = schedules.write(opened_, registry.load(), person.ways, sealed, language.split("+"), out)
        result["files"] = [str(name) for name in made]
    screen.answer(result, json, lambda: victims_shown.ways(result))


@app.command("petition")
def petition(
    case: CasePath,
    victim: Name,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write it.", show_default=False)],
    form: Annotated[str, typer.Option(metavar="FORM", help="us-remission or th-return.")] = "us-remission",
    passphrase_file: PassphraseFile = None,
    identity: Identity = None,
    identity_: Annotated[
        bool, typer.Option("--identity-too", help="Fill in who petitions: for the deciding official alone.")
    ] = False,
    json: Json = False,
) -> None:
    """Write the data of a petition: what the case knows, and a blank for each thing that a person must say."""
    from recover.case import open_for_reading
    from recover.plugins import registry
    from recover.returns import petitions

    opened_ = open_for_reading(case)
    sealed = opened(opened_, passphrase_file, identity).read(victim) if identity_ else {}
    unlocking.unused(identity_, "--identity-too", passphrase_file, identity)
    found = petitions.write(opened_, registry.load(), victim, form, sealed, out)
    result = {"id": victim, "files": [str(name) for name in found]}
    screen.answer(result, json, lambda: screen.say(*(f"  {name}" for name in found)))


@app.command("screen")
def screen_(
    case: CasePath,
    victim: Name,
    by: By = "",
    status: Annotated[
        str, typer.Option(metavar="STATUS", help="What the trained person enters; never the tool's.")
    ] = "unknown",
    answer: Annotated[
        list[str] | None,
        typer.Option(metavar="PROMPT=TEXT", help="An answer to a prompt; may be repeated.", show_default=False),
    ] = None,
    trained: Annotated[bool, typer.Option("--trained", help="The person is trained to screen.")] = False,
    passphrase_file: PassphraseFile = None,
    identity: Identity = None,
    json: Json = False,
) -> None:
    """Ask whether a person was forced to offend, or keep what a trained person found: sealed, in no paper.

    Without --by it prints the prompts.
    """
    from recover.cli.writing import open_for_writing
    from recover.victims import screening

    unlocking.unused(bool(by), "--by", passphrase_file, identity)
    if not by:
        prompts = {"wording": screening.WORDING, "prompts": dict(screening.PROMPTS)}
        screen.answer(prompts, json, lambda: victims_shown.prompts())
        return
    answers = dict(one.partition("=")[::2] for one in answer or [])
    with open_for_writing(case, "victim") as writing:
        vault = opened(writing, passphrase_file, identity)
        assert writing.now is not None
        screening.enter(vault, victim, status=status, answers=answers, by=by, trained=trained, at=writing.now())
    screen.answer({"id": victim, "sealed": True}, json, lambda: screen.say(f"{victim}: sealed with the identity."))


@app.command("settle")
def settle(
    case: CasePath,
    victim: Name,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The other pseudonym.", show_default=False)],
    as_: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="WORD",
            help="same: one person; different: two persons; open: take a settlement back.",
            show_default=False,
        ),
    ],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who found it.", show_default=False)],
    reason: Annotated[str, typer.Option(metavar="WHY", help="How; it is kept.", show_default=False)],
    json: Json = False,
) -> None:
    """Say that two pseudonyms are one person, or two. Claims follow at once; it can be taken back."""
    from recover.cli.writing import open_for_writing
    from recover.victims import settled

    with open_for_writing(case, "settle") as writing:
        if as_ == "open":
            settled.reopen(writing, victim, other, by=by, reason=reason)
        else:
            settled.settle(writing, victim, other, as_, by=by, reason=reason)
        heads = settled.standing(writing)
        stands = {name: heads[name] for name in (victim, other)}
    result = {"id": victim, "other": other, "as": as_, "by": by, "reason": reason, "counts_as": stands}
    shown = [(k, str(v)) for k, v in result.items() if k != "counts_as"]
    shown += [(name, f"counted as {head}") for name, head in stands.items() if name != head]
    screen.answer(result, json, lambda: screen.facts(shown))


@app.command("erase")
def erase(
    case: CasePath,
    victim: Name,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who does it.", show_default=False)],
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why; it is kept.", show_default=False)],
    json: Json = False,
) -> None:
    """Destroy the key of one identity: nobody can read it again. The pseudonym and the payments stay."""
    from recover.cli.writing import open_for_writing
    from recover.sdk.errors import Error
    from recover.victims import known, vault

    if not by.strip() or not reason.strip():
        raise Error(
            "erase-without-reason",
            "To destroy an identity needs a name and a reason.",
            "It cannot be undone.",
            "Say them with --by and --reason.",
        )
    with open_for_writing(case, "erase") as writing:
        body = {"act": "erase", "id": victim, "by": by.strip(), "reason": reason.strip()}
        writing.minds(body)  # before the key is destroyed: what is refused leaves all as it was
        digest = vault.erase(writing, victim)
        writing.note(known.KIND, {**body, "key": digest})
    result = {"id": victim, "key_destroyed": digest, "by": by, "reason": reason}
    screen.answer(result, json, lambda: screen.facts(list(result.items())))
    screen.remark("Copies of private/ from before may still hold the key: destroy those too.")


@app.command("check")
def check(
    case: CasePath, passphrase_file: PassphraseFile = None, identity: Identity = None, json: Json = False
) -> int:
    """Search everything that others receive for what tells who a victim is. Exit code 3 where something does."""
    from recover.case import open_for_reading
    from recover.cli.writing import open_for_writing
    from recover.exits import Exit
    from recover.plugins import registry
    from recover.victims import leaks, spelled, withheld

    opened_ = open_for_reading(case)
    vault = opened(opened_, passphrase_file, identity)
    own = spelled.own(registry.load().templates.values())
    leaked = leaks.find(opened_, vault.each(vault.names()), own=own)
    found = [{"file": file, "victim": victim} for file, victim in leaked]
    columns = [Column(title="File"), Column(title="Holds the identity of")]
    cells = [[one["file"], one["victim"]] for one in found]
    screen.answer(found, json, lambda: screen.table(columns, cells, "no identity outside private/"))
    for files, todo in leaks.TODO:
        if any(one["file"].startswith(files) for one in found):
            screen.remark(f"do: {todo}")
    if withheld.unknown(opened_):
        with open_for_writing(case, "victim check") as writing:
            victim_intake.named(writing, vault)
    return Exit.INTEGRITY if found else Exit.DONE


def _services(case: Case, only: list[str], to: tuple[Path | None, list[str]], json: bool) -> None:
    from recover.plugins import registry
    from recover.returns import extracts
    from recover.victims import spread

    for name in only:
        victims_rows.person(case, name, counted=True)
    out, languages = to
    if out is not None:
        files = extracts.write(case, registry.load(), only, languages, out)
        for file in files:
            screen.remark(f"wrote {file}")
    found = spread.cells(case, frozenset(only))
    rows = [{"victim": c.victim, "service": c.service, "asset": c.asset, "amount": c.amount} for c in found]
    screen.answer(rows, json, lambda: victims_shown.services(case, rows))
