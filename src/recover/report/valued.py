"""The report's value in money: each loss when it was lost, what services got at arrival and at the date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pyarrow.compute as pc

from recover.ledger import paying
from recover.report import figures, identifiers, worth
from recover.report.elements import Block
from recover.report.texts import Texts
from recover.sdk import View
from recover.sdk.amounts import join
from recover.sdk.outside import visible

Parts = tuple[tuple[int, datetime | None], ...]


def blocks(view: View, t: Texts) -> list[Block]:
    """The table; nothing where the case has no price."""
    return worth.block(view, t, [*_losses(view, t), *_arrived(view, t)]) if worth.prices(view) else []


def key(view: View) -> str:
    """What the report says of its values: that each is in R2 with its price, or that it gives none."""
    return "valuation.priced" if worth.prices(view) else "valuation.units"


def _losses(view: View, t: Texts) -> Iterator[worth.Claim]:
    for (loss, asset), parts in sorted(_starts(view).items(), key=lambda pair: (len(pair[0][0]), pair[0])):
        yield worth.Claim(what=t.say("worth.lost", loss=loss), rule="loss", asset=asset, parts=parts)


def _starts(view: View) -> dict[tuple[str, str], Parts]:
    """By loss and asset, what became proceeds under the declared rule, movement by movement."""
    moved = view.tables["transfers"]()
    # What was had in an exchange, or came over a bridge, is no loss of its own.
    flows = paying.begun(view.tables["flows"](), view.tables["exchanges"]())
    told = moved.filter(pc.is_in(moved.column("seq"), flows.column("seq").combine_chunks()))
    at = {row["seq"]: (row["asset"], row["time"]) for row in told.select(["seq", "asset", "time"]).to_pylist()}
    found = dict[tuple[str, str], Parts]()
    for row in flows.select(["seq", "loss", "amount", "wide"]).to_pylist():
        asset, time = at[row["seq"]]
        key = (row["loss"], asset)
        found[key] = (*found.get(key, ()), (join(row["amount"], row["wide"]), time))
    return found


def _arrived(view: View, t: Texts) -> Iterator[worth.Claim]:
    for total in figures.totals(view):
        if not total.service or not total.amount:
            continue
        what = t.say("worth.paid", name=visible(total.name, 80))
        listed = identifiers.rows(view, total.service)
        parts = worth.payments(total.rows, total.asset, listed)
        yield worth.Claim(what=what, rule="arrival", asset=total.asset, parts=parts)
        yield worth.Claim(what=what, rule="report", asset=total.asset, parts=((total.amount, figures.date(view)),))
