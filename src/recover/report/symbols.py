"""What an asset is called and how it is counted, where exhibits, or the register, do not agree on that."""

from __future__ import annotations

from collections.abc import Mapping

from recover.report import figures, lacks
from recover.report.texts import Texts
from recover.sdk import View
from recover.sdk.outside import visible

CODES = ("symbol-differs", "decimals-differ")
"""Gaps of an asset; the same with `-registered` where the register names it."""


@figures.settled
def differing(view: View) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """By asset, (what does not agree, what is done), as the gaps say it."""
    rows = lacks.gap_rows(view) if "gaps" in view.tables else []
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if str(row["code"]).removesuffix("-registered") in CODES:
            found.setdefault(row["subject"], []).append((row["why"], row["effect"]))
    return {asset: tuple(sorted(said)) for asset, said in found.items()}


def cell(view: View, t: Texts, asset_id: str) -> str:
    """For a cell, beneath what the asset is called; empty where all agree."""
    return "\n".join(visible(t.own(why), 400) for why, _ in differing(view).get(asset_id, ()))


def said(view: View, t: Texts, asset_id: str) -> str:
    """As a sentence with what is done about it; empty where all agree."""
    told = (part for both in differing(view).get(asset_id, ()) for part in both)
    return " ".join(visible(t.own(part), 400) for part in told)
