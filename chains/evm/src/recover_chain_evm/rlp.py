"""Recursive-length prefix: how the EVM chains write what they hash (Ethereum yellow paper, appendix B).

Reading is the library's. Writing is ours: every transaction and receipt of every block that is proved is written
again, and the library takes five times as long for it (19 microseconds a transaction, to 3.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Item: TypeAlias = "bytes | Sequence[Item]"
_DEEPEST = 64
LARGEST = 2**14
"""The most bytes that are read as one item: a node of a proof has under 1,000, and the library's time grows with
the square of what a hostile server sends."""

_NESTED = "RLP lists are nested too deeply"


def encode(item: Item) -> bytes:
    """Bytes and nested sequences of bytes as RLP."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _prefix(len(item), 0x80) + item
    body = b"".join(map(encode, item))
    return _prefix(len(body), 0xC0) + body


def number(value: int) -> bytes:
    """A whole number as RLP writes it: big-endian, no needless zero, nothing for nought."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def decode(data: bytes) -> Item:
    """The one item that `data` is. Raises ValueError for anything that `encode` would not have written."""
    if len(data) > LARGEST:
        raise ValueError(f"an RLP item of {len(data):,} bytes is longer than any proof has")
    import rlp  # here, as it takes a fifth of a second and only proofs need it

    try:
        item: Item = rlp.decode(data)
    except rlp.exceptions.DecodingError as error:
        raise ValueError(f"it is not as RLP writes it: {error}") from None
    except RecursionError:
        raise ValueError(_NESTED) from None
    if _depth(item) > _DEEPEST:
        raise ValueError(_NESTED)
    return item


def _prefix(size: int, base: int) -> bytes:
    if size < 56:
        return bytes([base + size])
    length = number(size)
    return bytes([base + 55 + len(length)]) + length


def _depth(item: Item) -> int:
    """How many lists stand inside one another, counted level by level: what is read is hostile."""
    depth, level = 0, [item]
    while level := [each for one in level if not isinstance(one, bytes) for each in one]:
        depth += 1
    return depth
