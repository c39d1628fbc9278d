"""What the commands of letters share: the case open for writing, moments and days, and what is told of an act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from recover.cli import dates, progress, screen

if TYPE_CHECKING:
    from recover.case import Case


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


class Opening:
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


def written(opened: Case, plugins: Any, json: bool) -> None:
    from recover.stages import write

    with progress.watch(json) as tell:
        write.run(opened, plugins, tell)


def day(said: str) -> str:
    """A day as YYYY-MM-DD. A year of another calendar is refused, as a loss's is."""
    if not said:
        return ""
    return dates.parse(said).date().isoformat()


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


def signed(by: object) -> None:
    if not str(by).strip():
        raise typer.BadParameter("name who did it, with --by NAME.")


def answered(
    opened: Case, plugins: Any, ident: str, json: bool, served: bool = False, profile: Any = None
) -> None:
    """How a letter stands; `served`: with the files that went out, and not with the draft of the next version.

    With the sender's `profile`, what would stop its issue too.
    """
    from recover.case.manifest import manifest
    from recover.letters import docket, hindered

    row = next(one for one in docket.rows(opened, plugins) if one["id"] == ident)
    if served:
        head = f"issued/{ident}-v{row['version']}"
        row["files"] = [name for name in opened.files.below("issued") if name.startswith(head)]
    else:
        drafted = (f"out/{name}" for name in manifest(opened).files)
        row["files"] = [name for name in drafted if name.startswith(f"out/letters/{ident}-v")]
    if profile is not None:
        row["before_issue"], differs = hindered.found(opened, plugins, profile, ident)
    next_ = None if served else row["pending"]
    if next_:
        row["differs"] = differs if profile is not None else ""
    shown = [(k, str(row[k])) for k in ("id", "kind", "to")]
    if next_:
        goes = "issued" if row["state"] == "issued" else "sent"
        stands = f"version {row['version']} stands as {row['state']} until it is {goes}"
        shown.append(("drafted", f"version {next_['version']}; {stands}"))
        shown.append(("differs in", row["differs"] or "what the case says; what exactly is not known"))
    else:
        shown += [(k, str(row[k])) for k in ("state", "version")]
    if served and row["acts"]:
        shown.append(("at", row["acts"][-1]["told"]))
    if row["as_issued"] and not served:
        shown.append(("drafted", f"nothing: it would say what version {max(row['issued'])} says, as issued"))
    shown += [("file", str(opened.path / name)) for name in row["files"]]
    if forms := (next_ or row)["forms"]:
        first, *others = forms
        because = f" ({first['says']})" if first["says"] else f" ({first['why']})"
        shown.append(("serve first", str(opened.path / first["file"]) + because))
        shown.append(("then", ", ".join(one["form"] for one in others) or "nothing else"))
    if profile is not None:
        shown += [("before issue", line) for line in row["before_issue"]]
    screen.answer(row, json, lambda: screen.facts(shown))
