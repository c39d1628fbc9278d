"""RLP of a flat list of bytes (yellow paper, appendix B): what ids of deposits are hashes of."""

from __future__ import annotations

from collections.abc import Sequence


def number(value: int) -> bytes:
    """A number without zeros before it; nought is empty."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def listed(items: Sequence[bytes]) -> bytes:
    """A list of byte strings."""
    body = b"".join(_string(item) for item in items)
    return _head(len(body), 0xC0) + body


def _string(item: bytes) -> bytes:
    if len(item) == 1 and item[0] < 0x80:
        return item
    return _head(len(item), 0x80) + item


def _head(size: int, base: int) -> bytes:
    if size < 56:
        return bytes([base + size])
    length = number(size)
    return bytes([base + 55 + len(length)]) + length
