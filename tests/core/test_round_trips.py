"""Value that left a service and came back is said wherever a figure could count it twice."""

from __future__ import annotations

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

ROUND = [("victim", "own", 100), ("own", "hot", 100), ("hot", "own", 90), ("own", "hot", 90)]
OKX = ("two", "OKX", "hot-wallet", "exchange")


def test_a_round_trip_is_netted_beside_every_total(tool: Tool) -> None:
    tool.open(export(ROUND, ["own"]), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    said = "90.000000 USDT of it after traced value had reached the place that it came from"
    assert tool.text("report.html").count(said) == 3, "summary, schedules and conclusions"
    assert "Net of that, 100.000000 USDT came in" in tool.text("report.html")
    row = tool.text("report.html").split("Less what came back from places")[1]
    assert "-90.000000" in row[:400].replace("−", "-"), "the table of where value went adds up to the net"
    letter = tool.text("letters/binance-preserve-v1.txt")
    assert "90.000000 USDT came from wallets attributed to Binance, 90.000000 USDT of it after" in letter
    (finding,) = [f for f in tool.show("findings") if f["kind"] == "came-back"]
    assert (finding["subject"], finding["slots"]["amount"], finding["slots"]["after"]) == (
        "Binance",
        "90000000",
        "90000000",
    )


def test_an_inflow_from_a_service_that_nothing_had_reached_is_told_and_not_netted(tool: Tool) -> None:
    tool.open(export([("hot", "own", 100), ("own", "hot", 100)], ["own"]), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert "none of that came after traced value had reached the place" in page
    assert "may be the same value twice. Net of that" not in page


def test_what_came_back_from_one_service_is_said_to_another_without_its_name(tool: Tool) -> None:
    loop = [*ROUND[:3], ("own", "two", 90)]
    tool.open(export(loop, ["own"]), labels(EXCHANGE, OKX))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    letter = tool.text("letters/okx-preserve-v1.txt")
    assert "90.000000 USDT came from other places that traced value had already reached" in letter
    assert "Binance" not in letter


@pytest.mark.parametrize("back", [True, False])
def test_a_withdrawal_to_where_traced_value_was_is_told_of_a_loss_by_transaction(back: bool, tool: Tool) -> None:
    tool.open(export(ROUND if back else ROUND[:2], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    assert ("wallets attributed to services paid 90.000000 USDT to addresses" in page) is back
    assert (f"paid 90.000000 USDT to {who('own')}" in letter) is back
    assert [f["slots"]["amount"] for f in tool.show("findings") if f["kind"] == "withdrawn"] == ["90000000"] * back
