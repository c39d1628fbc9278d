"""Tables of what was put in: exhibits, and losses as declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recover.cli import dates, screen
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.case import Stored
    from recover.sdk import Loss


def exhibits(stored: Sequence[Stored]) -> None:
    """Exhibits as a table."""
    columns = (
        Column(title="Exhibit", right=True),
        Column(title="Name"),
        Column(title="Bytes", right=True, rank=1),
        Column(title="Read by", rank=2),
        Column(title="Captured (UTC)", rank=3),
        Column(title="SHA-256", rank=4),
    )
    rows = [
        [str(s.number), s.name, f"{s.size:,}", ", ".join(s.sources), dates.show(s.captured), s.digest]
        for s in stored
    ]
    screen.table(columns, rows, "no exhibits")


def losses(declared: Sequence[Loss]) -> None:
    """Losses as a table; amounts in base units, since an asset may have no known decimals yet."""
    columns = (
        Column(title="Loss"),
        Column(title="By", rank=5),
        Column(title="Address, transaction or output"),
        Column(title="Base units", right=True, rank=3),
        Column(title="From (UTC)", rank=2),
        Column(title="To (UTC)", rank=2),
        Column(title="Assets", rank=4),
        Column(title="Label", rank=1, prose=True),
    )
    rows = [
        [
            one.id,
            one.kind,
            one.place if one.memo is None else f"{one.place}, memo {one.memo}",
            "" if one.amount is None else f"{one.amount:,}",
            dates.show(one.since),
            dates.show(one.until),
            ", ".join(one.assets) or "all listed",
            one.label,
        ]
        for one in declared
    ]
    screen.table(columns, rows, "no losses")
