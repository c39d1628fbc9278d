"""Letters in a drawing: which take room, and where a line of them may end."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

_BEFORE = frozenset("เแโใไ")
_AFTER = frozenset("ะาำๅๆฯ")
"""Thai vowels and signs that stand before or after the letter that bears them: no line parts the two."""


COUNTED = re.compile(r"(?<=\d) (?=[\u0e01-\u0e5b])")
"""The space between a number and the Thai word that it counts: no line ends there."""


@cache
def unparted() -> re.Pattern[str]:
    """The Thai words that stand on one line in every form: those of the PDF's own list."""
    source = files("recover.report").joinpath("blocks.typ").read_text("utf-8")
    (listed,) = re.findall(r"#let unparted = regex\(\((.*?)\)\.join", source, re.DOTALL)
    return re.compile("|".join(map(re.escape, re.findall(r'"(.+?)"', listed))))


def space(text: str, at: int) -> int:
    """The last space up to `at` where a line may end; -1 where there is none."""
    counted = {found.start() for found in COUNTED.finditer(text)}
    return max((n for n in range(min(at, len(text))) if text[n] == " " and n not in counted), default=-1)


def roomy(char: str) -> bool:
    """Whether a character takes room of its own: a mark above or below a letter takes none."""
    return unicodedata.category(char) != "Mn"


def held(text: str, letters: int) -> int:
    """How many characters of a text stand in a line of so many letters that take room."""
    at = 0
    while at < len(text) and (letters > 0 or not roomy(text[at])):
        letters -= roomy(text[at])
        at += 1
    return at


def whole(text: str, at: int) -> int:
    """The last place up to `at` where a line may end without parting a letter from its vowels and marks.

    Thai ends a line before a vowel that begins a syllable where one stands in the last third, seldom in a word.
    """
    end = max(text.rfind(vowel, at * 2 // 3, at + 1) for vowel in _BEFORE)
    end = end if end > 0 else at
    # Before or after a word that stands whole, and never in it.
    edges = [edge for word in unparted().finditer(text) for edge in word.span() if at * 2 // 3 < edge <= at]
    inside = next((word.start() for word in unparted().finditer(text) if word.start() < end < word.end()), 0)
    if edges or inside:
        return max(edges, default=inside)
    while 0 < end < len(text) and (not roomy(text[end]) or text[end] in _AFTER or text[end - 1] in _BEFORE):
        end -= 1
    return end or at
