"""figures: the case in figures, by asset, with times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recover.cli import screen
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column


def figures(
    case: CasePath,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write it there as PDF.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """The case in figures: lost, traced, frozen, seized, returned, by asset, with times."""
    from recover.case import open_for_reading
    from recover.cli.victims_shown import amount, assets
    from recover.plugins import registry
    from recover.returns import figures_told, paidout
    from recover.seizure import keeping, minor

    opened = open_for_reading(case)
    found = figures_told.of(opened)
    result: Row = {
        "assets": {
            asset: {name: None if n is None else str(n) for name, n in line.items()}
            for asset, line in sorted(found.by_asset.items())
        },
        "times": {name: {"first": first, "last": last} for name, (first, last) in found.times.items()},
        "money": {
            currency: {"brought": str(brought), "handed": str(paid), "held": str(brought - paid)}
            for currency, (brought, paid) in found.money.items()
        },
        "victims": found.persons[0],
        "payments": found.persons[1],
        "without_transaction": found.persons[2],
        "alerts": [f"{one.address}: {one.said}" for one in keeping.alerts(opened, assets(opened))],
        "beyond": [*paidout.beyond(opened, assets(opened))],
    }
    if out is not None:
        result["files"] = [str(name) for name in figures_told.write(opened, registry.load(), found, out)]
    units = assets(opened)
    columns = [Column(title=n.capitalize(), right=n != "asset") for n in ("asset", *figures_told.NAMES)]
    rows = [
        [asset, *("–" if line[n] is None else amount(asset, line[n], units) for n in figures_told.NAMES)]
        for asset, line in result["assets"].items()
    ]

    def show() -> None:
        screen.table(columns, rows, "nothing declared, traced or seized")
        for line in figures_told.doubled(found, units):
            screen.remark(line)
        for currency, (brought, paid) in found.money.items():
            sums = (minor.said(n, currency) for n in (brought, paid, brought - paid))
            screen.facts([*zip(("conversions brought", "handed over", "in the account"), sums, strict=True)])
        for line in result["alerts"]:
            screen.remark(f"in custody by the account alone: {line}")
        for line in result["beyond"]:
            screen.remark(line)

    screen.answer(result, json, show)
