"""Text from outside in a spreadsheet's cell."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def disarmed(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would run it (OWASP, CSV injection)."""
    return "'" + text if text.lstrip(" ").startswith(_FORMULA) else text
