"""Letters in a drawing: which take room, and where a line of them may end."""

from __future__ import annotations

import unicodedata

_BEFORE = frozenset("เแโใไ")
_AFTER = frozenset("ะาำๅๆฯ")
"""Thai vowels and signs that stand before or after the letter that bears them: no line parts the two."""


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
    while 0 < end < len(text) and (not roomy(text[end]) or text[end] in _AFTER or text[end - 1] in _BEFORE):
        end -= 1
    return end or at
