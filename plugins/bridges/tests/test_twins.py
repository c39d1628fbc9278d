"""Payments of one transaction that are alike: whose each is, is shown, or it is nobody's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plugins.bridges.tests.common import BY, ETH, GIVEN, TOKEN, A, B, U, erc20, own
from plugins.bridges.tests.made import pay, who
from plugins.bridges.tests.scenes import a35, f35
from plugins.bridges.tests.test_traps import ask, told

from recover.sdk import Log
from recover_bridges.across import Across


@pytest.mark.parametrize("own_hand", [False, True])
def test_equal_payments_of_two_in_one_transaction_are_nobody_s(own_hand: bool) -> None:
    """A router that two paid alike: which of them the one deposit is of, no exhibit shows."""
    router, pool, stranger = who("7"), own("across", "pool", ETH), U if own_hand else who("9")
    asset = erc20(ETH, TOKEN)
    paid = [
        pay(ETH, A, U, router, asset, GIVEN, leg=0, facts=BY),
        pay(ETH, A, stranger, router, asset, GIVEN, leg=1),
    ]
    passed = [pay(ETH, A, router, pool, asset, GIVEN, leg=2), pay(ETH, A, router, who("8"), asset, GIVEN, leg=4)]
    written = [replace(each, index=3) for each in a35() if isinstance(each, Log)]
    rows = ask(Across(), [*paid, *passed], written, f35())
    if own_hand:
        assert [(r["address"], r.get("refused", "")) for r in rows] == [(U, "")]
    else:
        assert sorted((r["address"], r.get("refused", "")) for r in rows) == [(U, "twin"), (stranger, "twin")]


def test_one_payment_is_not_the_leg_of_two_departures() -> None:
    """Of the second nothing shows who paid it: all that the sender gave is the first's already."""
    pool = own("across", "pool", ETH)
    more = [replace(each, index=5) for each in a35(8) if isinstance(each, Log)]
    paid = [pay(ETH, A, U, pool, erc20(ETH, TOKEN), GIVEN, facts=BY)]
    first = [each for each in a35() if isinstance(each, Log)]
    assert told(ask(Across(), paid, first, more, f35())) == [(A, B, "twin"), (A, "", "twin")]
    paid.append(pay(ETH, A, U, pool, erc20(ETH, TOKEN), GIVEN, leg=4))
    rows = ask(Across(), paid, first, more, f35())
    assert [(r["source_leg"], r.get("refused", "")) for r in rows] == [("0", ""), ("4", "")]
