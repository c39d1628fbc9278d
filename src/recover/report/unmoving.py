"""Rows of a letter's table that are no movement of its addressee: holds, losses, names."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime

from recover.report import figures
from recover.report.identifiers import Row, Spot, row_of
from recover.report.texts import moment
from recover.sdk import OffRamp, View
from recover.sdk.amounts import decimal
from recover.sdk.outside import visible


def place(view: View, address: str, asset_id: str, amount: int) -> Row:
    """A place where so much traced value was left: no movement, and in no transaction."""
    spot = Spot(chain=asset_id.partition("/")[0], address=address, asset=asset_id)
    asset = figures.asset(view, asset_id)
    bare = row_of(view, spot, "", "left", "", frozenset())
    return replace(bare, traced_amount=str(amount), traced=decimal(amount, asset.decimals, grouped=False))


def held(view: View, spot: Spot | OffRamp, amount: int) -> Row:
    """The most that is to be held at a place, so that the rows of a table add up to what its letter asks for."""
    bare = row_of(view, spot, "", "hold", "", frozenset())
    figure = decimal(amount, figures.asset(view, spot.asset).decimals, grouped=False)
    return replace(bare, raw_amount=str(amount), traced_amount=str(amount), amount=figure, traced=figure)


def began(
    view: View,
    asset_id: str,
    tx: str,
    sides: tuple[str, str],
    at: datetime | None,
    sums: tuple[int, int],
    exhibit: int = 0,
) -> Row:
    """A payment with which a loss began, from its payer to whom it paid. `sums`: all of it, and the loss."""
    spot = Spot(chain=asset_id.partition("/")[0], address=sides[0], asset=asset_id)
    places = figures.asset(view, asset_id).decimals
    whole, lost = (decimal(amount, places, grouped=False) for amount in sums)
    return replace(
        row_of(view, spot, tx, "loss", "", frozenset()),
        address="",
        payer=visible(sides[0]),
        payee=visible(sides[1]),
        block_time_utc=moment(at).replace("–", ""),
        raw_amount=str(sums[0]),
        traced_amount=str(sums[1]),
        amount=whole,
        traced=lost,
        exhibit=str(exhibit) if exhibit else "",
    )


def named(text: str, chain: str) -> Row:
    """What the sender of a letter names by hand: no movement, and nothing that was traced. `chain` by its name."""
    bare = dict.fromkeys((f.name for f in fields(Row)), "")
    return Row(**bare | {"address": visible(text, 300), "direction": "named", "chain_name": chain})
