"""What a letter says where a part arrived at a labelled deposit address, at which the trace stops."""

from __future__ import annotations

from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx

__all__ = ["tool"]

MOVES = [("victim", "own", 100), ("own", "dep", 60), ("own", "lab", 40), ("dep", "hot", 60)]
MOVES += [("lab", "hot", 20), ("lab", "two", 20)]


def test_what_a_labelled_deposit_address_paid_on_is_not_said_to_have_come(tool: Tool) -> None:
    lists = labels(EXCHANGE, ("lab", "Binance", "deposit", "exchange"), ("two", "OKX", "hot-wallet", "exchange"))
    tool.open(export(MOVES, ["own", "dep", "lab"]), lists)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    letter = tool.text("letters/binance-preserve-v1.txt")
    assert (
        "100.000000 USDT reached wallets attributed to Binance, at 2 addresses: 40.000000 USDT of it arrived"
        in letter
    )
    one = "60.000000 USDT of traced value came in at 1 address of these, which pays those wallets: 60.000000"
    assert f"{one} USDT went on" in letter
    assert "100.000000 USDT went on" not in letter
    assert "went in part to wallets that sources attribute to others than you" in letter
    assert "OKX" not in letter
