"""show rules: every endpoint's figure under each rule, the least and the most, and which rules give nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from recover.cli import pictures, screen
from recover.cli.codec import Row
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.case import Case


def rows(case: Case, most: int) -> Iterator[Row]:
    """One row for each (asset, endpoint, reason), all losses together: the widest range first."""
    from dataclasses import asdict

    from recover.findings.ranges import ranges

    yield from map(asdict, ranges(case))


def told(case: Case, found: Sequence[Row]) -> None:
    """The rows as a table; a narrow terminal keeps the declared figure and the range, and drops single rules."""
    from recover.cli import listings

    assets = listings.assets(case)
    declared = case.settings.rule
    others = [id for id in (found[0]["by_rule"] if found else ()) if id != declared]
    columns = (
        Column(title="Endpoint"),
        Column(title="Reason", rank=1),
        Column(title="Asset", rank=3),
        Column(title=f"{declared} (declared)", right=True),
        *(Column(title=id, right=True, rank=4) for id in others),
        Column(title="Least", right=True),
        Column(title="Most", right=True),
        Column(title="Nothing under", rank=2, prose=True),
    )
    cells = [_cells(row, others, assets) for row in found]
    screen.table(columns, cells, "nothing was traced")
    if found:
        # Counted over all places, though `--limit` may show a few: the sentence is about the case.
        every = list(rows(case, 0))
        apart = sum(not row["agree"] for row in every)
        shown = (
            ", on the movements shown, and with no more held before them than these need"
            if any(row["open"] for row in every)
            else ""
        )
        screen.remark(
            f"The rules disagree at {apart:,} of {len(every):,} endpoints{shown}. poison, which only measures "
            "exposure, is not among them."
        )


def _cells(row: Row, others: Sequence[str], assets: pictures.Assets) -> list[str]:
    def shown(value: object) -> str:
        return pictures.amount(value, row["asset"], assets)

    return [
        str(row["address"]),
        str(row["reason"]),
        pictures.symbol(row["asset"], assets),
        shown(row["declared_amount"]),
        *(shown(row["by_rule"][id]) for id in others),
        shown(row["least"]),
        shown(row["most"]),
        ", ".join(row["zero_under"]),
    ]
