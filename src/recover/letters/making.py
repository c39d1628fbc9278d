"""Kinds of letter that an agency makes for itself: a folder copied, changed, and checked as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recover.letters import drafts, folders
from recover.report import lint
from recover.report.texts import Texts
from recover.sdk import Error, Template
from recover.sdk.counts import counted
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
    kind = folders.read(folders.folder(folder))
    desk = drafts.desk(templates)
    shared = {t: Texts.layered((desk.common.folder,), t) for t in desk.languages()}
    wrong = []
    for language in sorted(p.stem for p in folder.glob("??.toml")):
        if language not in shared:
            wrong.append(f"{language}: the shared words are not there in this language")
            continue
        texts = desk.layered(kind, language)
        wrong += [f"{language}: no text {key}" for key in _needed(kind) if not texts.has(key)]
        own = Texts.load(folder, language).entries
        unknown = (
            set(own)
            - set(shared[language].entries)
            - {"ask.scope", *(key for key in own if key.startswith("ask.subject"))}
        )
        wrong += [f"{language}: {key} is no text that a letter uses" for key in sorted(unknown)]
        broken = lint.words(own, letter=True, asks=kind.asks)
        wrong += [f"{language}: {b.where} breaks {b.rule}" for b in broken]
    if not any(folder.glob("??.toml")):
        wrong.append("it has no texts: en.toml is missing")
    if wrong:
        raise Error(
            "letter-template",
            f"The kind of letter {visible(folder.name, 60)} has {counted(len(wrong), 'fault')}.",
            "\n        ".join(wrong[:40]),
            "Mend them in its folder.",
        )
    return ", ".join(sorted(p.stem for p in folder.glob("??.toml")))


def _needed(kind: folders.Kind) -> list[str]:
    keys = [f"{part}.title" for part in kind.parts]
    keys += [f"records.{key}" for listed in kind.records.values() for key in listed]
    return ["doc.title", "doc.running", "head.kind_value", "ask.subject", "ask.limits", *dict.fromkeys(keys)]
