"""Whether the texts of a kind of letter can be filled: each asks for the names in braces that it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from recover.letters import words
from recover.letters.folders import Kind
from recover.report.texts import Texts
from recover.sdk import Error
from recover.sdk.counts import counted
from recover.sdk.outside import visible

FIXED = ("doc.mark", "doc.stale", "complete.", "unverified.", "reach.", "review.", "force.")
"""What stands in every letter as it is: no kind takes the mark of a draft, a warning or a blank out of its own."""


def fixed(key: str) -> bool:
    """Whether a text is the same in every kind of letter."""
    return key.startswith(FIXED)


def faults(kind: Kind, shipped: Iterable[Kind], common: Path) -> Iterator[str]:
    """What would stop a letter of this kind in the making: a text that is lacking, a name in braces that it is not
    given, a brace that is left open. `shipped` are the kinds that plugins bring, which show what each is given."""
    shared = {one.stem: Texts.load(common, one.stem).entries for one in sorted(common.glob("??.toml"))}
    known = _names([*shared.values(), *(one.words(name) for one in shipped for name in one.languages)])
    for language in kind.languages:
        own, there = kind.words(language), shared.get(language, {})
        if not there:
            yield f"{language}: the shared words are not there in this language"
            continue
        yield from (f"{language}: no text {key}" for key in _needed(kind) if key not in own and key not in there)
        for key, text in own.items():
            given = {*words.GIVEN} if key.startswith("ask.subject") else known.get(key, set())
            wanted, open_ = Texts.asks(text)
            if wrong := sorted(wanted - given):
                braces = ", ".join(f"{{{visible(one, 40)}}}" for one in wrong)
                names = ", ".join(f"{{{one}}}" for one in sorted(given)) or "none"
                yield f"{language}: {key} asks for {braces}, and what it is given is: {names}"
            if open_:
                yield f"{language}: {key} has a brace that holds no name"
    if not kind.languages:
        yield "it has no texts: en.toml is missing"


def held(kind: Kind, shipped: Iterable[Kind], common: Path) -> None:
    """Raises Error naming every text of a kind by which no letter could be written."""
    if wrong := list(faults(kind, shipped, common)):
        raise refused(kind.id, wrong)


def refused(ident: str, wrong: list[str]) -> Error:
    """The faults of a kind as one error."""
    return Error(
        "letter-template",
        f"The kind of letter {visible(ident, 60)} has {counted(len(wrong), 'fault')}.",
        "\n        ".join(wrong[:40]),
        "Mend them in its folder; `recover template check FOLDER` tells whether any is left.",
    )


def _names(files: Iterable[Mapping[str, str]]) -> dict[str, set[str]]:
    """By key, the names in braces that letters of any kind ask for there."""
    found: dict[str, set[str]] = {}
    for entries in files:
        for key, text in entries.items():
            found.setdefault(key, set()).update(Texts.asks(text)[0])
    return found


def _needed(kind: Kind) -> list[str]:
    keys = [f"{part}.title" for part in kind.parts]
    keys += [f"records.{key}" for listed in kind.records.values() for key in listed]
    return ["doc.title", "doc.running", "head.kind_value", "ask.subject", "ask.limits", *dict.fromkeys(keys)]
