"""What the journal says of exhibits: where each one lies, who reads it, and which were set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from recover.case.journal import Entry
from recover.sdk.errors import Error, Integrity


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where an exhibit lies: its WARC file and the range of bytes there, and what was said of it.

    `redacted` are the ranges (start, length) of its content in which a placeholder stands for a key; None where no
    key was found, empty where one stood in the headers alone. `withheld` are its fields that tell who a victim is;
    None where they were never held against the identities of the case.
    """

    number: int
    digest: str
    name: str
    media: str
    size: int
    method: str
    captured: datetime
    sources: tuple[str, ...]
    file: str
    offset: int
    length: int
    packed: str
    request: str = ""
    chain: str = ""
    obtained: datetime | None = None
    by: str = ""
    origin: str = ""
    redacted: tuple[tuple[int, int], ...] | None = None
    ask: str = ""
    withheld: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A person's decision that nothing rests on an exhibit. `value` is what rested on it, by loss and asset."""

    number: int
    reason: str
    by: str
    at: datetime
    value: tuple[tuple[str, str, int], ...] = ()


def stored(entries: Sequence[Entry]) -> tuple[Stored, ...]:
    """All exhibits in order. Raises Integrity for an entry that fits no other."""
    found: dict[int, Stored] = {}
    add(found, entries)
    return tuple(found.values())


def one(found: Sequence[Stored], number: int) -> Stored:
    """The exhibit of a number. Raises Error where there is none such."""
    for held in found:
        if held.number == number:
            return held
    raise Error(
        "no-exhibit",
        f"The case holds no exhibit {number}.",
        f"It holds {len(found)}." if found else "It holds none.",
        "`recover show CASE exhibits` lists them.",
    )


def add(found: dict[int, Stored], entries: Iterable[Entry]) -> None:
    """Bring the exhibits up to date with further entries; they are numbered as they come."""
    for entry in entries:
        body = entry.body
        if entry.kind == "exhibit":
            if body["number"] != len(found) + 1:
                raise _odd(entry, f"it numbers exhibit {body['number']}, and {len(found) + 1} is the next")
            found[body["number"]] = _one(body, entry.time)
        elif entry.kind == "reading":
            old = found.get(body["number"])
            if old is None:
                raise _odd(entry, f"it names exhibit {body['number']}, which is not there")
            more = (body["source"],) if "source" in body else ()
            chain = body.get("chain", old.chain)  # the last word on it: a person corrects an assumed chain
            found[old.number] = replace(old, sources=(*old.sources, *more), chain=chain)
        elif entry.kind == "obtained":
            old = found.get(body["number"])
            if old is None:
                raise _odd(entry, f"it names exhibit {body['number']}, which is not there")
            said = {name: body[name] for name in ("by", "origin") if body.get(name)}
            when = datetime.fromisoformat(body["obtained"]) if body.get("obtained") else None
            left = tuple(body["withheld"]) if "withheld" in body else None if said else old.withheld
            found[old.number] = replace(old, obtained=when or old.obtained, withheld=left, **said)


def set_aside(entries: Sequence[Entry]) -> Mapping[int, SetAside]:
    """Those that are set aside now, by number."""
    found: dict[int, SetAside] = {}
    for entry in entries:
        if entry.kind != "set-aside":
            continue
        body = entry.body
        if body["back"]:
            found.pop(body["exhibit"], None)
        else:
            value = tuple((str(l), str(a), int(n)) for l, a, n in body.get("value", ()))
            found[body["exhibit"]] = SetAside(
                number=body["exhibit"], reason=body["reason"], by=body["by"], at=entry.time, value=value
            )
    return dict(sorted(found.items()))


def ends(found: Sequence[Stored]) -> dict[str, int]:
    """By file, where the last acknowledged record ends."""
    last: dict[str, int] = {}
    for one in found:
        last[one.file] = max(last.get(one.file, 0), one.offset + one.length)
    return last


def changed(one: Stored, why: str) -> Integrity:
    return Integrity(
        "exhibit-changed",
        f"Exhibit {one.number} ({one.name}) does not hold.",
        f"In {one.file}, {why}.",
        "Restore the file in exhibits/ from another copy of the case.",
    )


def _one(body: Mapping[str, Any], time: datetime) -> Stored:
    return Stored(
        **{k: body[k] for k in ("number", "digest", "name", "media", "size", "method", "file")},
        **{k: body[k] for k in ("offset", "length", "packed")},
        captured=datetime.fromisoformat(body["captured"]) if "captured" in body else time,
        sources=tuple(body["sources"]),
        request=str(body.get("request", "")),
        chain=str(body.get("chain", "")),
        ask=str(body.get("ask", "")),
        redacted=_ranges(body["redacted"]) if "redacted" in body else None,
    )


def _ranges(value: Any) -> tuple[tuple[int, int], ...]:
    return tuple((int(start), int(length)) for start, length in value)


def _odd(entry: Entry, why: str) -> Integrity:
    return Integrity(
        "journal-malformed",
        f"Line {entry.number} of journal.jsonl is no entry that recover writes.",
        f"Its hash is right, and {why}.",
        "The chain of hashes was made over it by somebody. Compare with another copy of the case.",
    )
