"""Protocol buffers as they stand on the wire: numbered fields, whole numbers and bytes.

Method: Protocol Buffers, "Encoding". A transaction's id is the hash of such bytes, so they are read as they
are and never written anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LARGEST = 10  # bytes of a varint that holds 64 bits


@dataclass(frozen=True, slots=True)
class Message:
    """The fields of one message in their order: (number, value); a value is a whole number or bytes."""

    fields: tuple[tuple[int, int | bytes], ...]

    def number(self, field: int) -> int:
        """A whole number (int64); nought where the field is absent, as the encoding has it. Raises ValueError."""
        found = self._last(field, 0)
        if not isinstance(found, int):
            raise ValueError(f"field {field} is no number")
        return found - 2**64 if found >= 2**63 else found

    def data(self, field: int) -> bytes:
        """Bytes; none where the field is absent. Raises ValueError."""
        found = self._last(field, b"")
        if not isinstance(found, bytes):
            raise ValueError(f"field {field} is a number, and should be bytes")
        return found

    def inner(self, field: int) -> Message:
        """The message in a field, an empty one where it is absent. Raises ValueError."""
        return read(self.data(field))

    def each(self, field: int) -> tuple[bytes, ...]:
        """Every value of a field that repeats. Raises ValueError."""
        found = tuple(value for number, value in self.fields if number == field)
        if any(isinstance(value, int) for value in found):
            raise ValueError(f"field {field} is a number, and should be bytes")
        return tuple(value for value in found if isinstance(value, bytes))

    def _last(self, field: int, absent: int | bytes) -> int | bytes:
        # Of a field that is given twice the last one counts ("Encoding", last one wins).
        return next((value for number, value in reversed(self.fields) if number == field), absent)


def read(data: bytes) -> Message:
    """One message. Raises ValueError for bytes that are none."""
    return Message(tuple(_fields(data)))


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if not number:
            raise ValueError("a field has the number 0")
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"field {number} is of the wire type {kind}, which is none here")
        if at + size > len(data):
            raise ValueError(f"field {number} says {size} bytes and has {len(data) - at}")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    found = 0
    for place, byte in enumerate(data[at : at + _LARGEST]):
        found |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            if found >= 2**64:
                break
            return found, at + place + 1
    raise ValueError("a number does not end, or has more than 64 bits")
