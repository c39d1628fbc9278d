"""Text from outside, made safe to look at: what cannot be seen, or reorders what is seen, is shown by number."""

from __future__ import annotations

import re
import unicodedata

_PLAIN = re.compile(r"[ -~]*")


def visible(text: str) -> str:
    """The same text, with every character that a reader could not see as it is written as `\\u202e` or `\\x1b`."""
    # The usual case, and much faster than asking of each character.
    if _PLAIN.fullmatch(text):
        return text
    from recover.sdk.outside import shows  # only here: the package loads libraries that `--help` must not wait for

    return "".join(c if c == " " or shows(c) else escaped(c) for c in text)


def escaped(character: str) -> str:
    """One character by its number, in the shortest of Python's escapes."""
    point = ord(character)
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def width(text: str) -> int:
    """How many cells of a terminal the text fills: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_cells(c) for c in text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
