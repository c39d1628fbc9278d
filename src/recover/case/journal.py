"""The hash-chained journal: one canonical JSON object a line, each naming the hash of the one before.

A change to any line breaks the link of the next, so a copy of the head, as every paper prints it, is enough to
show that nothing before it was changed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recover.sdk.errors import Integrity

GENESIS = "0" * 64

# Papers print the head over these. A run is noted in the journal too: were it to move the head, no paper could be
# made twice with the same bytes.
INPUTS = frozenset({"opened", "settings", "exhibit", "reading", "decision", "plugins", "asked", "obtained"})
"""Kinds on which results depend. Others (runs, documents written) are kept, and change no result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. `number` counts from 1; `hash` is SHA-256 over the line's other fields and `prev`."""

    number: int
    time: datetime
    kind: str
    body: Mapping[str, Any]
    prev: str
    hash: str

    def line(self) -> bytes:
        """The bytes that stand in the file, with the line feed."""
        return _canonical({**_fields(self.number, self.time, self.kind, self.body, self.prev), "hash": self.hash})


def make(number: int, time: datetime, kind: str, body: Mapping[str, Any], prev: str) -> Entry:
    """An entry with its hash."""
    time = time.replace(microsecond=time.microsecond // 1000 * 1000)  # as precise as the line says
    digest = hashlib.sha256(_canonical(_fields(number, time, kind, body, prev))).hexdigest()
    return Entry(number=number, time=time, kind=kind, body=body, prev=prev, hash=digest)


def read(path: Path) -> tuple[list[Entry], int]:
    """All whole entries and the length of a torn tail in bytes. Raises Integrity naming the first bad line."""
    data = path.read_bytes()
    # A line counts when its line feed is there: what follows the last one is a write that was cut off, and was
    # never acknowledged. A whole line that does not hold is another matter, and stops everything.
    whole = data.rfind(b"\n") + 1
    entries: list[Entry] = []
    prev = GENESIS
    for number, line in enumerate(data[:whole].splitlines(keepends=True), start=1):
        entry = _parse(line, number, prev, path)
        entries.append(entry)
        prev = entry.hash
    return entries, len(data) - whole


def append(path: Path, entry: Entry) -> None:
    """Write one line and wait until it is on the disk: only then is it acknowledged."""
    with path.open("ab") as file:
        file.write(entry.line())
        file.flush()
        os.fsync(file.fileno())


def head(entries: Sequence[Entry]) -> tuple[str, int]:
    """The hash and number of the last entry on which results depend."""
    for entry in reversed(entries):
        if entry.kind in INPUTS:
            return entry.hash, entry.number
    return GENESIS, 0


def _fields(number: int, time: datetime, kind: str, body: Mapping[str, Any], prev: str) -> dict[str, Any]:
    stamp = time.astimezone(UTC).isoformat(timespec="milliseconds")
    return {"n": number, "time": stamp, "kind": kind, "body": body, "prev": prev}


def _canonical(value: Mapping[str, Any]) -> bytes:
    # One spelling for one content, which is what canonical JSON (RFC 8785) is for: a digest is over bytes.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _parse(line: bytes, number: int, prev: str, path: Path) -> Entry:
    try:
        raw = json.loads(line)
        entry = make(raw["n"], datetime.fromisoformat(raw["time"]), raw["kind"], raw["body"], raw["prev"])
        # The whole line is compared, not only the hash: two spellings of one content must not both pass.
        sound = entry.line() == line and raw["hash"] == entry.hash
        sound = sound and entry.number == number and entry.prev == prev
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise Integrity(
            "journal-broken",
            f"Line {number} of {path.name} does not hold.",
            "Its hash, its number or its link to the line before is wrong: the journal was changed or damaged.",
            "Compare with another copy of the case; restore the journal from it.",
        )
    return entry
