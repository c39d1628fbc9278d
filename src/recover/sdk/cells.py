"""Text from outside, made safe for a cell of a spreadsheet, which would run it as a formula."""

from __future__ import annotations

# Tab and carriage return too: a program that drops them reads what follows as the beginning of the cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def disarmed(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would run it (OWASP, CSV injection)."""
    return "'" + text if text.lstrip(" ").startswith(_FORMULA) else text
