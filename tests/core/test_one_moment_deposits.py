"""A labelled deposit address that is credited and pays in one moment, in an order that no exhibit gives."""

from __future__ import annotations

import json

import pytest
from tests.core.test_deposits_stop import DEPOSIT, cells, stopped
from tests.core.test_second_expert_figures import shown
from tests.core.test_statements import Tool, labels, tool, tx

__all__ = ["tool"]


@pytest.mark.parametrize(("paid", "came"), [(3, 4), (4, 3)])
def test_what_left_in_the_moment_of_the_credit_counts_whichever_transaction_sorts_first(
    paid: int, came: int, tool: Tool
) -> None:
    moves = [(1, "01T10:00:00", "victim", "own", 500), (2, "02T10:00:00", "z", "dep", 100)]
    moves += sorted([(came, "03T10:00:00", "own", "dep", 100), (paid, "03T10:00:00", "dep", "o", 100)])
    tool.open(shown(moves, ["own", "dep"]), labels(DEPOSIT))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    (gap,) = stopped(tool)
    assert [*gap["affects"].values()] == ["100000000"]
    assert "had come, or in one moment with it. Of that, 100.000000 USDT may have been paid" in gap["why"]
    (found,) = [f for f in tool.show("findings") if f["kind"] == "shown-beyond"]
    assert (found["slots"]["paid"], found["slots"]["together"]) == ("100000000", "100000000")
    assert cells(tool)[4:6] == ["0.000000 USDT to 100.000000 USDT", f"100.000000, all value ({found['id']})"]
    assert "of which 100.000000 USDT may have been paid before it came or after" in tool.text("report.md")
    apart = "by which value the payments from there took first, and by which of one moment came first"
    assert f"100.000000 USDT, {apart}, as no exhibit says, is still there" in tool.first()
    letter = tool.text("letters/kraken-preserve-v1.txt")
    assert f"100.000000 USDT, {apart}" in letter
    assert "after that value first came or in one moment with it, of which 100.000000 USDT may have been" in letter
    assert json.loads(tool.text("result.json"))["offramps"][0]["unswept"] is None


@pytest.mark.parametrize("when", ["03T09:00:00", "03T11:00:00"])
def test_of_what_an_exhibit_orders_no_word_says_that_its_order_is_open(when: str, tool: Tool) -> None:
    moves = [(1, "01T10:00:00", "victim", "own", 500), (2, "02T10:00:00", "z", "dep", 100)]
    moves += [(3, when, "dep", "o", 60), (4, "03T10:00:00", "own", "dep", 100)]
    tool.open(shown(moves, ["own", "dep"]), labels(DEPOSIT))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    after = when > "03T10:00:00"
    assert tool("run")[0] == 5, "other gaps are the same"
    assert len(stopped(tool)) == int(after)
    assert "moment with it" not in tool.text("report.md")
    assert "of one moment came first" not in tool.first() + tool.text("letters/kraken-preserve-v1.txt")
