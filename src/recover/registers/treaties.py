"""Treaties: which states are Parties to one, since when, and where that was read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

from recover.sdk.outside import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One state: the day on which it deposited its instrument, and from which the treaty is in force for it; None
    where no such day is known. `source` says where that was read, or that it was not (`read`)."""

    state: str
    ratified: date
    since: date | None
    source: str
    read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Treaty:
    """`chart` is the depositary's own list; `as_of` when these rows were last compared with what was at hand."""

    id: str
    title: str
    chart: str
    as_of: date
    parties: Mapping[str, Party] = field(default_factory=dict)

    def lacking(self, state: str, day: date) -> str:
        """Why it is not known to be in force for a state on a day; empty where it is."""
        party = self.parties.get(state)
        if party is None:
            return f"{visible(state, 40)} has no ratification in the register ({self.title}; {self.as_of})"
        if party.since is None:
            return (
                f"{state} ratified {self.title} on {party.ratified}, and no day of its entry into force is known"
            )
        if day < party.since:
            return f"{self.title} is in force for {state} from {party.since} on, and not on {day}"
        return ""


def load(folder: Path, wrong: list[str], own: Mapping[str, str] = MappingProxyType({})) -> Mapping[str, Treaty]:
    """Every treaty of a folder by id; `own` are an agency's, as texts, each in place of the installed one of its
    id. What is wrong with a file goes to `wrong`."""
    found = {}
    for name, text in [*_texts(folder, wrong), *((f"your own {name}.toml", text) for name, text in own.items())]:
        try:
            raw = tomllib.loads(text)
        except ValueError:
            wrong.append(f"{name} is not TOML")
            continue
        problems = [*_problems(raw)]
        if name.startswith("your own ") and raw.get("id") != name.removeprefix("your own ").removesuffix(".toml"):
            problems.append("its id is not as its file is called")
        wrong += [f"{name}: {problem}" for problem in problems]
        if not problems:
            found[raw["id"]] = _treaty(raw)
    return found


def _texts(folder: Path, wrong: list[str]) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.glob("*.toml")):
        try:
            yield file.name, file.read_text("utf-8")
        except (OSError, ValueError):
            wrong.append(f"{file.name} is not TOML")


_STATE = re.compile(r"[A-Z]{2}")
_KEYS = frozenset({"id", "title", "chart", "as_of", "sources", "parties"})


def _problems(raw: Mapping[str, object]) -> Iterator[str]:
    if set(raw) != _KEYS:
        yield f"its keys are not {', '.join(sorted(_KEYS))}"
        return
    yield from (f"{key} is no text" for key in ("id", "title", "chart") if not isinstance(raw[key], str))
    if type(raw["as_of"]) is not date:
        yield "as_of is no date"
    sources, parties = raw["sources"], raw["parties"]
    if not isinstance(sources, dict) or not isinstance(parties, dict):
        yield "sources and parties are no tables"
        return
    for name, said in sources.items():
        if (
            not isinstance(said, dict)
            or not isinstance(said.get("text"), str)
            or type(said.get("read")) is not bool
        ):
            yield f"sources: {visible(name, 40)} has no text, or does not say whether it was read"
    for state, row in parties.items():
        yield from (f"{visible(state, 40)}: {why}" for why in _row(state, row, sources))


def _row(state: str, row: object, sources: Mapping[str, object]) -> Iterator[str]:
    if not _STATE.fullmatch(state):
        yield "is no state in two letters"
    if not isinstance(row, dict) or set(row) - {"since"} != {"ratified", "source"}:
        yield "says not when it ratified, and where that was read"
        return
    days = [row["ratified"], *([row["since"]] if "since" in row else [])]
    if any(type(day) is not date for day in days) or days != sorted(days):
        yield "its days are no dates, or stand the wrong way round"
    if row["source"] not in sources:
        yield f"{visible(str(row['source']), 40)} is none of the sources"


def _treaty(raw: Mapping[str, object]) -> Treaty:
    sources, rows = raw["sources"], raw["parties"]
    assert isinstance(sources, dict)
    assert isinstance(rows, dict)
    parties = {
        state: Party(
            state=state,
            ratified=row["ratified"],
            since=row.get("since"),
            source=sources[row["source"]]["text"],
            read=sources[row["source"]]["read"],
        )
        for state, row in sorted(rows.items())
    }
    plain = {name: raw[name] for name in ("id", "title", "chart", "as_of")}
    return Treaty(parties=parties, **plain)  # type: ignore[arg-type]
