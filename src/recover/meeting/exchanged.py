"""The three files that two sides exchange: read strictly, each tied by digests to the one before."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from recover.meeting import blinded
from recover.sdk.errors import Error
from recover.sdk.outside import visible

FORMAT = "recover-meeting"
VERSION = 1
STEPS = ("blind", "answer", "result")
LARGEST = 1 << 20
"""Points of one side, at most: who sends all addresses of a chain wants to ask for all of them."""
_BYTES = LARGEST * blinded.SIZE * 2 * 4 // 3 + 65_536
_CONTACT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One of the files. `points` are the sender's own, blinded once; `again` the other's, twice, in order.

    `of` is the digest of the file that it answers, empty for the first; `contact` all that it says of its sender.
    """

    step: str
    session: str
    contact: str = ""
    of: str = ""
    points: tuple[bytes, ...] = ()
    again: tuple[bytes, ...] = ()

    def data(self) -> bytes:
        """The file."""
        said = self._said()
        return _canonical({**said, "digest": hashlib.sha256(_canonical(said)).hexdigest()})

    @property
    def digest(self) -> str:
        return hashlib.sha256(_canonical(self._said())).hexdigest()

    def _said(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "suite": blinded.SUITE,
            "step": self.step,
            "session": self.session,
            "contact": self.contact,
            "of": self.of,
            "points": _packed(self.points),
            "again": _packed(self.again),
        }


def read(data: bytes, *steps: str) -> Sheet:
    """A file of one of these steps. Raises Error for one that is too large, changed, or of another form."""
    if len(data) > _BYTES:
        raise _refused("it is too large", f"At most {LARGEST:,} addresses of each side are met.")
    try:
        raw = json.loads(data.decode("ascii"))
        found = Sheet(
            step=raw["step"],
            session=raw["session"],
            contact=raw["contact"],
            of=raw["of"],
            points=_unpacked(raw["points"]),
            again=_unpacked(raw["again"]),
        )
        whole = found.data() == data
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise _refused("it is none that recover writes", "Its fields, or their spelling, are others.") from None
    if not whole:
        raise _refused("it was changed on the way", "Its digest, format, version or spelling does not hold.")
    if found.step not in steps:
        wanted = " or ".join(steps)
        raise _refused(f"it is that of the step {visible(str(found.step), 20)}", f"Here is asked for {wanted}.")
    _sound(found)
    return found


def _sound(sheet: Sheet) -> None:
    """Raises Error where a field is of another form, or a point is none."""
    digests = [sheet.session, *([sheet.of] if sheet.step != "blind" else [])]
    if not all(isinstance(one, str) and _hexadecimal(one) for one in digests):
        raise _refused("it names no session", "A session and what it answers are digests.")
    contact = sheet.contact
    if not isinstance(contact, str) or len(contact) > _CONTACT or visible(contact, _CONTACT) != contact:
        raise _refused("its contact cannot be shown", f"It has characters that are not seen, or over {_CONTACT}.")
    sizes = {"blind": (True, False), "answer": (True, True), "result": (False, True)}[sheet.step]
    if (bool(sheet.points), bool(sheet.again)) != sizes or max(len(sheet.points), len(sheet.again)) > LARGEST:
        raise _refused("it has other sets than its step", "A set is lacking, is one too many, or is too large.")
    if any(points and len(points) != blinded.padded(len(points)) for points in (sheet.points, sheet.again)):
        raise _refused("a set is not padded", "Its size would tell how many addresses a side has.")
    if not blinded.valid(sheet.points) or not blinded.valid(sheet.again):
        raise _refused("not all of it is points", "One is not on the curve, or stands twice.")
    if list(sheet.points) != sorted(sheet.points):
        raise _refused("its points are in an order of their own", "An order can tell what was in it.")


def _hexadecimal(text: str) -> bool:
    return len(text) in (32, 64) and not set(text) - set("0123456789abcdef")


def _packed(points: Sequence[bytes]) -> str:
    return base64.b64encode(b"".join(points)).decode()


def _unpacked(text: str) -> tuple[bytes, ...]:
    data = base64.b64decode(text.encode(), validate=True)
    if len(data) % blinded.SIZE:
        raise ValueError("a part of a point is left")
    return tuple(data[n : n + blinded.SIZE] for n in range(0, len(data), blinded.SIZE))


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _refused(what: str, why: str) -> Error:
    return Error(
        "meeting-file",
        f"The file of the meeting is refused: {what}.",
        why,
        "Ask the other side for its file again. Nothing was noted, and nothing was learned.",
    )


def other() -> Error:
    """A file that answers another than the one that this side sent."""
    return _refused(
        "it answers another file than this side sent", "Its digest of that file, or its size, is another."
    )


def mirrored() -> Error:
    """A file in which this side's own points come back as they were sent."""
    return _refused(
        "it sends this side's own points back", "Whoever made it blinded nothing: it would tell them hits."
    )
