"""Text from outside, made safe to print: nothing in it can hide, or pass for a sentence of our own."""

from __future__ import annotations

import os
import shlex
import unicodedata
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from recover.sdk.errors import Error

P = ParamSpec("P")
T = TypeVar("T")

LIMIT = 300
# Letters and marks that print as nothing, though Unicode does not class them as controls.
_SELECT = ((0xFE00, 0xFE0F), (0x180B, 0x180F), (0xE0100, 0xE01EF))  # variation selectors, and their like
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for first, last in _SELECT for code in range(first, last + 1)
}
_MARKS = 4


def visible(text: str, limit: int = LIMIT) -> str:
    """Text from outside, on one line: what cannot be seen is named, as in ‹U+202E›, and what is long is cut.

    Controls, bidirectional and other format characters, odd spaces, private and lone surrogate code points are
    named; so is a combining mark after four others, which would run over the lines above.
    """
    # Cut first: a hostile text can be as long as its author likes.
    cut = text[:limit]
    more = "" if len(text) <= limit else f"… ‹+{len(text) - limit}›"
    if cut.isascii() and cut.isprintable():
        return cut + more  # as nearly all of a case is: addresses, ids, amounts
    out: list[str] = []
    marks = 0
    for char in cut:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        out.append(char if char == " " or (shows(char) and marks <= _MARKS) else escape(char))
    more = "" if len(text) <= limit else f"… ‹+{len(text) - limit}›"
    return "".join(out) + more


def typed(path: os.PathLike[str]) -> str:
    """A path as it was named to the program, fit to be copied into a shell: for the terminal, and never stored."""
    text = visible(os.fspath(path), 4096)
    plain = text.isascii() and text.isprintable() and not set(text) & set(" \t\"'`$&|;<>()[]{}*?!#~^%")
    return text if plain else f'"{text}"' if os.name == "nt" else shlex.quote(text)


def escape(char: str) -> str:
    """A character's visible name."""
    return f"‹U+{ord(char):04X}›"


def shows(char: str) -> bool:
    """Whether a reader sees the character, and sees it as what it is."""
    # U+FFFE, U+FFFF and their like in the other planes: Unicode assigns no character to them, ever.
    if ord(char) & 0xFFFE == 0xFFFE or char in _BLANK:
        return False
    # Zs holds the odd spaces; the plain one was let through before. Cf holds the bidirectional controls, which
    # would turn the rest of a line round.
    return unicodedata.category(char) not in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}


def fitting(made: Callable[P, T]) -> Callable[P, T]:
    """The same function; where a text is none (half of a pair of surrogates) or a number too large for its column,
    it raises an Error that says so."""

    @wraps(made)
    def checked(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return made(*arguments, **named)
        except UnicodeEncodeError as error:
            raise Error(
                "batch-text",
                f"A text of a record is no text: it holds half a pair of surrogates, {str(error.object)[:40]!a}.",
                "JSON can write such halves, and no table, file or page can hold one.",
                "Leave the record out with a Gap; of a stored answer, the rest of the case is used.",
            ) from None
        except OverflowError:
            raise Error(
                "batch-number",
                "A number of a record is too large for its column.",
                "Places, heights and the like have 64 bits; no chain comes near that.",
                "Leave the record out with a Gap; of a stored answer, the rest of the case is used.",
            ) from None

    return checked
