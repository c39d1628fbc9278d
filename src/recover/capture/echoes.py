"""A key in what a server sent back, in each way in which servers write what they were sent.

Found are a key as it is, in reverse, in rot13, or any part of these that is long enough; with letters or lines
apart; in either case of its letters; escaped for URLs, JSON or HTML (also in part, and twice); in UTF-16; in
hexadecimal, with or without something between the bytes; as a list of numbers; in Base32, Base64 (both alphabets,
over lines), Base64 of Base64 and Base64 of gzip. Not found are what was encrypted, or written in a way of its own.

Every repetition in a pattern is bounded: a server may also send fifty megabytes of whatever a pattern begins with.
"""

from __future__ import annotations

import base64
import codecs
import re
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache

Coder = Callable[[bytes], bytes]
"""Base64 or Base32."""

_PASSWORD = 8  # of `user:password`, a password of this length is looked for alone too
_NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_APART = r"(?:\s|\\[nrt]){0,4}"


def found(data: bytes, value: str) -> Iterator[tuple[int, int]]:
    """Where a key, or enough of it, stands in the data: (start, end)."""
    for pattern in _patterns(value):
        yield from (match.span() for match in pattern.finditer(data))
    yield from _zipped(data, value)
    folded = data.lower()
    for text in (value, value[::-1], codecs.encode(value, "rot13")):
        yield from _parts(folded, text.lower().encode())


def least(value: str) -> int:
    """How long a part of a key must be to be taken out: half of it, from 12 to 16 characters.

    Servers say `invalid key abcd...`; a shorter text can stand in evidence by chance, which would be struck out.
    """
    return max(12, min(16, len(value) // 2))


def _parts(data: bytes, key: bytes) -> Iterator[tuple[int, int]]:
    """Where at least `least` characters of the key stand one after the other."""
    most = least(key.decode())
    # A run of so many characters holds one of these pieces whole: few searches, however long the answer is.
    step = (most + 1) // 2
    for begin in range(0, len(key) - step + 1, step):
        piece, at = key[begin : begin + step], -1
        while (at := data.find(piece, at + 1)) >= 0:
            start, end = at, at + step
            first, last = begin, begin + step
            while first and start and data[start - 1] == key[first - 1]:
                start, first = start - 1, first - 1
            while last < len(key) and end < len(data) and data[end] == key[last]:
                end, last = end + 1, last + 1
            if end - start >= most:
                yield start, end


def packed(data: bytes) -> bool:
    """Whether the data is of a packing in which nothing can be looked for."""
    return data.startswith(_PACKED)


_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c")
"""How gzip, zip, bzip2, xz, zstd and 7z begin."""


def _zipped(data: bytes, value: str) -> Iterator[tuple[int, int]]:
    """Base64 of gzip with the key in it: all of it, since which letters are the key's cannot be told."""
    for number, match in enumerate(_GZIP.finditer(data)):
        text = match[0].translate(bytes.maketrans(b"-_", b"+/"))
        try:
            inside = zlib.decompressobj(31).decompress(base64.b64decode(text[: len(text) // 4 * 4]), 1 << 20)
        except (ValueError, zlib.error):
            continue
        if number > _MOST or any(_parts(inside.lower(), value.lower().encode())):
            yield match.span()


_GZIP = re.compile(rb"H4sI[A-Za-z0-9+/_-]{20,1000000}")
_MOST = 100
"""So many are unpacked; what an answer holds beyond, nobody looks into, and nobody keeps."""


@lru_cache(maxsize=64)
def _patterns(value: str) -> tuple[re.Pattern[bytes], ...]:
    texts = {value}
    if ":" in value and len(value.partition(":")[2]) >= _PASSWORD:
        texts.add(value.partition(":")[2])
    made = []
    for text in sorted(texts):
        plain = _APART.join(_written(c) for c in text)
        wide = "".join(f"(?:{re.escape(c)}\\x00|\\x00{re.escape(c)})" for c in text)
        digits = r"(?:[\s:,;_.-]|\\x|0x){0,6}".join(f"{ord(c):02x}" for c in text)
        numbers = r"[\s,;]{1,6}0{0,3}".join(str(ord(c)) for c in text) + r"(?!\d)"
        made += [re.compile(p.encode(), re.IGNORECASE) for p in (plain, wide, digits, numbers)]
        data = text.encode()
        made += [re.compile(p.encode()) for p in sorted(_coded(data, base64.b64encode, 6, 3))]
        made += [re.compile(p.encode(), re.IGNORECASE) for p in sorted(_coded(data, base64.b32encode, 5, 5))]
        made += [re.compile(p.encode()) for p in sorted(_twice(data))]
    return tuple(made)


def _written(c: str) -> str:
    """One character as a server may write it."""
    code = f"{ord(c):02x}"
    ways = [
        re.escape(c),
        f"%(?:25){{0,4}}{code}",
        rf"\\{{1,8}}u00{code}",
        rf"\\{{1,8}}x{code}",
        f"&#0{{0,5}}{ord(c)};",
        f"&#x0{{0,5}}{code};",
    ]
    if c in _NAMED:
        ways.append(f"&(?:amp;)?{_NAMED[c]};")
    if not c.isalnum():
        ways.append(rf"\\{{1,8}}{re.escape(c)}")
    if c == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"


def _certain(data: bytes, coder: Coder, bits: int, places: int) -> set[str]:
    """The letters of an encoding that belong to the data alone, for each of the places it may begin at."""
    made = set()
    for before in range(places):
        coded = coder(b"\0" * before + data).decode().rstrip("=")
        first = -(-8 * before // bits)
        last = 8 * (before + len(data)) // bits
        made.add(coded[first:last])
    return made


def _coded(data: bytes, coder: Coder, bits: int, places: int) -> set[str]:
    return {
        r"(?:\\{1,4}[rn]|[\r\n]){0,4}".join(map(_letter, text)) for text in _certain(data, coder, bits, places)
    }


def _twice(data: bytes) -> set[str]:
    """Base64 of Base64."""
    inner = _certain(data, base64.b64encode, 6, 3)
    return {way for text in inner for way in _coded(text.encode(), base64.b64encode, 6, 3)}


def _letter(c: str) -> str:
    """One letter in both alphabets of Base64, and escaped for URLs or JSON."""
    if c == "+":
        return r"(?:[+-]|%2[bB]|\\u002[bB])"
    return r"(?:[/_]|\\{1,4}/|%2[fF])" if c == "/" else c
