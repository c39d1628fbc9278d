"""Cells of the tables of figures: names of services, plain amounts, and which rows of a long table stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from recover.report import figures, unnamed
from recover.report.elements import Block, Para
from recover.report.texts import Texts
from recover.sdk import Asset, OffRamp, View
from recover.sdk.outside import visible

_T = TypeVar("_T")

ROWS = 8
"""So many rows of a long table are printed, those with most value first; the annex has every one."""


def service_name(view: View, t: Texts, total: figures.Total | OffRamp) -> str:
    rows = [total] if isinstance(total, OffRamp) else total.rows
    if isinstance(total, OffRamp) and total.possible and not figures.disputed(view, rows):
        return t.say("flows.possible", service=visible(total.possible, 80))
    if total.service is None:
        return unnamed.hub(view, t, rows)
    return visible(total.name if isinstance(total, figures.Total) else total.service_name, 80)


def foremost_rows(rows: Sequence[_T], ranks: Sequence[tuple[bool, int]]) -> list[_T]:
    """Of a long list the rows that rank first, in the order in which they stood."""
    if len(rows) <= ROWS + 2:  # two rows more are shorter than the sentence that they are left out
        return [*rows]
    first = sorted(range(len(rows)), key=lambda n: (ranks[n], -n), reverse=True)[:ROWS]
    return [rows[n] for n in sorted(first)]


def more_rows(t: Texts, count: int, file: str) -> Iterator[Block]:
    if count:
        yield Para(text=t.say("flows.more_rows", count=f"{count:,}", file=file), style="note")


def plain(t: Texts, value: int, asset: Asset) -> str:
    """An amount without its symbol, which stands elsewhere in the row."""
    return t.both(value, asset).split("\n")[0] if value else "0"
