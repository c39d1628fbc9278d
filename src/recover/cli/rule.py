"""trace --rule: another rule's figures beside the declared one's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from recover.cli import listings, pictures, progress, screen
from recover.cli.codec import Row
from recover.cli.screen import Column

if TYPE_CHECKING:
    import pyarrow as pa


def compare(path: Path, rule: str, json: bool) -> None:
    """Trace, then print what stopped where under both rules. Raises Error for a rule that does not run beside."""
    from recover import registry
    from recover.case import open_for_reading, open_for_writing, tables
    from recover.stages import trace

    _beside(rule, bool(open_for_reading(path).settings.elections))
    plugins = registry.load()
    with open_for_writing(path, "trace") as case, progress.watch(json) as tell:
        outcome = trace.run(case, plugins, tell)
        declared = case.settings.rule
        rows = _both(tables.read(case, "ends"), declared, rule)
        assets = listings.assets(case)
    screen.answer(
        {"declared": declared, "rule": rule, "ends": rows}, json, lambda: _told(rows, declared, rule, assets)
    )
    raise typer.Exit(5 if outcome.gaps else 0)


def _beside(rule: str, elected: bool) -> None:
    from recover.sdk.errors import Error
    from recover.stages.trace import beside
    from recover.tracing import rules

    chosen, ran = rules.rule(rule), [r.id for r in beside(elected)]
    if chosen.id not in ran:
        raise Error(
            "rule-not-run",
            f"The rule {rule} has no figures here.",
            "It does not follow balances by itself, or needs the debits that a claimant elects.",
            f"Choose one of {', '.join(ran)}.",
        )


def _both(ends: pa.Table, declared: str, rule: str) -> list[Row]:
    """What stopped at each address and reason: `declared_amount` and `amount`, largest declared first."""
    from recover.cli import codec

    held: dict[tuple[str, str, str], dict[str, int]] = {}
    for row in codec.rows(ends):
        if row["rule"] in (declared, rule) and row["ties"] == "as recorded":
            here = held.setdefault((row["asset"], row["reason"], row["address"]), {})
            here[row["rule"]] = here.get(row["rule"], 0) + row["amount"]
    order = sorted(held, key=lambda k: (k[0], k[1], -held[k].get(declared, 0), k[2]))
    return [
        {
            "asset": key[0],
            "reason": key[1],
            "address": key[2],
            "declared_amount": held[key].get(declared, 0),
            "amount": held[key].get(rule, 0),
        }
        for key in order
    ]


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
