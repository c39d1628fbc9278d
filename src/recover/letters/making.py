"""Kinds of letter that an agency makes for itself: a folder copied, changed, and checked as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recover.letters import drafts, filled, folders
from recover.report import lint
from recover.sdk import Error, Template
from recover.sdk.outside import visible


def new(templates: Sequence[Template], folder: Path, like: str) -> list[Path]:
    """Copy a kind's folder, and what its words share, into a new folder. Raises Error; nothing is overwritten."""
    found = {t.id: t for t in templates if t.kind == "letter"}
    if like not in found:
        raise Error(
            "letter-kind",
            f"There is no kind of letter {visible(like, 40)!r}.",
            f"Kinds: {', '.join(sorted(found))}.",
            "Name one with --from.",
        )
    if folder.name in found:
        raise folders.taken(folder.name)
    if folder.exists():
        raise Error(
            "folder-there",
            f"{folder.name} is there already.",
            "A folder that somebody works in is never written over.",
            "Choose another name.",
        )
    folder.mkdir(parents=True)
    made = []
    for file in sorted(found[like].folder.iterdir()):
        if file.suffix == ".toml":
            (folder / file.name).write_bytes(file.read_bytes())
            made.append(folder / file.name)
    return made


def check(templates: Sequence[Template], folder: Path) -> str:
    """The languages that hold. Raises Error naming every fault of the folder."""
    kind, desk = folders.own(folder), drafts.desk(templates)
    if kind.id in desk.shipped:
        raise folders.taken(kind.id)
    wrong = list(filled.faults(kind, desk.shipped.values(), desk.common.folder))
    for language in kind.languages:
        own = kind.words(language)
        shared = desk.layered(desk.shipped[drafts.PLAIN], "en").entries
        unknown = [key for key in sorted(own) if key not in shared and not key.startswith("ask.subject")]
        wrong += [f"{language}: {key} is no text that a letter uses" for key in unknown if key != "ask.scope"]
        wrong += [
            f"{language}: {key} stands in every letter as it is, and no kind changes it"
            for key in sorted(own) if filled.fixed(key)
        ]  # fmt: skip
        broken = lint.words(own, letter=True, asks=kind.asks)
        wrong += [f"{language}: {b.where} breaks {b.rule}" for b in broken]
    if wrong:
        raise filled.refused(kind.id, wrong)
    return ", ".join(kind.languages)
