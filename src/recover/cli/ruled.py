"""trace --rule: the figures of another rule next to those of the declared one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from recover.cli import listings, pictures, progress, screen
from recover.cli.codec import Row
from recover.cli.screen import Column
from recover.exits import Exit

if TYPE_CHECKING:
    pass


def compare(path: Path, rule: str, json: bool) -> None:
    """Trace, then print what ended where under both rules. Raises Error for a rule that is not traced."""
    from dataclasses import asdict

    from recover.case import open_for_reading
    from recover.cli.writing import open_for_writing
    from recover.findings.ranges import pairs
    from recover.plugins import registry
    from recover.stages import trace

    _beside(rule, bool(open_for_reading(path).settings.elections))
    plugins = registry.load()
    with open_for_writing(path, "trace") as case, progress.watch(json) as tell:
        # The declared rule stays as it is in the case: comparing must not be a way to change it after the results
        # are known.
        outcome = trace.run(case, plugins, tell)
        declared = case.settings.rule
        rows = [asdict(pair) for pair in pairs(case, rule)]
        assets = listings.assets(case)
    screen.answer(
        {"declared": declared, "rule": rule, "ends": rows}, json, lambda: _told(rows, declared, rule, assets)
    )
    raise typer.Exit(Exit.GAPS if outcome.gaps else Exit.DONE)


def _beside(rule: str, elected: bool) -> None:
    """Raises Error unless the rule is one of those that this case is traced under."""
    from recover.sdk.errors import Error
    from recover.tracing import rules
    from recover.trails.prepared import beside

    chosen, ran = rules.rule(rule), [r.id for r in beside(elected)]
    if chosen.id not in ran:
        raise Error(
            "rule-not-run",
            f"The rule {rule} has no figures here.",
            "It does not follow balances by itself, or needs the debits that a claimant elects.",
            f"Choose one of {', '.join(ran)}.",
        )


def _told(rows: Sequence[Row], declared: str, rule: str, assets: Mapping[str, tuple[str, int | None]]) -> None:
    columns = (
        Column(title="Ends at"),
        Column(title="Reason"),
        Column(title="Asset", rank=1),
        Column(title=f"{declared} (declared)", right=True),
        Column(title=rule, right=True),
    )
    cells = [
        [
            str(row["address"]),
            str(row["reason"]),
            pictures.symbol(row["asset"], assets),
            pictures.amount(row["declared_amount"], row["asset"], assets),
            pictures.amount(row["amount"], row["asset"], assets),
        ]
        for row in rows
    ]
    screen.table(columns, cells, "nothing was traced")
