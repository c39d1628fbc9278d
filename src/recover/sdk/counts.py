"""Counts in English sentences: a number with its noun."""

from __future__ import annotations


def counted(count: int, noun: str, many: str = "") -> str:
    """A number with its noun, in the plural where it is not one: `many` where that is no plain one."""
    plain = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else many or plain}"
