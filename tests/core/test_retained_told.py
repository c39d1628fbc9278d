"""What page 1 says beside the bounds of what is kept at a labelled deposit address."""

from __future__ import annotations

import pytest
from tests.core.test_deposits_stop import DEPOSIT
from tests.core.test_statements import Tool, export, labels, tool, tx, who

__all__ = ["tool"]

HOT = ("hot", "Kraken", "hot-wallet", "exchange")


@pytest.mark.parametrize("clean", [0, 50])
def test_bounds_refute_no_sentence_of_the_same_page_and_suppress_no_act(clean: int, tool: Tool) -> None:
    moves = [("victim", "own", 1000), ("own", "dep", 600), ("dep", "hot", 300)]
    moves[1:1] = [("z", "dep", clean)] if clean else []
    tool.open(export(moves, ["own", "dep"]), labels(DEPOSIT, HOT))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = tool.first()
    said = "No rule can give another figure in USDT in this table: at each address at which the trace goes on, all"
    assert said in page
    watch = f"Watch {who('dep')}: of traced value at least 300.000000 USDT, at most 350.000000 USDT is left there"
    assert (watch in page) is bool(clean)
    assert (f"Watch {who('dep')}: as far as the exhibits show, 300.000000 USDT is left there" in page) is not clean
    assert ("Where it stops no rule is applied: how much is still there has bounds" in page) is bool(clean)


@pytest.mark.parametrize("whole", [True, False])
def test_what_would_settle_a_history_that_is_here_in_part_is_an_act(whole: bool, tool: Tool) -> None:
    moves = [("victim", "own", 1000), ("own", "dep", 500), ("dep", "hot", 50)]
    tool.open(export(moves, ["own", "dep"] if whole else ["own"]), labels(DEPOSIT, HOT))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert ("deposit-unread" in {gap["code"] for gap in tool.show("gaps")}) is not whole
    act = f"Obtain the whole history of {who('dep')}, which a source calls a service’s deposit address"
    assert (act in tool.first()) is not whole
