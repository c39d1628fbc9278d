"""What the commands of letters share: the case open for writing, moments and days, and what is told of an act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from recover.cli import dates, progress, screen
from recover.cli.letter_options import By, Ident, Installed, Named, Out, Why
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column
from recover.sdk.counts import counted

if TYPE_CHECKING:
    from recover.case import Case
    from recover.letters.elsewhere import Shared


PATIENCE = 30.0
"""Seconds for which a letter waits for a case that `now` or `watch` is about to give back."""


def names(opened: Case, phrase: Path | None, identity: Path | None) -> list[str]:
    """What tells the persons of the vault. Raises Error where nothing opens it: no letter is taken back."""
    from recover.cli.unlocking import VARIABLE, opener
    from recover.sdk import Error
    from recover.victims import known, leaks, vault

    if not vault.exists(opened):
        if known.every(opened):
            screen.remark(
                "The case came without its identities, so names of its victims were not looked for in this letter."
            )
        return []
    key = opener(phrase, identity, ask=True)
    if not key.passphrase and not key.identity:
        raise Error(
            "letter-identities-locked",
            "The identities of the case are locked, so no letter is issued.",
            "Nothing was issued: a name in it could not be looked for, and a letter that went out never changes.",
            f"Open them: --passphrase-file FILE, --identity FILE, or {VARIABLE} in the environment.",
        )
    held = vault.unlock(opened, key)
    # Where a person's wallet stands is what the trace is about, and in every letter.
    bare = (
        {**one, "wallet": (), "also": {**one.get("also", {}), "wallet": ()}} for _, one in held.each(held.names())
    )
    return sorted({text for one in bare for text in leaks.telling(one)})


def indicated(opened: Case, idents: Sequence[str], addressee: str) -> list[str]:
    """Indicators of the case as a letter to this kind of addressee names them. Raises Error."""
    from recover.prevention import indicators

    return [indicators.named(opened, ident).asked(addressee) for ident in idents]


def elsewhere(opened: Case, ident: str) -> list[dict[str, Any]]:
    """What other cases of the same folder asked of the same recipient, about the same: said before it goes out."""
    from recover.letters.elsewhere import before

    found, unread = before(opened, ident)
    for one in found[:1]:  # that which has most in common; the others are in the list
        more = f" {counted(len(found) - 1, 'more letter')} there or in other cases too." if found[1:] else ""
        screen.remark(f"Asked already in another case: {_beside(one)}{more}")
    for name, why in unread:
        screen.remark(f"{name} beside this case could not be read, so what it asked is not known here: {why}")
    if found:
        screen.remark("`recover letter list FOLDER` lists who asked whom in all cases of a folder.")
    return [
        {
            **{key: getattr(one.request, key) for key in ("case", "letter", "kind", "to", "state", "at")},
            "same_recipient": one.recipient,
            "named": list(one.named),
            "losses": list(one.losses),
        }
        for one in found
    ]


def _beside(found: Shared) -> str:
    """In one sentence, for who is about to send."""
    one = found.request
    both = ((f"{len(found.named)} of the same identifiers", found.named), ("the same losses", found.losses))
    about = " and ".join(f"{word} ({_few(what)})" for word, what in both if what)
    when = f" {one.at:%Y-%m-%d}" if one.at else ""
    whom = "the same recipient" if found.recipient else one.to
    head = f"{one.case}: {one.letter} to {whom} ({one.kind}, {one.state}{when})"
    return f"{head} is about {about or 'other identifiers and losses'}."


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"


def asked(folder: Path, json: bool) -> None:
    """Who asked whom in the cases of a folder: each request, and which of them have something in common."""
    from recover.exits import Exit
    from recover.letters.elsewhere import register, shared

    found, unread = register(folder)
    rows = []
    for one in found:
        twice = [
            f"{two.request.case}: {two.request.letter}" for two in shared(one, found) if two.named or two.losses
        ]
        row = {key: getattr(one, key) for key in ("case", "letter", "kind", "to", "state", "at")}
        rows.append({**row, "named": sorted(one.named), "losses": sorted(one.losses), "also": twice})
    heads = [Column(title=t) for t in ("Case", "Letter", "To", "Kind", "State", "At (UTC)")]
    heads += [Column(title="Identifiers", right=True), Column(title="Also asked in", prose=True)]
    cells = [
        [
            *(row["case"], row["letter"], row["to"], row["kind"], row["state"], dates.show(row["at"])),
            str(len(row["named"])),
            "; ".join(row["also"]),
        ]
        for row in rows
    ]
    result = {"requests": rows, "unread": [{"case": name, "why": why} for name, why in unread]}
    screen.answer(result, json, lambda: screen.table(heads, cells, "no letter"))
    for name, why in unread:
        screen.remark(f"{name} could not be read, so what it asked is not known here: {why}")
    raise typer.Exit(Exit.GAPS if unread else Exit.DONE)


class Opening:
    """A case open for writing, the plugins, and the user's own profile."""

    def __init__(self, case: Path, command: str) -> None:
        from recover.cli.writing import open_for_writing

        self._opening = open_for_writing(case, command, PATIENCE)

    def __enter__(self) -> tuple[Case, Any, Any]:
        from recover.letters import profile
        from recover.plugins import registry

        own = profile.load()
        opened, plugins = self._opening.__enter__(), registry.load()
        if opened.lease is not None and opened.lease.waited:
            _current(opened, plugins)
        return opened, plugins, own

    def __exit__(self, *error: Any) -> bool | None:
        return self._opening.__exit__(*error)


