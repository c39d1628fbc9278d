"""Answers that are on the disk and not yet in the journal: kept in order, and taken up after a crash.

Many requests are under way at once, and the journal is one chain that one thread writes. So an answer is written
first, as WARC records that say of themselves what they are, and is used only then; the journal acknowledges
the answers of a round together, in a stated order. Until it does, whoever opens the case next takes them up.
"""

from __future__ import annotations

import json
import re
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recover.case import warc
from recover.case.confined import Files
from recover.sdk.errors import Integrity
from recover.sdk.values import Exhibit

_METHOD = re.compile(r"(GET|POST) [0-9]{3}(, redacted)?")
_PIECE = 1 << 20
_LARGEST = 2**28
"""Bytes of the largest answer that is taken from a server."""
_TEXTS = ("name", "media", "method", "request", "ask")


@dataclass(slots=True, kw_only=True)
class Waiting:
    """One answer on its way to the disk; `body` is what the journal will say of it, once it is there."""

    packed: bytes
    about: Mapping[str, Any]
    body: dict[str, Any] | None = None
    failed: OSError | None = None


@dataclass(slots=True)
class Received:
    """What came in since the journal was last written, in one WARC file. Any thread may add to it."""

    files: Files
    file: str
    _queue: list[Waiting] = field(default_factory=list, repr=False)
    _ready: list[dict[str, Any]] = field(default_factory=list, repr=False)
    _short: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _writing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, packed: bytes, about: Mapping[str, Any]) -> dict[str, Any]:
        """Where the answer lies, once it is on the disk. Raises OSError where it could not be written."""
        mine = Waiting(packed=packed, about=about)
        with self._short:
            self._queue.append(mine)
        # Whoever comes first writes for all that wait behind: the disk takes as long for ten as for one.
        with self._writing:
            if mine.body is None and mine.failed is None:
                self._write()
        if mine.failed is not None:
            raise mine.failed
        assert mine.body is not None
        return mine.body

    def keep(self, packed: bytes, about: Mapping[str, Any]) -> Exhibit:
        """The answer as it lies on the disk: its number is given when the journal acknowledges it, and 0 here."""
        body = self.add(packed, about)
        data, asked = warc.read(self.files.read(f"exhibits/{self.file}", body["offset"], body["length"]))
        if warc.sha256(data) != body["digest"]:
            raise OSError(f"{self.file} does not give back what was written to it")
        return Exhibit(
            digest=body["digest"],
            name=body["name"],
            media=body["media"],
            captured=datetime.fromisoformat(body["captured"]),
            sources=tuple(body["sources"]),
            data=data,
            asked=asked,
            redacted="redacted" in body,
        )

    def take(self) -> list[dict[str, Any]]:
        """What the journal does not yet acknowledge, in the order in which it is numbered."""
        with self._short:
            found, self._ready = self._ready, []
        return ordered(found)

    def _write(self) -> None:
        with self._short:
            batch, self._queue = self._queue, []
        try:
            place = self.files.append(f"exhibits/{self.file}", b"".join(one.packed for one in batch))
        except OSError as error:
            for one in batch:
                one.failed = error
            return
        for one in batch:
            one.body = placed(one.about, self.file, place, one.packed)
            place += len(one.packed)
        with self._short:
            self._ready += [one.body for one in batch if one.body is not None]


def placed(about: Mapping[str, Any], file: str, offset: int, packed: bytes) -> dict[str, Any]:
    """What the journal says of a stored record, but for its number."""
    return {**about, "file": file, "offset": offset, "length": len(packed), "packed": warc.sha256(packed)}


def ordered(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """In the stated order: by the place of their ask in the round, then by their own among its answers."""
    return sorted(map(dict, found), key=lambda body: (body.get("order", [0, 0]), body["offset"]))


def left(files: Files, file: str, start: int) -> list[dict[str, Any]]:
    """The whole answers in a WARC file from `start` on, each checked against what it says of itself.

    It ends at the first record that is not one of these, or that is not whole.
    """
    data = files.read(f"exhibits/{file}", start)
    found: list[dict[str, Any]] = []
    place = 0
    for length in _exchanges(data):
        packed = data[place : place + length]
        about = _about(packed)
        if about is None:
            break
        found.append(placed(about, file, start + place, packed))
        place += length
    return found


def _exchanges(data: bytes) -> Iterator[int]:
    """The lengths of the exchanges at the head of the data: three gzip members each."""
    place = 0
    while place < len(data):
        end: int | None = place
        for _ in range(3):
            end = None if end is None else _member(data, end)
        if end is None:
            return
        yield end - place
        place = end


def _member(data: bytes, place: int) -> int | None:
    """Where the gzip member that begins at a place ends; None where it does not."""
    press = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        while place < len(data) and not press.eof:
            piece = data[place : place + _PIECE]
            place += len(piece)
            while not press.eof:
                made = press.decompress(piece, _PIECE)
                piece = press.unconsumed_tail
                if not piece and len(made) < _PIECE:
                    break
    except zlib.error:
        return None
    return place - len(press.unused_data) if press.eof else None


def _about(packed: bytes) -> dict[str, Any] | None:
    """What an exchange says of itself; None where it is not what it says."""
    try:
        said = warc.metadata(packed)
        data, asked = warc.read(packed, _LARGEST)
        about = json.loads(said) if said else None
        if not isinstance(about, dict) or asked is None:
            return None
        when = datetime.fromisoformat(about["captured"])
        sound = (
            about.keys() <= _KEYS
            and all(isinstance(about[name], str) for name in _TEXTS)
            and about["digest"] == warc.sha256(data)
            and about["size"] == len(data)
            and about["name"] == asked.url
            and about["request"] == warc.key(asked)
            and _METHOD.fullmatch(about["method"]) is not None
            and isinstance(about["sources"], list)
            and all(isinstance(one, str) for one in about["sources"])
            and when.tzinfo is not None
            and _numbers(about["order"], 2)
            and all(_numbers(one, 2) for one in about.get("redacted", ()))
        )
    except (Integrity, ValueError, KeyError, TypeError, RecursionError):
        return None
    return about if sound else None


_KEYS = frozenset({*_TEXTS, "digest", "size", "sources", "captured", "order", "redacted"})


def _numbers(value: object, count: int) -> bool:
    return (
        isinstance(value, list) and len(value) == count and all(type(n) is int and 0 <= n < 1 << 62 for n in value)
    )
