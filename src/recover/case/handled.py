"""Custody of the evidence as the journal has it: who worked, whose clock, who held what before, to whom it went.

Seized assets have an account of their own; this is of the case itself and of its exhibits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from recover.case.journal import Entry, head

WORKED, OFFSET, HELD, HANDED = "examiner", "offset", "held", "handed"
KINDS = (WORKED, OFFSET, HELD, HANDED)
ONE = timedelta(microseconds=1)


def measured(method: str, sent: datetime, received: datetime, answer: str) -> tuple[int, int]:
    """The reference less this computer, and within what, in microseconds, from what was sent and came back.

    Of NTP (RFC 5905) `answer` is the packet, of HTTPS the header Date, which counts whole seconds. Raises
    ValueError for what is neither.
    """
    whole = (received - sent) // ONE
    if whole < 0:
        raise ValueError("the answer came before it was asked for")
    if method == "https":
        from email.utils import parsedate_to_datetime

        second = parsedate_to_datetime(answer)
        if second.tzinfo is None:
            raise ValueError("the date names no zone")
        return (second - sent) // ONE + 500_000 - whole // 2, 500_000 + whole // 2 + 1
    packet = bytes.fromhex(answer)
    if len(packet) < 48 or packet[0] & 7 != 4 or not 0 < packet[1] < 16:
        raise ValueError("it is no answer of a synchronised NTP server")
    asked, given = (_ntp(packet[at : at + 8], sent) for at in (32, 40))
    there = (given - asked) // ONE
    return ((asked - sent) // ONE + (given - received) // ONE) // 2, max(whole - there, 0) // 2 + 1


def _ntp(stamp: bytes, near: datetime) -> datetime:
    """A moment of NTP in the era that is nearest: it counts seconds from 1900 and begins anew every 136 years."""
    seconds, parts = int.from_bytes(stamp[:4], "big"), int.from_bytes(stamp[4:], "big")
    if not seconds and not parts:
        raise ValueError("it states no time")
    start = datetime(1900, 1, 1, tzinfo=near.tzinfo)
    now = (near - start) // timedelta(seconds=1)
    seconds += (now - seconds + 2**31) // 2**32 * 2**32
    return start + timedelta(seconds=seconds, microseconds=(parts * 1_000_000) >> 32)


def stated(entries: Sequence[Entry], upto: int) -> tuple[str, int, int, str]:
    """Of the first `upto` entries: head, its number, how many exhibits, and the digest of these lines."""
    first = entries[:upto]
    digest = hashlib.sha256(b"".join(entry.line() for entry in first)).hexdigest()
    return *head(first), sum(entry.kind == "exhibit" for entry in first), digest


def sealed(entries: Sequence[Entry], manifest: str) -> Entry | None:
    """The entry that says that a bundle with this manifest was made."""
    return next((e for e in entries if e.kind == "seal" and e.body["manifest"] == manifest), None)


def faults(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """(number, what is wrong) of entries of custody that do not fit the rest of the journal."""
    digests = {e.body["number"]: e.body["digest"] for e in entries if e.kind == "exhibit"}
    given: set[str] = set()
    for entry in entries:
        body = entry.body
        if entry.kind == OFFSET and body["method"] != "said":
            try:
                sent, received = (datetime.fromisoformat(body[name]) for name in ("sent", "received"))
                fits = measured(body["method"], sent, received, body["answer"]) == (body["offset"], body["within"])
            except (ValueError, OverflowError, TypeError):
                fits = False
            if not fits:
                yield entry.number, "the offset of the clock does not follow from what the server answered"
        elif entry.kind == HELD:
            if body["number"] not in digests:
                yield entry.number, f"it names exhibit {body['number']}, which is not there"
            elif body["sha256"] not in ("", digests[body["number"]]):
                yield entry.number, f"it states another digest than exhibit {body['number']} has"
        elif entry.kind == HANDED:
            if body.get("receipt") is not None and body["receipt"] not in digests:
                yield entry.number, f"its receipt is exhibit {body['receipt']}, which is not there"
            if body["act"] == "receipt":
                if body["id"] not in given:
                    yield entry.number, f"it is the receipt of {body['id']}, which was not handed over before"
                continue
            given.add(body["id"])
            yield from ((entry.number, why) for why in _unlike(entries, entry))


def _unlike(entries: Sequence[Entry], entry: Entry) -> Iterator[str]:
    body, upto = entry.body, entry.body["upto"]
    if not 0 < upto < entry.number:
        yield f"it hands over {upto} entries, and there were {entry.number - 1}"
        return
    at, number, exhibits, digest = stated(entries, upto)
    if (body["head"], body["entry"], body["exhibits"]) != (at, number, exhibits):
        yield "head or number of exhibits are not those of the case that was handed over"
    if body["what"] == "folder" and body["digest"] != digest:
        yield "its digest is not that of the journal that was handed over"
    if body["what"] == "bundle":
        made = sealed(entries[: entry.number - 1], body["digest"])
        if made is None or made.number <= upto or any(e.kind != "clock" for e in entries[upto : made.number - 1]):
            yield "no bundle with this manifest was made of the case as it then was"
