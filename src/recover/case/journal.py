"""The hash-chained journal: one canonical JSON object a line, each naming the hash of the one before.

A change to any line breaks the link of the next, so a copy of the head, as every paper prints it, is enough to
show that nothing before it was changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from recover.case import returnable
from recover.sdk.errors import Integrity

FILE = "journal.jsonl"

GENESIS = "0" * 64

INPUTS = frozenset(
    {
        "opened",
        "settings",
        "exhibit",
        "reading",
        "decision",
        "plugins",
        "asked",
        "set-aside",
        "clock",
        "obtained",
        "upgraded",
        "act",
        "register",
        "confirmed",
        "offset",
        "held",
        "handed",
    }
)
"""Kinds on which results depend. Others (runs, documents written) are kept, and change no result."""

PAPERS = frozenset({"register", "confirmed", "offset", "held", "handed"})
"""Those of `INPUTS` that only papers read: whom to write to, and who had the case, change no figure."""

BEHIND = frozenset({"clock", "offset", "held", "handed"})
COPIES = frozenset({"issued", "signed", "receipt"})
"""What papers may be older than: kinds of entry, and methods of exhibits that no source reads: papers too."""


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
        return _spelt(self.number, self.time, self.kind, self.body, self.prev, self.hash)[1]


def make(number: int, time: datetime, kind: str, body: Mapping[str, Any], prev: str) -> Entry:
    """An entry with its hash."""
    time = time.replace(microsecond=time.microsecond // 1000 * 1000)  # as precise as the line says
    digest = _spelt(number, time, kind, body, prev)[0]
    return Entry(number=number, time=time, kind=kind, body=body, prev=prev, hash=digest)


def read(data: bytes) -> tuple[list[Entry], int]:
    """All whole entries and the length of a torn tail in bytes. Raises Integrity naming the first bad line."""
    whole = data.rfind(b"\n") + 1
    entries: list[Entry] = []
    prev = GENESIS
    for number, line in enumerate(data[:whole].splitlines(keepends=True), start=1):
        entry = _parse(line, number, prev)
        entries.append(entry)
        prev = entry.hash
    return entries, len(data) - whole


def said(value: Any) -> Any:
    """The same value with text that UTF-8 cannot hold (half a surrogate pair) written out, so that it is kept."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {said(k): said(v) for k, v in value.items()}
    return [said(v) for v in value] if isinstance(value, list | tuple) else value


