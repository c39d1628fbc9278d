"""The lines before the table: what kind of file it is, where its facts are from, what it claims."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from recover.sdk import Error, NotRecognised

FIRST = b"#recover-transfers 1"
_BOM = b"\xef\xbb\xbf"
_KEYS = ("source", "licence", "note", "history", "until", "asset")
_MOST = 16
_LONGEST = 4096
_LINE = re.compile(r"#\s?([a-z]+):\s*(.*?)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """`complete`: every view's whole history is in the file, up to `until` where it says so; that of `asset` alone
    where it names one. `line` and `at` are where the table begins."""

    source: str
    licence: str
    note: str
    complete: bool
    until: datetime | None
    asset: str
    line: int
    at: int


def begins(data: bytes, first: bytes = FIRST) -> bool:
    """Whether the first line is that of a file of this kind and version."""
    return data.removeprefix(_BOM).startswith((first + b"\n", first + b"\r\n"))


def read(name: str, data: bytes, first: bytes = FIRST) -> Head:
    """Raises NotRecognised when the first line is another, Error naming every line of the head that is wrong."""
    if not begins(data, first):
        kind = "transfer" if first == FIRST else "price"
        raise NotRecognised(
            f"no-{kind}-file",
            f"{name} is no {kind} file.",
            f"Its first line is not {first.decode()}.",
            "Name the source that reads it with --as, or write the first line if it is in this format.",
        )
    found: dict[str, str] = {}
    problems: list[str] = []
    line, at = 1, data.index(b"\n") + 1
    while data[at : at + 1] == b"#":
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        line += 1
        problems += _note(line, data[at:end], found)
        at = min(end + 1, len(data))
        if line > _MOST:
            problems.append(f"there are more than {_MOST} lines that begin with #")
            break
    if found.get("history", "partial") not in ("complete", "partial"):
        problems.append("history is neither complete nor partial")
    until = _moment(found.get("until", ""), problems)
    if problems:
        raise Error(
            "transfer-head",
            f"The head of {name} cannot be read.",
            "; ".join(problems[:20]) + ".",
            f"Its lines are `#key: value` with the keys {', '.join(_KEYS)}, each at most once.",
        )
    texts = {key: found.get(key, "") for key in ("source", "licence", "note", "asset")}
    return Head(**texts, complete=found.get("history") == "complete", until=until, line=line + 1, at=at)


def _moment(text: str, problems: list[str]) -> datetime | None:
    """The moment in UTC to which histories are complete; None where the file does not say."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        problems.append("until is no moment such as 2026-01-31T23:59:59Z")
        return None
    return moment.astimezone(UTC)


def _note(line: int, raw: bytes, found: dict[str, str]) -> list[str]:
    try:
        text = raw.decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError:
        return [f"line {line} is not UTF-8"]
    match = _LINE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or not text.isprintable():
        return [f"line {line} is not `#key: value`"]
    if match[1] not in _KEYS:
        return [f"line {line}: {match[1][:40]!r} is no key"]
    if match[1] in found:
        return [f"line {line}: {match[1]} is there twice"]
    found[match[1]] = match[2]
    return []
