"""A fee that one exhibit shows and another, which shows no fee at all, does not say: no contradiction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.scripted import GOLD, World, pay

from recover.sdk import Leg, Transaction


def seen(tx: str, fee: int | None) -> Transaction:
    """One payment of 30 by the thief in a listing of the thief's history, with the fee where one is shown."""
    made = replace(pay(tx, ("athief", "ashop", 30, GOLD), minute=8), whole=False, view="athief")
    if fee is None:
        return made
    paid = Leg(kind="fee", address="athief", asset=GOLD.id, amount=-fee, out=True)
    return replace(made, legs=(*made.legs, paid))


@pytest.mark.parametrize(
    ("fees", "disputed"),
    [
        (({"t2": 2}, {"t2": None}), False),
        (({"t2": 2}, {"t2": 3}), True),
        # An exhibit that shows the fee of another payment would have shown this one too.
        (({"t2": 2, "t3": 1}, {"t2": None, "t3": 1}), True),
    ],
)
def test_a_fee_contradicts_only_exhibits_that_show_fees(
    fees: tuple[dict[str, int | None], dict[str, int | None]], disputed: bool, tmp_path: Path
) -> None:
    came = pay("t1", ("avictim", "athief", 100, GOLD), minute=5)
    listings = [[seen(tx, fee) for tx, fee in one.items()] for one in fees]
    world = World(tmp_path, [came, *listings[0]], listings[1]).lose(tx="t1").run()
    found = {row["code"] for row in world.table("gaps")}
    assert ("contradiction" in found) is disputed
    moved = [row for row in world.table("transfers") if row["tx"] == "t2"]
    assert {row["kind"] for row in moved} == {"transfer", "fee"}
    assert all((row["excluded"] == "contradicted") is disputed for row in moved)