def moment(time: datetime) -> str:
    """A time as an entry writes it: UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def head(entries: Sequence[Entry]) -> tuple[str, int]:
    """The hash and number of the last entry on which results depend."""
    for entry in reversed(entries):
        if entry.kind in INPUTS:
            return entry.hash, entry.number
    return GENESIS, 0


def evidence(entry: Entry) -> bool:
    """Whether papers that were written before an entry say nothing of something on which results depend."""
    if entry.kind == "exhibit":
        return bool(entry.body["sources"]) or entry.body["method"] not in COPIES
    return entry.kind in INPUTS - BEHIND


def _spelt(
    number: int, time: datetime, kind: str, body: Mapping[str, Any], prev: str, hash_: str = ""
) -> tuple[str, bytes]:
    """The hash of an entry and its line; the line has `hash_` where one is given."""
    # One spelling for one content, which is what canonical JSON (RFC 8785) is for: a digest is over bytes. The
    # keys stand in their order, so that the body, which can be megabytes, is spelt once for both.
    said = _ENCODED(body)
    rest = f'"kind":{_ENCODED(kind)},"n":{_ENCODED(number)},"prev":{_ENCODED(prev)},"time":"{moment(time)}"}}\n'
    digest = hashlib.sha256(f'{{"body":{said},{rest}'.encode()).hexdigest()
    return digest, f'{{"body":{said},"hash":{_ENCODED(hash_ or digest)},{rest}'.encode()


_ENCODED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def _parse(line: bytes, number: int, prev: str) -> Entry:
    try:
        raw = json.loads(line)
        # As precise as the line says, as `make` has it.
        time = datetime.fromisoformat(raw["time"])
        time = time.replace(microsecond=time.microsecond // 1000 * 1000)
        digest, spelt = _spelt(raw["n"], time, raw["kind"], raw["body"], raw["prev"])
        # The whole line is compared, not only the hash: two spellings of one content must not both pass.
        sound = spelt == line and raw["hash"] == digest and raw["n"] == number and raw["prev"] == prev
        entry = Entry(
            number=raw["n"], time=time, kind=raw["kind"], body=raw["body"], prev=raw["prev"], hash=digest
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        sound = False
    if not sound:
        raise Integrity(
            "journal-broken",
            f"Line {number} of {FILE} does not hold.",
            "Its hash, its number or its link to the line before is wrong: the journal was changed or damaged.",
            "Compare with another copy of the case; restore the journal from it.",
        )
    _shaped(entry)
    return entry


def _shaped(entry: Entry) -> None:
    """Raises Integrity for an entry that no version of `recover` writes: its hash is right, its content is not."""
    wrong = not isinstance(entry.body, Mapping) or (entry.kind == "act" and not _act(entry.body))
    wrong = wrong or (entry.kind == "handed" and not _handed(entry.body))
    for name, fits in _SHAPES.get(entry.kind, {}).items():
        wrong = wrong or name not in entry.body or not fits(entry.body[name])
    if not wrong and entry.kind in returnable.NEEDED:
        wrong = not returnable.fits(entry.kind, entry.body)
    for name, fits in _OPTIONAL.items():
        wrong = wrong or (entry.kind in _SHAPES and name in entry.body and not fits(entry.body[name]))
    if wrong:
        raise Integrity(
            "journal-malformed",
            f"Line {entry.number} of {FILE} is no entry that recover writes.",
            f"An entry of the kind {entry.kind!r} has other fields, or a name that would lead out of the case.",
            "The chain of hashes was made over it by somebody. Compare with another copy of the case.",
        )


def _act(body: Mapping[str, Any]) -> bool:
    """Whether an act has what its kind has, and nothing of another type."""
    needed = _ACTS.get(str(body.get("act")))
    return needed is not None and all(name in body and fits(body[name]) for name, fits in needed.items())


def _handed(body: Mapping[str, Any]) -> bool:
    """Whether a hand-over of the case has what it needs; a receipt that came later names the exhibit."""
    if body.get("act") != "given":
        return _whole(body.get("receipt"))
    texts = all(_text(body.get(name)) for name in ("giver", "receiver", "purpose", "name"))
    counts = all(_whole(body.get(name)) for name in ("upto", "entry", "exhibits"))
    hashes = all(_hex(body.get(name)) for name in ("head", "digest"))
    what = body.get("what") in ("folder", "bundle") and (body.get("receipt") is None or _whole(body["receipt"]))
    return texts and counts and hashes and what and _moment(body.get("at"))


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62


def _signed(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 62


def _moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _filed(value: Any) -> bool:
    """A file that was kept, by its name, its digest and the exhibit that holds it."""
    if not isinstance(value, Mapping) or not _hex(value.get("sha256")) or not _whole(value.get("exhibit")):
        return False
    return _text(value.get("name")) and "/" not in value["name"]


def _hex(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _warc(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9]{4,9}\.warc\.gz", value) is not None


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _origins(value: Any) -> bool:
    return isinstance(value, list) and all(_texts(one) and len(one) == 3 for one in value)


def _texts_of(*names: str) -> dict[str, Callable[[Any], bool]]:
    return dict.fromkeys(names, _text)


_ACTS: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    "assert": _texts_of(
        *("chain", "address", "service", "role", "grade", "source", "as_of", "until", "withdraw"),
    ),
    "split": {**_texts_of("chain"), "addresses": _texts},
    "join": {**_texts_of("chain"), "addresses": _texts},
    "review": {**_texts_of("finding", "kind", "subject"), "digest": _hex, "accept": lambda v: isinstance(v, bool)},
    "undo": {"of": _whole},
}
"""What each act of a person has beside who did it and why."""


def _named(value: Any, fits: Callable[[Any], bool]) -> bool:
    """Names within a folder, each with something that fits."""
    inside = isinstance(value, Mapping) and all(
        re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", name) for name in value
    )
    return inside and all(map(fits, value.values()))


def _digests(value: Any) -> bool:
    return _named(value, _hex)


def _former(value: Any) -> bool:
    return _text(value) and re.fullmatch(r"former/[0-9]+(\.[0-9]+)?", value) is not None


def _copy(value: Any) -> bool:
    return _text(value.get("name")) and _hex(value.get("sha256")) and _whole(value.get("exhibit"))


_SHAPES: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    "opened": {"sha256": _hex, "text": _text},
    "upgraded": {"from": _whole, "to": _whole},
    "kept": {"from": _whole, "kept": _former},
    "signed": {"by": _text, "of": _hex, "files": lambda v: isinstance(v, list) and all(map(_filed, v))},
    "seal": {"bundle": _text, "manifest": _hex, "by": _text},
    "settings": {"sha256": _hex, "text": _text},
    "exhibit": {
        "number": _whole,
        "digest": _hex,
        "name": _text,
        "media": _text,
        "size": _whole,
        "method": _text,
        "sources": _texts,
        "file": _warc,
        "offset": _whole,
        "length": _whole,
        "packed": _hex,
    },
    "reading": {"number": _whole},
    "decision": {"reason": _text},
    "obtained": {"number": _whole, "obtained": lambda v: v is None or _moment(v)},
    "asked": {"ask": _text, "source": _text, "why": _text},
    "plugins": {"origins": _origins},
    "ran": {"stage": _text},
    "act": {"act": _text, "by": _text, "reason": _text},
    "register": {"id": _text, "text": _text},
    "confirmed": {
        **dict.fromkeys(("id", "kind", "value", "by", "on", "how"), _text),
        "back": lambda v: isinstance(v, bool),
    },
    "examiner": {"by": _text},
    "offset": {
        **dict.fromkeys(("by", "source", "method", "sent", "received", "answer"), _text),
        "method": lambda v: v in ("ntp", "https", "said"),
        "offset": _signed,
        "within": _whole,
    },
    "held": {
        **dict.fromkeys(("by", "holder", "place", "how"), _text),
        "number": _whole,
        "at": _moment,
        "sha256": lambda v: v == "" or _hex(v),
    },
    "handed": {"act": lambda v: v in ("given", "receipt"), "id": _text, "by": _text},
    "decoded": {"sealed": lambda v: _named(v, _digests)},
    "writing": {"manifest": _hex},
    "libraries": {"versions": lambda v: isinstance(v, Mapping) and all(map(_text, v.values()))},
    "letter": {"act": _text, "id": _text},
    "papers": dict.fromkeys(("edition", "pack", "language"), _text),
    **returnable.NEEDED,
    "set-aside": {"exhibit": _whole, "back": lambda v: isinstance(v, bool), "reason": _text, "by": _text},
}
"""What the fields of each kind must be, so that what is read later can be relied on."""

_OPTIONAL: Mapping[str, Callable[[Any], bool]] = {
    "format": _whole,
    "salt": _text,
    "ask": _text,
    "captured": _moment,
    "withheld": _texts,
    "tx": _text,
    "exhibit": _whole,
    "paper": _text,
    "rule": _text,
    "letter": _text,
    "by": _text,
    "origin": _text,
    "source": _text,
    "chain": _text,
    "request": _text,
    "manifest": _hex,
    "head": _hex,
    "kept": _former,
    "tables": _digests,
    "sealed": lambda v: _named(v, _digests),
    "files": lambda v: isinstance(v, list) and all(isinstance(r, dict) and _copy(r) for r in v),
    "papers": lambda v: isinstance(v, list) and all(_texts(one) and len(one) == 2 for one in v),
    "redacted": lambda v: isinstance(v, list) and all(isinstance(r, list) and all(map(_whole, r)) for r in v),
}
"""The same for fields that an entry may have."""
