"""What rules, heuristics, packs and stages say in English, in the language of a paper.

Such words are made where no paper's language is known, and travel as text. Registers named `phrases`, or
`phrases-NAME` where a plugin brings its own, have each as it is written there, in `LANGUAGE/*.toml`, with what
varies in braces; a slot whose name begins with `said` holds such a text again.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from recover.sdk import Template

_SLOT = re.compile(r"\{([a-z_]+)\}")
_PROSE = re.compile(r"\b[a-z][a-z']+,? [a-z][a-z']+\b")
"""Two small words in a row: what has none is a name or a figure, and is the same in every language."""
_SENTENCE = re.compile(r"\b(?:[a-z][a-z']+,? ){2}[a-z]")
"""Three in a row: no slot that is taken over as it stands may hold so much."""
_WORDS = ("method", "version")
"""Slots that hold one word."""
_NAMES = "rules"
"""A slot that holds names of rules, which are small words and no sentence."""
_ENDS = re.compile(r"((?<=\.) |; )")


Folders = tuple[Path, ...]


def folders(templates: Sequence[Template]) -> Folders:
    """Where the phrases of these templates lie, in the order of their names."""
    named = [t for t in templates if t.kind == "register" and re.fullmatch(r"phrases(-.+)?", t.id)]
    return tuple(t.folder for t in sorted(named, key=lambda t: t.id))


@cache
def entries(where: Folders, language: str) -> Mapping[str, str]:
    """The English of every phrase with its words in a language; empty where there are none."""
    found: dict[str, str] = {}
    for file in (file for folder in where for file in sorted(folder.joinpath(language).glob("*.toml"))):
        for group in tomllib.loads(file.read_text("utf-8")).values():
            found |= group
    return found


@cache
def _patterns(where: Folders, language: str) -> Sequence[tuple[re.Pattern[str], str]]:
    return [(_pattern(text), own) for text, own in entries(where, language).items() if "{" in text]


def _pattern(text: str) -> re.Pattern[str]:
    parts = _SLOT.split(text)
    slots = {name: f"(?P<{name}>\\S+)" if name in _WORDS else f"(?P<{name}>.+?)" for name in parts[1::2]}
    slots[_NAMES] = rf"(?P<{_NAMES}>[\w-]+(?:(?:, | and )[\w-]+)*)"
    return re.compile("".join(slots[part] if at % 2 else re.escape(part) for at, part in enumerate(parts)))


@lru_cache(maxsize=4096)
def told(where: Folders, language: str, text: str) -> str | None:
    """The text in a language: whole, or sentence by sentence. None where any part of it has no words there."""
    parts = _ENDS.split(text)
    made, at = "", 0
    while at < len(parts):
        # The longest run of sentences that is one phrase: some stand together.
        runs = ((end, _known(where, language, "".join(parts[at:end]))) for end in range(len(parts), at, -2))
        end, own = next(((end, own) for end, own in runs if own is not None), (at + 1, None))
        if own is None and _PROSE.search(parts[at]):
            return None
        made += (own or parts[at]) + (parts[end] if end < len(parts) else "")
        at = end + 1
    return made


def _known(where: Folders, language: str, text: str) -> str | None:
    own = entries(where, language).get(text)
    if own is not None:
        return own
    for pattern, words in _patterns(where, language):
        if (found := pattern.fullmatch(text)) and (
            slots := _slots(where, language, found.groupdict())
        ) is not None:
            return _SLOT.sub(lambda one, slots=slots: slots[one[1]], words)  # type: ignore[misc]
    return None


def _slots(where: Folders, language: str, found: Mapping[str, str]) -> Mapping[str, str] | None:
    """What fills the slots; None where one holds English that would stand in the other language unsaid."""
    made: dict[str, str] = {}
    for name, text in found.items():
        prose = name != _NAMES and _SENTENCE.search(text)
        own = told(where, language, text) if name.startswith("said") else None if prose else text
        if own is None:
            return None
        made[name] = own
    return made
