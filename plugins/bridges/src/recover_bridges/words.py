"""Events of contracts read by their signatures: the first topic recomputed, words and bytes strictly decoded.

Method: the contract ABI specification of Solidity. Anything that it does not allow raises ValueError.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from Crypto.Hash import keccak

_DEPTH = 4
_INTEGER = re.compile(r"(u?)int(8|16|24|32|40|48|56|64|72|80|88|96|104|112|120|128|256)")


def keccak256(data: bytes) -> bytes:
    """The 32 bytes of Keccak-256, which is not SHA3-256."""
    return keccak.new(digest_bits=256, data=data).digest()


def address(word: bytes) -> str:
    """An EVM address from a word of 32 bytes. Raises ValueError where it is none."""
    if len(word) != 32 or any(word[:12]):
        raise ValueError("a word is no address of 20 bytes")
    return f"0x{word[12:].hex()}"


def padded(text: str) -> bytes:
    """An EVM address in 32 bytes."""
    return bytes(12) + bytes.fromhex(text[2:])


def word(number: int) -> bytes:
    """A number that is not negative in 32 bytes."""
    return number.to_bytes(32, "big")


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: its type as the ABI writes it, its name, whether it is a topic; `parts` of a tuple."""

    type: str
    name: str
    indexed: bool
    parts: tuple[Param, ...] = ()

    @property
    def dynamic(self) -> bool:
        lists = self.type in ("bytes", "string") or self.type.endswith("[]")
        return lists or any(part.dynamic for part in self.parts)

    @property
    def size(self) -> int:
        """How many bytes it takes in the head."""
        return 32 if self.dynamic or not self.parts else sum(part.size for part in self.parts)


@dataclass(frozen=True)
class Event:
    """An event by its signature as Solidity writes it: `Name(type indexed name, ...)`."""

    signature: str

    @cached_property
    def params(self) -> tuple[Param, ...]:
        return _params(self.signature[self.signature.index("(") + 1 : -1])

    @cached_property
    def name(self) -> str:
        return self.signature[: self.signature.index("(")]

    @cached_property
    def topic(self) -> str:
        """The first topic: the Keccak hash of the name and the types."""
        text = f"{self.name}({','.join(each.type for each in self.params)})"
        return f"0x{keccak256(text.encode('ascii')).hex()}"

    def read(self, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
        """What a log of this event says, by name. Raises ValueError where it has another shape."""
        named = [each for each in self.params if each.indexed]
        if len(topics) != len(named) + 1:
            raise ValueError(f"{self.name} has {len(named) + 1} topics, and this log {len(topics)}")
        said = {each.name: _plain(each.type, topic) for each, topic in zip(named, topics[1:], strict=True)}
        return said | decode([each for each in self.params if not each.indexed], data)


def arguments(types: str, data: bytes) -> dict[str, Any]:
    """The arguments of a call, after its selector, by name: `types` as in a signature, without the brackets."""
    return decode(_params(types), data)


def selector(signature: str) -> bytes:
    """The four bytes that call a function."""
    return keccak256(signature.encode("ascii"))[:4]


def encode(*values: bytes | int | str) -> bytes:
    """Arguments as abi.encode writes them: numbers and addresses as words, bytes as a tail."""
    head, tail = b"", b""
    for value in values:
        if isinstance(value, bytes):
            head += word(32 * len(values) + len(tail))
            tail += word(len(value)) + value + bytes(-len(value) % 32)
        else:
            head += padded(value) if isinstance(value, str) else word(value)
    return head + tail


def decode(params: Sequence[Param], data: bytes, depth: int = 0) -> dict[str, Any]:
    """Values by name from a head and its tails."""
    if depth > _DEPTH:
        raise ValueError("tuples are nested too deep")
    found: dict[str, Any] = {}
    at = 0
    for each in params:
        head = _cut(data, at, each.size)
        at += each.size
        if not each.dynamic:
            found[each.name] = decode(each.parts, head, depth + 1) if each.parts else _plain(each.type, head)
            continue
        start = int.from_bytes(head, "big")
        if start > len(data):
            raise ValueError("a tail begins after the end")
        if each.parts:
            found[each.name] = decode(each.parts, data[start:], depth + 1)
            continue
        if each.type.endswith("[]"):
            found[each.name] = _list(each.type[:-2], data, start)
            continue
        body = _cut(data, start + 32, int.from_bytes(_cut(data, start, 32), "big"))
        found[each.name] = body.decode("utf-8") if each.type == "string" else body
    return found


def _list(kind: str, data: bytes, start: int) -> tuple[Any, ...]:
    """A list of plain values: how many, then each in a word."""
    count = int.from_bytes(_cut(data, start, 32), "big")
    if count > len(data) // 32:
        raise ValueError("a list is longer than the data")
    return tuple(_plain(kind, _cut(data, start + 32 * (n + 1), 32)) for n in range(count))


def _cut(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise ValueError("the data are shorter than their head says")
    return data[at : at + size]


def _plain(kind: str, cell: bytes) -> Any:
    if len(cell) != 32:
        raise ValueError("a word has not 32 bytes")
    if kind == "address":
        return address(cell)
    if kind == "bytes32":
        return cell
    number = int.from_bytes(cell, "big")
    if kind == "bool":
        if number > 1:
            raise ValueError("a truth value is neither 0 nor 1")
        return bool(number)
    match = _INTEGER.fullmatch(kind)
    if match is None:
        raise ValueError(f"{kind} is not read here")
    bits = int(match[2])
    if match[1]:
        if number >> bits:
            raise ValueError(f"a number has more than {bits} bits")
        return number
    signed = number - (1 << 256) if number >> 255 else number
    if not -(1 << (bits - 1)) <= signed < 1 << (bits - 1):
        raise ValueError(f"a number has more than {bits} bits")
    return signed


@cache
def _params(text: str) -> tuple[Param, ...]:
    return tuple(_param(each.strip()) for each in _split(text) if each.strip())


def _param(text: str) -> Param:
    parts: tuple[Param, ...] = ()
    kind, _, rest = text.partition(" ")
    if text.startswith("("):
        end = text.rindex(")")
        parts = _params(text[1:end])
        kind, rest = f"({','.join(part.type for part in parts)})", text[end + 1 :].strip()
    names = rest.split()
    return Param(kind, names[-1] if names else "", "indexed" in names[:-1], parts)


def _split(text: str) -> list[str]:
    found, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            found.append(text[start:at])
            start = at + 1
    return [*found, text[start:]]
