"""Coins spent beside one that no exhibit shows the worth of: what their addresses paid has bounds, or none."""

from __future__ import annotations

import json

import pytest
from tests.core.test_statements import Tool, tool
from tests.core.test_untrue_figures import raw
from tests.core.test_versions_coins import CHAIN, LISTED, UNIT, address, transaction

from recover.ledger.spending import Spending

__all__ = ["tool"]

LOST = transaction([("0" * 63 + "1", 0, "victim", UNIT)], [("a", 50_000_000), ("b", 40_000_000)], 1)


def joined(tool: Tool, *owners: str) -> None:
    """`a`'s coin, and those of others of what was lost, spent with one that nobody shows, pay an exchange 0.6."""
    coins = [(LOST["txid"], "ab".index(name), name, UNIT) for name in owners]
    made = transaction(
        [*coins, ("0" * 63 + "7", 0, "other", UNIT)], [("hot", 60_000_000), ("rest", 29_000_000)], 2
    )
    tool.open(json.dumps([LOST]), LISTED)
    (tool.folder / "spends.hex").write_text(raw(made) + "\n")
    assert tool("import", str(tool.folder / "spends.hex"))[0] == 0
    for place in range(len(owners)):
        assert tool("loss", "--tx", f"{CHAIN}:{LOST['txid']}:{place}")[0] == 0


@pytest.mark.parametrize(("owners", "in_all"), [("a", 50_000_000), ("ab", 60_000_000)])
def test_a_service_paid_beside_a_coin_of_unknown_worth_is_paid_at_most_so_much(
    owners: str, in_all: int, tool: Tool
) -> None:
    joined(tool, *owners)
    assert tool("run")[0] == 5
    brought = {address("a"): 50_000_000, address("b"): 40_000_000}
    rows = {row["through"]: int(row["swept"]) for row in tool.show("offramps")}
    assert rows == {address(name): brought[address(name)] for name in owners}
    told = {row["figure"]: row["amount"] for row in tool.show("totals") if row["service"] == "Kraken"}
    assert (told["service paid in all"], told["service payments"]) == (str(in_all), "1")
    assert "paid at most 0.50000000 BTC to those wallets" in tool.text("report.html") or len(owners) > 1
    assert tool("verify")[0] in (0, 6)


def test_coins_of_unknown_worth_can_have_paid_all_or_nothing() -> None:
    one = Spending(brought={"a": 5, "": 0, "c": 2}, unknown={"", "c"}, outputs=[("hot", 6, 1)])
    assert one.paid({"a"}, 6) == (0, 5), "others can have paid all of it"
    assert one.paid({"a", "c"}, 6) == (0, 6), "of what is its own it can have brought more than is shown"
    assert one.paid({"", "c"}, 6) == (1, 6), "what the shown coins of others do not suffice for"
    assert not one.alone({"a", "c"})
    assert one.alone({"a", "c", ""})
