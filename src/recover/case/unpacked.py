"""WARC records as they lie in one stored exhibit, read strictly: nothing beside them, and no more than is said.

A received case may hold a few packed bytes that unpack to gigabytes, or a record between whose lines something
else stands. What is read here is what `warc.py` writes, and nothing else.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MOST_RECORDS = 8
MOST_HEAD = 1 << 16
MOST_BESIDE = 8 * 2**20
"""Bytes of a record's own headers, and of the request and what else stands beside the content."""

LARGEST = 2**32
"""Bytes of the largest file that is imported."""

_VERSION = b"WARC/1.1"
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record. `of` holds its header's fields by their names in small letters."""

    of: dict[str, str]
    data: bytes

    @property
    def kind(self) -> str:
        return self.of.get("warc-type", "")


def records(packed: bytes, size: int = LARGEST) -> list[Record]:
    """All records of an exhibit whose content has `size` bytes. Raises ValueError saying what is wrong."""
    return [_record(member) for member in _members(packed, min(size, LARGEST) + MOST_BESIDE)]


def head(packed: bytes) -> dict[str, str]:
    """The header of the record with the content, without unpacking the content. Raises ValueError."""
    left = packed
    for _ in range(MOST_RECORDS):
        of, _rest = _headed(_unpacked(left, MOST_HEAD)[0])
        if of.get("warc-type") in ("resource", "response") or not left:
            return of
        member, left = _unpacked(left, MOST_BESIDE)
        if len(member) >= MOST_BESIDE:
            break
    raise ValueError("it has no record with content")


def _members(packed: bytes, most: int) -> Iterator[bytes]:
    """Each gzip member unpacked; all of them together have at most so many bytes."""
    left = packed
    for _ in range(MOST_RECORDS):
        if not left:
            return
        member, left = _unpacked(left, most)
        most -= len(member)
        if most <= 0:
            raise ValueError("it unpacks to more than the journal says it holds")
        yield member
    if left:
        raise ValueError(f"it has more than {MOST_RECORDS} records")


def _unpacked(packed: bytes, most: int) -> tuple[bytes, bytes]:
    """The beginning of a gzip member, at most so many bytes of it, and what follows where that is all."""
    press = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = press.decompress(packed, most)
    except zlib.error as error:
        raise ValueError(f"it cannot be unpacked ({error})") from None
    if not press.eof and len(found) < most:
        raise ValueError("it is cut off")
    return found, press.unused_data


def _record(member: bytes) -> Record:
    of, begin = _headed(member)
    length = of.get("content-length", "")
    if not length.isascii() or not length.isdigit() or len(length) > 12:
        raise ValueError("it does not say how long its content is")
    end = begin + int(length)
    if member[end:] != _END:
        raise ValueError("its content is not as long as it says, or something else stands behind it")
    return Record(of=of, data=member[begin:end])


def _headed(member: bytes) -> tuple[dict[str, str], int]:
    """The fields of a record's header, and where its content begins."""
    begin = member.find(_END, 0, MOST_HEAD)
    if not member.startswith(_VERSION) or begin < 0:
        raise ValueError("it does not begin as a WARC record does")
    found: dict[str, str] = {}
    for line in member[:begin].decode("utf-8", "replace").split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if not colon or name.casefold() in found:
            raise ValueError("a line of its header is none, or stands there twice")
        found[name.casefold()] = value.strip()
    return found, begin + len(_END)
