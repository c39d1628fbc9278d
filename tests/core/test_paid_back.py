"""What came back to the address that paid a loss is said, also where its history is here and the trace goes on."""

from __future__ import annotations

import pytest
from tests.core.test_left_open import begun, first, letter, listed
from tests.core.test_statements import Tool, tool, tx, who
from tests.core.test_versions import number, slots

__all__ = ["tool"]

M = 10**6
MOVES = [(1, "victim", "own", 1000), (2, "own", "victim", 400), (3, "victim", "own", 400), (4, "own", "hot", 900)]
SPENT = (5, "victim", "desk", 50)
LOSS = (("--tx", tx(1)),)


@pytest.mark.parametrize("whole", [True, False])
def test_what_came_back_to_the_payer_is_said_whether_or_not_its_history_is_here(tool: Tool, whole: bool) -> None:
    begun(tool, listed([*MOVES, SPENT], ["own", "victim"] if whole else ["own"]), losses=LOSS)
    page = " ".join(first(tool).split())
    assert f"400.000000 USDT of traced value came back to {who('victim')}, out of which L1 was paid" in page
    assert ("the trace follows it on from there" in page) is whole
    assert ("and was paid on from there" in page) is whole
    assert ("is not followed there" in page) is not whole
    assert [number(row["amount"]) for row in slots(tool, "repaid")] == [400 * M] * whole


def test_a_letter_about_an_address_that_paid_a_loss_says_so(tool: Tool) -> None:
    begun(tool, listed([*MOVES, SPENT], ["own", "victim"]), losses=LOSS)
    assert f"A declared loss was paid out of {who('victim')}" in letter(tool, service="Kraken", name="Kraken")
    assert "A declared loss was paid out of" not in letter(tool, service="Binance", name="Binance")


def test_what_stays_where_it_came_back_is_not_said_to_go_on(tool: Tool) -> None:
    begun(tool, listed([MOVES[0], MOVES[1], (4, "own", "hot", 600)], ["own", "victim"]), losses=LOSS)
    assert not slots(tool, "repaid")
    assert [number(row["amount"]) for row in slots(tool, "returned")] == [400 * M]


def test_what_the_payer_sent_itself_came_from_nobody(tool: Tool) -> None:
    own = (3, "victim", "victim", 300)
    begun(tool, listed([*MOVES[:2], own, (4, "victim", "desk", 400)], ["own", "victim"]), losses=LOSS)
    assert [number(row["amount"]) for row in slots(tool, "repaid")] == [400 * M]
