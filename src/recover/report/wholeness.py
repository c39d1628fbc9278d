"""Whether the history of each endpoint is whole: a mark beside its row, and the checks in words in their table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recover.report import figures
from recover.report.elements import Block, Para, columns, table
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
from recover.sdk.outside import visible

ROWS = 60
"""So many checks are printed, those that show something missing first; the rest are counted."""

_ORDER = ("short", "not provable", "whole")
_Row = Mapping[str, Any]


@figures.settled
def checks(view: View) -> Mapping[tuple[str, str, str], Sequence[_Row]]:
    """The checks of each endpoint by chain, address and asset; none where no table holds any."""
    if "completeness" not in view.tables:
        return {}
    found: dict[tuple[str, str, str], list[_Row]] = {}
    for row in view.tables["completeness"]().to_pylist():
        found.setdefault((row["chain"], row["address"], row["asset"]), []).append(row)
    return found


def answer(rows: Sequence[_Row]) -> str:
    """One word for the checks of an endpoint: what is missing outweighs what agrees.

    The numbers of what an account sent say nothing of what it received, so that they alone make nothing whole.
    """
    said = {(row["answer"], row["by"]) for row in rows}
    if any(word == "short" for word, _ in said):
        return "short"
    if {("whole", "balance"), ("whole", "sources")} & said:
        return "whole"
    return "sent" if ("whole", "nonce") in said else "unproved"


def mark(view: View, t: Texts, ramp: OffRamp) -> str:
    """For the cell of an endpoint; empty where the case holds no checks."""
    rows = checks(view).get((ramp.chain, ramp.address, ramp.asset))
    return t.say(f"history.mark_{answer(rows)}") if rows else ""


def blocks(view: View, t: Texts) -> Iterator[Block]:
    """What the marks mean, each check that could be made, and how many endpoints have none."""
    ends = _ends(view)
    made = [row for end in ends for row in checks(view)[end] if row["by"]]
    made.sort(key=lambda row: _ORDER.index(row["answer"]))
    if made:
        rows = [_row(view, t, row) for row in made[:ROWS]]
        heads = columns(t, "address:mono", "history", "exhibits:exhibits")
        yield table(t.say("history.caption"), heads, rows)
    if more := made[ROWS:]:
        yield Para(text=t.say("history.more", count=f"{len(more):,}"), style="note")
    if none := bare(view):
        yield Para(text=t.say("history.unchecked", count=f"{none:,}", all=f"{len(ends):,}"), style="note")


def bare(view: View) -> int:
    """How many endpoints no check could be made of."""
    return sum(not any(row["by"] for row in checks(view)[end]) for end in _ends(view))


def _ends(view: View) -> Sequence[tuple[str, str, str]]:
    return sorted({(r.chain, r.address, r.asset) for r in view.offramps} & set(checks(view)))


def _row(view: View, t: Texts, row: _Row) -> tuple[str, ...]:
    asset = figures.asset(view, row["asset"])
    missing = int(row["short"]) if row["short"] else 0
    key = "unproved" if row["answer"] == "not provable" else row["answer"]
    said = t.say(
        f"history.{key}_{row['by']}",
        amount=t.units(abs(missing), asset),
        direction=t.say(f"history.{'in' if missing >= 0 else 'out'}"),
        since=_block(row["since_height"]),
        until=_block(row["until_height"]),
    )
    return f"{visible(row['address'])}\n{visible(asset.symbol, 24)}", said, t.listed(tuple(row["exhibits"]))


def _block(height: int | None) -> str:
    return "–" if height is None else f"{height:,}"
