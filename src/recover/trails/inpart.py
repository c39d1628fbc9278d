"""In part: the gap of a loss's address whose whole history is not here, as listings read it without an engine."""

from __future__ import annotations

from recover.case import Case, derived

PARTIAL = "history-partial"
"""The code of the gap of a loss's address, at which value is followed, and whose whole history is not here."""

PASSES = (
    "Movements that are not here are not counted. With them more can begin as this loss, and each figure of what "
    "is traced on from there, or left there, can be less, down to zero, or more. The whole history settles it."
)
"""What it says where balances mix at that address, and value is followed on."""


def mixed(case: Case) -> frozenset[str]:
    """The addresses of losses of which that is said."""
    rows = derived.read(case, "gaps", ["code", "subject", "effect"]).to_pylist()
    return frozenset(row["subject"] for row in rows if (row["code"], row["effect"]) == (PARTIAL, PASSES))
