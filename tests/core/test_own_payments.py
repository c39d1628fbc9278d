"""Payments of an address to itself: they move nothing, and show what must have been there."""

from __future__ import annotations

from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

__all__ = ["tool"]


def test_what_an_address_paid_itself_has_to_have_been_there(tool: Tool) -> None:
    moves = [("victim", "dep", 50), ("dep", "dep", 40), ("dep", "hot", 45), ("dep", "dep", 15)]
    tool.open(export(moves, ["dep"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run", "--until", "find")[0] == 5
    # 40 of 50 were there; of 15 only 5, so 10 came in by what no exhibit shows.
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "own-payment-short"]
    assert gap["subject"].endswith(who("dep"))
    assert gap["why"].startswith("This address paid itself 10.000000 USDT more than all that the exhibits show")
