"""The smallest pieces of Bitcoin's wire format, and what is said when bytes are not in it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from recover.sdk import Error

LARGEST = 0x02000000
"""No count or length on the wire is larger (`MAX_SIZE` in Bitcoin Core's `serialize.h`)."""

CUT = "bytes-end"
"""The code of the error where bytes end before what they began."""

_CODE = "bytes-unreadable"


def sha256d(data: bytes) -> bytes:
    """SHA-256 twice: the hash of headers, transactions and Merkle nodes, in internal byte order."""
    return sha256(sha256(data).digest()).digest()


def display(digest: bytes) -> str:
    """A hash as people write it: reversed, in hexadecimal."""
    return digest[::-1].hex()


def internal(text: str) -> bytes:
    """The 32 bytes of a displayed hash, in internal order."""
    return bytes.fromhex(text)[::-1]


def compact(data: bytes, at: int) -> tuple[int, int]:
    """A compact size (1, 3, 5 or 9 bytes) at `at`, and where the next thing begins.

    Raises Error when it is cut off, longer than it need be, or above `LARGEST`, as Bitcoin Core does.
    """
    try:
        first = data[at]
        if first < 0xFD:
            return first, at + 1
        width, form, least = _FORMS[first]
        (value,) = form.unpack_from(data, at + 1)
    except (IndexError, struct.error, OverflowError):
        raise malformed(at, "a count is cut off") from None
    if value < least:
        raise malformed(at, f"the count {value} is written longer than it need be")
    if value > LARGEST:
        raise malformed(at, f"the count {value} is above the largest there can be, {LARGEST}")
    return int(value), at + 1 + width


_FORMS = {
    0xFD: (2, struct.Struct("<H"), 0xFD),
    0xFE: (4, struct.Struct("<I"), 0x10000),
    0xFF: (8, struct.Struct("<Q"), 0x100000000),
}


def sized(value: int) -> bytes:
    """`value` as a compact size."""
    if value < 0xFD:
        return bytes([value])
    if value < 0x10000:
        return b"\xfd" + value.to_bytes(2, "little")
    if value < 0x100000000:
        return b"\xfe" + value.to_bytes(4, "little")
    return b"\xff" + value.to_bytes(8, "little")


def take(data: bytes, at: int, size: int, what: str) -> bytes:
    """`size` bytes at `at`. Raises Error when there are fewer."""
    found = data[at : at + size]
    if len(found) != size:
        raise malformed(at, f"{what} needs {size} bytes, and {max(len(data) - at, 0)} are left")
    return found


def bounded(count: int, least: int, data: bytes, at: int, what: str) -> None:
    """Raises Error when `count` things of at least `least` bytes cannot fit into what is left after `at`."""
    left = len(data) - at
    if count * least > left:
        raise malformed(at, f"{count} {what} need at least {count * least} bytes, and {left} are left", CUT)


def malformed(at: int, why: str, code: str = _CODE) -> Error:
    """The error that names the byte at which reading stopped."""
    return Error(
        code,
        f"Byte {at} cannot be read.",
        f"At byte {at}, {why}.",
        "Get the file again from the node or the export; a part of it is damaged or missing.",
    )


@contextmanager
def named(name: str) -> Iterator[None]:
    """Put the file's name into every Error raised inside."""
    try:
        yield
    except Error as error:
        raise type(error)(error.code, f"{name}: {error.what}", error.why, error.todo) from None