def _current(opened: Case, plugins: Any) -> None:
    """Bring results up to date: who gave the case back between two rounds has had no time for it."""
    from recover.stages import decode, find, link, trace

    with progress.watch(True) as tell:
        for stage in (decode, link, trace, find):
            stage.run(opened, plugins, tell)


def written(opened: Case, plugins: Any, json: bool, done: str = "") -> None:
    """Write the papers. Where that fails after an act, which stands, `done` says what was done."""
    from recover.sdk import Error
    from recover.stages import write

    try:
        with progress.watch(json) as tell:
            write.run(opened, plugins, tell)
    except Error as error:
        if not done:
            raise
        screen.remark(f"{done} The drafts beside it were not written again: {error.what} {error.why} {error.todo}")


def day(said: str, option: str) -> str:
    """A day as YYYY-MM-DD. A time of day is refused: a letter asks to the end of a day, and would not say it."""
    if said and not dates.whole(said):
        raise typer.BadParameter(f"{option} takes a day such as 2027-06-30, meant to its end where the sender is.")
    return dates.parse(said).date().isoformat() if said else ""


def text(said: str) -> str:
    """The text, or what stands in the file that is named after @."""
    if not said.startswith("@"):
        return said
    from recover.capture.imports import taken

    try:
        return taken(Path(said[1:])).decode()
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{said[1:]} is not text in UTF-8.") from error


def moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    found = dates.moment(text)
    if dates.whole(text):
        screen.remark(f"{text} is read as the start of that day in UTC, {found.isoformat()}.")
    return found


def stamp(text: str | None) -> str:
    found = moment(text)
    return found.isoformat() if found else ""


def end(opened: Case, ident: str, version: int, text: str | None) -> str:
    """A moment at which something ends; a day is meant to its end where the sender is, as --until is."""
    from recover.letters import clocks, life

    if text is None or not dates.whole(text):
        return stamp(text)
    known = life.letters(opened)
    life.known(known, ident)
    one = known[ident]
    zone = clocks.zoned(one, version or one.standing)
    found = clocks.end(dates.parse(text).date(), zone)
    screen.remark(f"{text} is read as the end of that day in {zone}, {found.isoformat()}.")
    return found.isoformat()


def drop(case: CasePath, letter: Ident, reason: Why, by: By = "", json: Json = False) -> None:
    """Drop a draft, or an issued letter that was not sent. What was issued is kept."""
    from recover.letters import acts

    signed(by)
    with Opening(case, "letter drop") as (opened, plugins, _):
        acts.drop(opened, letter, by, reason)
        again(opened, plugins, json)
        answered(opened, plugins, letter, json, served=True)


def basis(ident: Named, out: Out = None, installed: Installed = False, json: Json = False) -> None:
    """Print an entry of the register of legal bases, or a treaty, for a lawyer to check and you to keep."""
    from recover.letters import profile
    from recover.plugins import registry
    from recover.registers import bases
    from recover.sdk import Error

    template, mine = registry.load().templates["legal-bases"], profile.load()
    # The installed one, too, where one's own cannot be read: it is what the own one is made from.
    there = {one.stem: one for one in sorted(template.folder.glob("*.toml"))}
    treaties = {one.stem: one for one in sorted((template.folder / bases.TREATIES).glob("*.toml"))}
    head = f"{bases.TREATIES}/"
    own = {} if installed else {name.removeprefix(head): text for name, text in mine.bases.items()}
    text = own.get(ident, "")
    if not text.strip() and ident not in {**there, **treaties}:
        listed = ", ".join(dict.fromkeys([*there, *treaties, *own]))
        raise Error(
            "basis-unknown",
            f"The register of legal bases has no entry {ident!r}.",
            f"Entries: {listed}.",
            "Name one of them.",
        )
    text = text if text.strip() else {**there, **treaties}[ident].read_text("utf-8")
    kept = ident in treaties or head + ident in mine.bases
    folder = profile.place() / bases.TREATIES if kept else profile.place()
    place = str(folder / f"{ident}.toml")
    if out is not None:
        if out.exists():
            raise Error(
                "basis-there",
                f"{out} is there already.",
                "An entry that somebody works in is never written over.",
                "Name another file with --out.",
            )
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, "utf-8")
    found = {"id": ident, "toml": text, "own": ident in own, "place": place, "file": str(out) if out else ""}
    screen.answer(found, json, lambda: screen.say(f"  {out}") if out else screen.write(text))
    if not json:
        screen.remark(f"Your own entry of it: {place}, in place of the installed one.")


