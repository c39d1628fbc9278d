"""Payments, losses and versions are told as narrowly as exhibits show them: by what carried traced value, with every
limit that was declared, and by each transaction in dispute."""

from __future__ import annotations

import csv
import io
import json

from tests.core.test_opposed import listed, row
from tests.core.test_statements import EXCHANGE, USDT, Tool, labels, tool, tx, who
from tests.core.test_versions_coins import CHAIN, LISTED, UNIT, transaction

__all__ = ["tool"]


def sheet(tool: Tool, letter: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((tool.case / f"out/letters/{letter}.csv").read_text())))


def test_the_first_payment_told_is_the_first_that_carried_traced_value_and_a_loss_has_its_limits(
    tool: Tool,
) -> None:
    before = row("own", 1, "01T09:00:00", "own", "hot", 5)
    came, paid = (row("own", 2, "01T10:00:00", "v", "own", 50), row("own", 3, "01T11:00:00", "own", "hot", 50))
    tool.open(listed(before, came, paid), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", USDT, "--from", "2022-03-01T09:30:00Z", "--label", "one")
    tool("run")
    letter = (tool.case / "out/letters/binance-preserve-v1.txt").read_text()
    told = [line for line in letter.splitlines() if "first payment from there" in line]
    assert [tx(3) in line and "to your wallets that carried traced value" in line for line in told] == [True]
    assert "every inflow; USDT; from 2022-03-01T09:30:00Z" in letter


def test_a_coin_payment_that_carried_nothing_is_in_no_table_of_what_did(tool: Tool) -> None:
    lost = transaction([("0" * 63 + "1", 0, "victim", UNIT)], [("own", UNIT)], 2)
    paid = transaction([(lost["txid"], 0, "own", UNIT)], [("hot", UNIT)], 3)
    other = transaction([("0" * 63 + "2", 0, "own", UNIT)], [("hot", UNIT)], 1)
    tool.open(json.dumps([lost, paid, other]), LISTED)
    tool("loss", "--tx", f"{CHAIN}:{lost['txid']}:0")
    tool("run")
    assert [r["tx_hash"] for r in sheet(tool, "kraken-preserve-v1") if r["direction"] == "out"] == [paid["txid"]]
    assert other["txid"] not in tool.text("letters/kraken-preserve-v1.txt")
