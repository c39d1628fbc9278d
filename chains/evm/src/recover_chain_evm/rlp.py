"""Recursive-length prefix: how the EVM chains write what they hash (Ethereum yellow paper, appendix B)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Item: TypeAlias = "bytes | Sequence[Item]"
_DEEPEST = 64


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
    item, end = _item(data, 0, 0)
    if end != len(data):
        raise ValueError("bytes follow the RLP item")
    return item


def _prefix(size: int, base: int) -> bytes:
    if size < 56:
        return bytes([base + size])
    length = number(size)
    return bytes([base + 55 + len(length)]) + length


def _item(data: bytes, at: int, depth: int) -> tuple[Item, int]:
    if at >= len(data):
        raise ValueError("an RLP item is cut off")
    if depth > _DEEPEST:
        raise ValueError("RLP lists are nested too deeply")
    first = data[at]
    if first < 0x80:
        return data[at : at + 1], at + 1
    listed = first >= 0xC0
    start, size = _body(data, at, first - (0xC0 if listed else 0x80))
    end = start + size
    if end > len(data):
        raise ValueError("an RLP item is cut off")
    if not listed:
        if size == 1 and data[start] < 0x80:
            raise ValueError("an RLP byte has a needless prefix")
        return data[start:end], end
    items: list[Item] = []
    while start < end:
        item, start = _item(data[:end], start, depth + 1)
        items.append(item)
    return items, end


def _body(data: bytes, at: int, code: int) -> tuple[int, int]:
    if code < 56:
        return at + 1, code
    wide = code - 55
    length = data[at + 1 : at + 1 + wide]
    if len(length) < wide or length[0] == 0 or (size := int.from_bytes(length, "big")) < 56:
        raise ValueError("the length of an RLP item is not as RLP writes it")
    return at + 1 + wide, size
