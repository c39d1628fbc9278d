"""Differences: which figures of a case another version of the program gives, before and after, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from recover.case import Case, derived
from recover.sdk import amounts
from recover.sdk.ends import recorded
from recover.sdk.errors import Error

Figures = Mapping[tuple[str, str, str], int]
"""(what is counted, whose it is, asset) -> base units."""

CHANGES: Mapping[int, tuple[str, ...]] = {
    2: (
        "addresses, transactions and assets belong to their chain, and have the one spelling that it gives",
        "an off-ramp is what lots carried through an address into a service's wallets, and no share of a habit",
        "where a service tells deposits apart by memo, an off-ramp is its address and the memo",
        "a claim of a history counts in its range, and not where an index lists what no exhibit shows",
        "what left in a transaction whose receivers no exhibit shows is an open end, and no burn",
    )
}
"""What each format of a case brought that can change a figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure that is not as it was; None where there was none, or is none any more."""

    figure: str
    subject: str
    asset: str
    before: int | None
    after: int | None
    why: str


def figures(case: Case) -> Figures:
    """Off-ramps, totals of services, and where value ended under the declared rule, as the case has them now."""
    found: dict[tuple[str, str, str], int] = {}
    for row in _rows(case, "offramps"):
        service, amount = row["service"] or "", int(row["amount"])
        place = f"{row['address']}, memo {row['memo']}" if row.get("memo") else row["address"]
        _add(found, ("off-ramp", f"{service or 'unlabelled hub'} through {place}", row["asset"]), amount)
        if service:
            _add(found, ("service", service, row["asset"]), amount)
    for row in _ends(case):
        _add(found, ("ended", row["reason"], row["asset"]), amounts.join(row["amount"], row["wide"]))
    return found


def compared(case: Case, before: Figures, since: int) -> list[Difference]:
    """Every figure that differs now, with what explains it: gaps about it, else what changed since that format."""
    after = figures(case)
    gaps = [(row["code"], row["subject"]) for row in _rows(case, "gaps")]
    brought = "; ".join(text for number in sorted(CHANGES) if number > since for text in CHANGES[number])
    return [
        Difference(
            figure=key[0],
            subject=key[1],
            asset=key[2],
            before=before.get(key),
            after=after.get(key),
            why=_why(key[1], gaps) or brought,
        )
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]


def _why(subject: str, gaps: list[tuple[str, str]]) -> str:
    about = sorted({code for code, name in gaps if name and name.rpartition(":")[2] in subject})
    return f"gaps about it now: {', '.join(about)}" if about else ""


def _add(found: dict[tuple[str, str, str], int], key: tuple[str, str, str], amount: int) -> None:
    found[key] = found.get(key, 0) + amount


def _rows(case: Case, name: str) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = derived.read(case, name).to_pylist()
    except Error:
        return []  # the stage had not run, and no figure was stated
    return rows


def _ends(case: Case) -> list[dict[str, Any]]:
    try:
        table: pa.Table = recorded(derived.read(case, "ends"), case.settings.rule)
    except Error:
        return []
    return list(table.to_pylist())
