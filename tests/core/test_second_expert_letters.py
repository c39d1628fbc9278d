"""What letters and the report said that the exhibits do not show: a small case for each kind of sentence."""

from __future__ import annotations

from tests.core.test_contradicted_order import Dated, begun, listing
from tests.core.test_statements import Tool, tool, tx, who

__all__ = ["tool"]


def letter(tool: Tool) -> str:
    return (tool.case / "out/letters/binance-preserve-v1.txt").read_text("utf-8")


def test_a_refund_is_dated_by_no_credit_before_the_value_reached_the_service(tool: Tool) -> None:
    moves: list[Dated] = [
        (1, "01T10", "victim", "a", 600, ""),
        (2, "01T11", "a", "hot", 600, ""),
        (3, "01T12", "hot", "victim", 500, ""),
    ]
    begun(tool, listing(moves, ("victim", "a")))
    said = next(line for line in letter(tool).splitlines() if "These withdrawals" in line)
    assert said.startswith("After traced value had reached them, wallets attributed to Binance paid an address")
    assert "500.000000 USDT in all" in said and "2022-03-01T10" not in said
