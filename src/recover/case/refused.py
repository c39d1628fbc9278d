"""Folders that are not opened as a case, and what is said of each."""

from __future__ import annotations

import os
from pathlib import Path

from recover.sdk.errors import Error
from recover.sdk.outside import typed


def no_case(path: Path, why: str) -> Error:
    """What is no case folder; of a bundle, how one is opened."""
    if path.suffix == ".zip" or os.path.lexists(path / "bagit.txt"):
        return Error(
            "no-case-bundle",
            f"{typed(path)} is not a case folder: it looks like a bundle.",
            "Looked for a case folder there. A bundle is checked as it is, or its case is opened first.",
            f"`recover open CASE --bundle {typed(path)}` checks it and opens its case; "
            f"`python3 -I recover-verify.py {typed(path)}` checks it without this program.",
        )
    return Error(
        "no-case",
        f"{typed(path)} is not a case.",
        f"Looked for a case folder there: {why}. Reading never creates one.",
        "Check the path, or make a case with `recover open CASE --title T --examiner N --agency A --rule RULE`.",
    )


def newer(name: str, made: int, known: int) -> Error:
    """A case that a later version of the program wrote."""
    return Error(
        "case-newer",
        f"The case {name} is of format {made}, and this program knows formats up to {known}.",
        "A newer version of recover made its results, and may have written what this one does not understand.",
        "Use that version. Listings and `recover verify` only read, and can be used with this one.",
    )
