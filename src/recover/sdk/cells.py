"""Text from outside, made safe for a cell of a spreadsheet, which would run it as a formula."""

from __future__ import annotations

from recover.sdk.outside import escape, shows

# Tab and carriage return too: a program that drops them reads what follows as the beginning of the cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def disarmed(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would run it (OWASP, CSV injection).

    A character that cannot be seen, or that turns the direction of writing, is named, as in ‹U+202E›.
    """
    seen = text
    if not (text.isascii() and text.isprintable()):
        seen = "".join(char if char == " " or shows(char) else escape(char) for char in text)
    return "'" + seen if text.lstrip(" ").startswith(_FORMULA) else seen
