"""Texts: a template's sentences in one language, and how dates, grades and amounts are written in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from recover.report import phrases
from recover.sdk import GRADES, Asset, Error, amounts
from recover.sdk.outside import visible

_SLOT = re.compile(r"\{([a-z_]+)\}")
_NUMBER = re.compile(r"\{([a-z_]+):([^{}|]*)\|([^{}|]*)\}")
"""`{count:payment|payments}`: the first words where the slot of this name says 1, else the second."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d:\d\dZ)?")
_BUDDHIST = 543
"""So many years the Buddhist era is ahead of the common one (Thai official use since 1941)."""


def moment(value: datetime | None) -> str:
    """A time as UTC, ISO 8601, to the second; a dash where none is known."""
    if value is None:
        return "–"
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> Mapping[str, str]:
    """The entries of a file as it was last changed: the letters of a case share their texts."""
    return dict(flattened(tomllib.loads(path.read_text(encoding="utf-8"))))


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences of one template, by dotted key. They are data: code holds no prose."""

    language: str
    entries: Mapping[str, str]
    file: str
    said: phrases.Folders = ()
    """Where words that came in English have theirs in this language."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """By id, what rules and heuristics are called, for papers whose readers know no id."""
    zone: str = ""
    """The zone of who writes: where the language writes days in a way of its own, a moment stands so in it."""
    used: set[str] = field(default_factory=set, compare=False)
    """The keys of what was said, by which a document is checked when it is written."""

    @classmethod
    def load(cls, folder: Path, language: str, said: phrases.Folders = ()) -> Texts:
        """Read `LANGUAGE.toml`. Raises Error for a language that is not there: nothing is said in another."""
        # The code becomes part of a path, and case.toml may come from somebody else.
        if not _LANGUAGE.fullmatch(language):
            raise Error(
                "language-unreadable",
                f"{visible(language, 40)!r} is not a language code.",
                "A language names a file of texts, so only letters and digits may stand in it.",
                "Write `language` in case.toml as a code such as en or th.",
            )
        path = folder / f"{language}.toml"
        if not path.is_file():
            raise _missing(folder, language)
        try:
            entries = _read(path, path.stat().st_mtime_ns)
        except (OSError, ValueError) as error:
            raise Error(
                "texts-unreadable",
                f"The texts {folder.name}/{path.name} cannot be read.",
                f"{type(error).__name__} while reading TOML.",
                "Repair or reinstall the template's plugin.",
            ) from error
        return cls(language, dict(entries), f"{folder.name}/{path.name}", said)

    @classmethod
    def layered(cls, folders: Iterable[Path], language: str, said: phrases.Folders = ()) -> Texts:
        """The texts of several folders, each going before those in front of it. Raises Error for a language that
        the first of them has not: a paper in another language than was chosen would be served unread."""
        layers = list(folders)
        if not _LANGUAGE.fullmatch(language) or not (layers[0] / f"{language}.toml").is_file():
            raise _missing(layers[0], language)
        found: dict[str, str] = {}
        for folder in layers:
            if (folder / f"{language}.toml").is_file():
                found |= cls.load(folder, language).entries
        return cls(language, found, f"{layers[-1].name}/{language}.toml", said)

    def say(self, key: str, /, **slots: str | int) -> str:
        """The sentence `key` with its slots filled. Raises Error naming the key or the slot that is missing."""
        text = self.entries.get(key)
        if text is None:
            raise Error(
                "text-missing",
                f"{self.file} has no text {key!r}.",
                "Every sentence of a document comes from its template's texts.",
                f"Add {key} to {self.file}.",
            )
        wanted, _ = self.asks(text)
        if wanted - set(slots):
            raise Error(
                "text-slot",
                f"The text {key!r} of {self.file} asks for {', '.join(sorted(wanted - set(slots)))}.",
                f"What is known there is {', '.join(sorted(slots)) or 'nothing'}.",
                "Use only those names in braces.",
            )
        self.used.add(key)
        text = _NUMBER.sub(lambda found: found[2] if str(slots[found[1]]) == "1" else found[3], text)
        # In one pass, so that braces in a slot's own text are never filled in turn.
        return _SLOT.sub(lambda found: str(slots[found[1]]), text)

    @staticmethod
    def asks(text: str) -> tuple[set[str], bool]:
        """The names in braces that a sentence asks for, and whether a brace is left that belongs to none."""
        rest = _SLOT.sub("", _NUMBER.sub("", text))
        names = {*_SLOT.findall(text), *(name for name, _, _ in _NUMBER.findall(text))}
        return names, "{" in rest or "}" in rest

    def has(self, key: str) -> bool:
        return key in self.entries

    def own(self, text: str) -> str:
        """What was said in English, in this language; marked as English where it has no words for it."""
        if self.language == "en" or not text:
            return text
        told = phrases.told(self.said, self.language, text)
        return self.say("said.english", text=text) if told is None else told

    def rule(self, ident: str) -> str:
        """A tracing rule as running text names it: by its title in this language, or by its id in a paper that
        says elsewhere what each is."""
        title = self.titles.get(ident)
        return self.say("rule.named", title=self.own(title)) if title else ident

    def grounds(self, basis: str) -> str:
        """What a name rests on; a heuristic is called as `rule` calls rules."""
        said = self.own(basis)
        for ident, title in self.titles.items():
            parts = re.split(rf"(?<![\w-]){re.escape(ident)} \d[\w.]*(?=: )", said)
            said = self.own(title).join(parts) if len(parts) > 1 else said
        return said

    def dated(self, text: str) -> str:
        """A day or a moment in ISO 8601 and, where the language counts years otherwise, its own way beside it."""
        found = _DAY.fullmatch(text)
        if found is None or not self.has("day.own"):
            return text
        if self.zone and "T" in text:  # the day there can be another than in UTC
            local = datetime.fromisoformat(text).astimezone(ZoneInfo(self.zone))
            shift = f"{local:%z}"
            at = f" {local:%H:%M} UTC" + (f"{shift[:3]}:{shift[3:]}" if local.utcoffset() else "")
            return f"{text} ({self._own(local.year, local.month, local.day)}{at})"
        return f"{text} ({self._own(*(int(part) for part in found.groups()))})"

    def _own(self, year: int, month: int, day: int) -> str:
        return self.say("day.own", day=day, month=self.say(f"month.{month}"), year=year + _BUDDHIST)

    def moment(self, value: datetime | None) -> str:
        """A time as `moment` writes it, as running text has it."""
        return self.dated(moment(value))

    def grade(self, grade: str) -> str:
        """A grade with its word, as `C (moderate)`."""
        return f"{grade} ({self.say('grade.' + grade)})" if grade in GRADES else "–"

    def listed(self, numbers: Iterable[int]) -> str:
        """Exhibit numbers as cells show them."""
        return ", ".join(str(n) for n in sorted(set(numbers))) or "–"

    def joined(self, parts: Iterable[str]) -> str:
        """Parts of a sentence, as `a, b and c`."""
        found = list(parts)
        if len(found) < 2:
            return "".join(found)
        return ", ".join(found[:-1]) + self.say("and") + found[-1]

    def units(self, value: int, asset: Asset) -> str:
        """An exact amount with its symbol, in one line."""
        if asset.decimals is None:
            return self.say("amount.base", value=f"{value:,}", symbol=visible(asset.symbol, 24))
        return f"{amounts.decimal(value, asset.decimals)} {visible(asset.symbol, 24)}"

    def both(self, value: int | None, asset: Asset) -> str:
        """An amount as a table cell shows it: exact decimal, and the base units below. A dash where unknown."""
        if value is None:
            return "–"
        # Base units below the decimal: a reader can check a figure without knowing how many decimals the asset
        # has.
        return f"{amounts.decimal(value, asset.decimals)}\n{value}" if asset.decimals else f"{value:,}"


def _missing(folder: Path, language: str) -> Error:
    there = ", ".join(sorted(p.stem for p in folder.glob("*.toml") if _LANGUAGE.fullmatch(p.stem)))
    return Error(
        "language-missing",
        f"There are no texts in the language {visible(language, 40)!r}.",
        f"Languages here: {there or 'none'}.",
        "Choose one of them with --language; a letter can have two, as en+th.",
    )


def flattened(tree: Mapping[str, object], head: str = "") -> Iterable[tuple[str, str]]:
    """(dotted key, sentence) of a file of texts."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{head}{name}.")
        else:
            yield head + name, str(value)
