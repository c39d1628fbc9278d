"""An exhibit's record in a received case: bombs, what stands beside the content, a header that contradicts."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.attack.field import Field, tree

from recover.case import acknowledged, journal
from recover.case.warc import sha256

EXHIBIT = "0001.warc.gz"


def packed_again(field: Field, change: Callable[[bytes], bytes]) -> None:
    """The exhibit's record changed and packed again, and the journal made to fit: every hash is right."""
    place = field.case / "exhibits" / EXHIBIT
    packed = gzip.compress(change(gzip.decompress(place.read_bytes())), 9, mtime=0)
    place.write_bytes(packed)
    chained(field, {"length": len(packed), "packed": sha256(packed)})


def chained(field: Field, new: dict[str, Any]) -> None:
    """The same journal with other fields in the exhibit's entry, and every hash made again."""
    entries: list[journal.Entry] = []
    for old in field.entries():
        body = {**old.body, **new} if old.kind == "exhibit" else old.body
        prev = entries[-1].hash if entries else journal.GENESIS
        entries.append(journal.make(old.number, old.time, old.kind, body, prev))
    (field.case / journal.FILE).write_bytes(b"".join(entry.line() for entry in entries))
    acknowledged.stored(entries)


END = b"\r\n\r\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b + b"\0" * 50_000_000,
        lambda b: b + b"\r\n" * 25_000_000,
        lambda b: b + b"\0",
        lambda b: b + b,
        lambda b: b + gzip.compress(b) * 20,
        lambda b: b"\r\n" + b,
        lambda b: b.replace(b"Content-Type", b"X: " + b"a" * 50_000_000 + b"\r\nContent-Type"),
        lambda b: b.replace(b"Content-Type", b"X: a\r\n" * 8_000_000 + b"Content-Type"),
        lambda b: b.replace(b"Content-Type", b"X: a\r\nX: b\r\nContent-Type"),
        lambda b: b.replace(b"Content-Type", b"no colon\r\nContent-Type"),
        lambda b: b.replace(b"Content-Length: ", b"Content-Length: 9"),
        lambda b: b.replace(b"Content-Length: ", b"Content-Length: -"),
        lambda b: b.replace(b"Content-Length: ", b"Content-Size: "),
        lambda b: b.replace(b"WARC-Type: resource", b"WARC-Type: response"),
        lambda b: b.replace(b"WARC-Type: resource", b"WARC-Type: warcinfo"),
        lambda b: b.replace(b"WARC/1.1", b"HTTP/1.1"),
        lambda b: b"",
        lambda b: b[:-5],
    ],
)
def test_what_stands_beside_the_content_is_refused_soon(change: Callable[[bytes], bytes], field: Field) -> None:
    packed_again(field, change)
    before = tree(field.case / "exhibits")
    for command in ("verify", "run"):
        (field.case / "derived" / "decoded").exists()
        began = time.process_time()
        told = field.do(command)
        assert time.process_time() - began < 5
        assert len(told.said) < 10_000
        # A run that has nothing to read again needs no exhibit; what is verified reads every one.
        assert told.code == 3 or command == "run"
    assert "Exhibit 1" in field.do("verify").out or "exhibit 1" in field.do("verify").out
    assert tree(field.case / "exhibits") == before


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"WARC-Date: 20", b"WARC-Date: 19", "made on"),
        (b"WARC-Date: 20", b"WARC-Date: yesterday 20", "does not say when"),
        (b"WARC-Date: ", b"X-Date: ", "does not say when"),
        (b"urn:recover:file:p.txt", b"https://evil.example/\x1b[31mx", "it is of"),
        (b"urn:recover:file:p.txt", b"", "it is of"),
        (b"WARC-Target-URI", b"X-Target-URI", "it is of"),
    ],
)
def test_a_record_that_contradicts_the_journal(old: bytes, new: bytes, why: str, field: Field) -> None:
    packed_again(field, lambda b: b.replace(old, new))
    told = field.do("verify")
    assert (told.code, why in " ".join(told.out.split()), "\x1b" in told.said) == (3, True, False)


@pytest.mark.parametrize("size", [0, 1, 2**40])
def test_a_size_in_the_journal_that_is_not_the_contents(size: int, field: Field) -> None:
    packed_again(field, lambda b: b + b"\0" * 20_000_000)
    chained(field, {"size": size})
    began = time.process_time()
    assert field.do("verify").code == 3
    assert time.process_time() - began < 5
