"""What papers said of figures that was not so: losses of one payment, rules that agree, what was sent back."""

from __future__ import annotations

import pytest
from tests.core.test_left_open import begun, listed
from tests.core.test_statements import Tool, tool, tx, who
from tests.core.test_versions import number, slots, totals

__all__ = ["tool"]

M = 10**6
TWO = [(1, "victim", "own", 600), (1, "victim", "mid", 400), (2, "own", "hot", 600), (3, "mid", "desk", 400)]


@pytest.mark.parametrize(("one", "two"), [("600", "400"), ("500", "500"), ("400", "600")])
def test_losses_of_one_payment_fill_its_movements_one_after_the_other(tool: Tool, one: str, two: str) -> None:
    losses = tuple(("--tx", tx(1), "--amount", f"{n}.0", "--label", f"no {k}") for k, n in enumerate((one, two)))
    assert begun(tool, listed(TWO, ["own", "mid", "victim"]), losses=losses) == 5
    assert totals(tool) == {"Binance": 600 * M, "Kraken": 400 * M}
    assert [number(row["began"]) for row in slots(tool, "loss")] == [int(one) * M, int(two) * M]


def test_what_a_loss_by_address_takes_is_no_part_of_one_declared_after(tool: Tool) -> None:
    losses = (("--address", who("own")), ("--tx", tx(1), "--amount", "400.0"))
    assert begun(tool, listed(TWO, ["own", "mid", "victim"]), losses=losses) == 0
    assert totals(tool) == {"Binance": 600 * M, "Kraken": 400 * M}
