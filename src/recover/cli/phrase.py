"""A pass phrase, asked of a person at the moment of signing: never an option, which others could see."""

from __future__ import annotations

import sys


def phrase(what: str) -> str:
    """What the person types; from a pipe, its first line. Raises Error where nobody answers."""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(f"{what}: ")
    line = sys.stdin.readline()
    if not line:
        from recover.sdk.errors import Error

        raise Error(
            "phrase-missing",
            "Nothing was signed.",
            "A certificate is applied only when its holder types the pass phrase, and nobody did.",
            "Run the command at a terminal.",
        )
    return line.rstrip("\r\n")
