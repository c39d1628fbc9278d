"""What page 1 says beside the bounds of what is kept at a labelled deposit address."""

from __future__ import annotations

import pytest
from tests.core.test_deposits_stop import DEPOSIT
from tests.core.test_statements import Tool, export, labels, tool, tx

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
    assert ("Where it stops no rule is applied: how much is still there has bounds" in page) is bool(clean)