def did(case: Path, act: str, letter: str, version: int, said: Mapping[str, object], json: bool) -> None:
    with Opening(case, f"letter {act}") as (opened, plugins, _):
        record(opened, plugins, act, letter, version, said, json)
        answered(opened, plugins, letter, json, served=True)


def again(opened: Case, plugins: Any, json: bool) -> None:
    """Write the papers where the results have seen all that is here; else say what does."""
    from recover.plugins import pins

    if pins.behind(opened):
        screen.remark(
            f"The case holds what its results have not seen: `recover run {opened.path}` writes the letter."
        )
    else:
        written(opened, plugins, json)


def record(
    opened: Case, plugins: Any, act: str, letter: str, version: int, said: Mapping[str, object], json: bool
) -> None:
    from recover.letters import acts, docket

    signed(said.get("by", ""))
    acts.did(opened, plugins, act, letter, version, said)
    if opened.entries[-1].body.get("drafts"):  # a draft that tells of this letter told of it as it was
        again(opened, plugins, json)
    for odd in docket.odd(opened, plugins, act, letter, version):
        screen.remark(odd)


def _act(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was just recorded, and of which paper: the version, when that was issued, what it asks and is told."""
    last = row["acts"][-1]
    issued = next((a["told"] for a in row["acts"] if (a["act"], a["version"]) == ("issue", last["version"])), "")
    shown = [
        ("recorded", f"{last['act']} of version {last['version']}, issued {issued}" if issued else last["act"])
    ]
    shown.append(("at", last["told"]))
    for name in ("reference", "received", "held", "held_until", "channel"):
        shown += [(name.replace("_", " "), str(last[name]))] if name in last else []
    shown += [("it asks until", row["until"])] if row["until"] else []
    words = {"hold": "hold ends", "records": "records end", "report": "police report by"}
    for one in row["holds"]:
        word = words[one["kind"]] if one["granted"] else "if it holds, to"
        shown.append((word, f"{one['until']} ({one['by']})"))
    return shown + ([("term lapses", row["lapses"])] if row["lapses"] else [])


def ends(row: Mapping[str, Any], *kinds: str) -> str:
    """When terms of these kinds end, by the addressee's own rules or its answer, in one cell; no hold that nobody
    granted."""
    there = (one for one in row["holds"] if one["kind"] in kinds and one["granted"])
    return "; ".join(f"{one['until']} ({one['by']})" for one in there) or "–"


def signed(by: object) -> None:
    if not str(by).strip():
        raise typer.BadParameter("name who did it, with --by NAME.")


def answered(
    opened: Case,
    plugins: Any,
    ident: str,
    json: bool,
    served: bool = False,
    profile: Any = None,
    beside: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """How a letter stands; `served`: with the files that went out, and not with the draft of the next version.

    With the sender's `profile`, what would stop its issue too; `beside` is what other cases asked.
    """
    from recover.case.manifest import manifest
    from recover.letters import docket, hindered

    row = next(one for one in docket.rows(opened, plugins) if one["id"] == ident)
    if beside is not None:
        row["elsewhere"] = [*beside]
    if served:
        head = f"issued/{ident}-v{row['version']}"
        row["files"] = [name for name in opened.files.below("issued") if name.startswith(head)]
    else:
        drafted = (f"out/{name}" for name in manifest(opened).files)
        row["files"] = [name for name in drafted if name.startswith(f"out/letters/{ident}-v")]
    if profile is not None:
        row["before_issue"], differs = hindered.found(opened, plugins, profile, ident)
        row["shut"] = hindered.shut(opened, plugins, profile, ident)
    next_ = None if served else row["pending"]
    if next_:
        row["differs"] = differs if profile is not None else ""
    shown = [("no way to it", row["shut"])] if row.get("shut") else []
    shown += [(k, str(row[k])) for k in ("id", "kind", "to")]
    if next_:
        goes = "issued" if row["state"] == "issued" else "sent"
        stands = f"version {row['version']} stands as {row['state']} until it is {goes}"
        shown.append(("drafted", f"version {next_['version']}; {stands}"))
        shown.append(("differs in", row["differs"] or "what the case says; what exactly is not known"))
    else:
        shown += [(k, str(row[k])) for k in ("state", "version")]
    if served and row["acts"]:
        shown += _act(row)
    if row["as_issued"] and not served:
        shown.append(("drafted", f"nothing: it would say what version {max(row['issued'])} says, as issued"))
    shown += [("file", str(opened.path / name)) for name in row["files"]]
    if forms := (next_ or row)["forms"]:
        first, *others = forms
        because = f" ({first['says']})" if first["says"] else f" ({first['why']})"
        # A draft is served to nobody: which form comes first then, is known before.
        served_by = "serve first" if first["file"].startswith("issued/") else "once issued, serve first"
        shown.append((served_by, str(opened.path / first["file"]) + because))
        shown.append(("then", ", ".join(one["form"] for one in others) or "nothing else"))
    if profile is not None:
        shown += [("before issue", line) for line in row["before_issue"]]
    screen.answer(row, json, lambda: screen.facts(shown))
