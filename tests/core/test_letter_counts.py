"""The counts on a letter's first lines are those of its tables."""

from __future__ import annotations

from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

__all__ = ["tool"]


def test_the_first_line_counts_every_transaction_that_credited_an_address_of_the_letter(tool: Tool) -> None:
    # One address is called a deposit address by what it paid, the other pays others too.
    moves = [("victim", "w", 1000), ("w", "d", 400), ("d", "hot", 200), ("d", "hot", 150)]
    moves += [("w", "e", 100), ("w", "e", 110), ("w", "e", 120), ("e", "hot", 80), ("e", "o", 200)]
    tool.open(export(moves, ["w", "d", "e"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    letter = tool.text("letters/binance-preserve-v1.txt")
    table = letter.split("Transactions that credited them with traced value")[1].split("3. Records")[0]
    assert sum(table.count(f"→ {who(name)}") for name in "de") == 4
    assert "In all: 2 addresses · 4 transactions credited them · 1 payment from them to you" in letter
