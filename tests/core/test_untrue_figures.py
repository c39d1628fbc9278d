"""What papers said of figures that was not so: losses of one payment, rules that agree, what was sent back."""

from __future__ import annotations

import pytest
from tests.core.test_left_open import begun, first, letter, listed
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


SPREAD = [(1, "victim", "own", 1000), (2, "own", "mid", 200), (3, "mid", "hot", 200), (4, "own", "hot", 500)]
SPREAD += [(5, "x", "own", 100), (6, "own", "mid", 100)]


def test_rules_are_said_to_agree_of_each_place_and_not_of_a_sum_alone(tool: Tool) -> None:
    """300 is left at two addresses under every rule: how much of it at which, they do not agree on."""
    begun(tool, listed(SPREAD, ["own", "mid"]))
    page = first(tool)
    assert "together the same under every rule; by address the rules differ (R9)" in page
    assert "Every rule leaves the same" not in page
    assert "what is left there is from 0.000000 USDT (libr) to 100.000000 USDT (fifo)" in page
    found = first(tool, part="R8")
    assert "Every rule that may back a claim gives this same figure" not in found
    assert found.count("Of what went on, every rule that may back a claim gives this same figure.") == 2
    assert "still there 0.000000 USDT" in letter(tool, service="Binance", name="Binance")
