"""Which of many losses a report prints: those that began with most."""

from __future__ import annotations

from collections.abc import Sequence

from recover.report import answer, figures
from recover.sdk import Loss, View

LOSSES = 24
"""Of more losses than this R3 prints so many, those that began with most; the annex has every one."""


def largest(view: View, losses: Sequence[Loss]) -> list[Loss]:
    """The losses that R3 prints, in the order in which they were declared."""
    if len(losses) <= LOSSES + 2:
        return [*losses]
    whole, parts = answer.began(view), dict[str, int]()
    for f in figures.of_kind(view, "loss"):
        share = figures.number(f, "began") * 10**30 // max(whole.get(str(f.slots.get("asset")), 0), 1)
        ident = str(f.slots.get("loss"))
        parts[ident] = max(parts.get(ident, 0), share)
    first = sorted(range(len(losses)), key=lambda n: (-parts.get(losses[n].id, 0), n))[:LOSSES]
    return [losses[n] for n in sorted(first)]
