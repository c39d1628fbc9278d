"""A network fee is said to be one, and change to have come to nobody: on coins, and on an account chain."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

from tests.core.test_statements import EXCHANGE, Tool, labels, tool, tx, who
from tests.core.test_versions_coins import CHAIN, LISTED, UNIT, address, transaction

__all__ = ["tool"]


def rows(tool: Tool, letter: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((tool.case / f"out/letters/{letter}.csv").read_text())))


def figures(row: dict[str, Any]) -> dict[str, int]:
    return {name: int(row[name]) for name in ("credited", "amount", "unswept", "elsewhere", "fees", "unfollowed")}


def test_change_came_from_nobody_and_a_fee_went_to_nobody(tool: Tool) -> None:
    """0.6 to the exchange with change, then 0.2 of the change; 0.0001 and 0.0002 are fees."""
    lost = transaction([("0" * 63 + "1", 0, "victim", 2 * UNIT)], [("own", UNIT), ("victim", UNIT - 1000)], 1)
    one = transaction([(lost["txid"], 0, "own", UNIT)], [("hot", 60_000_000), ("own", 39_990_000)], 2)
    two = transaction([(one["txid"], 1, "own", 39_990_000)], [("hot", 20_000_000), ("far", 19_970_000)], 3)
    tool.open(json.dumps([lost, one, two]), LISTED)
    tool("loss", "--tx", f"{CHAIN}:{lost['txid']}:0")
    tool("run")
    (ramp,) = tool.show("offramps")
    due = {"credited": UNIT, "amount": 80_000_000, "unswept": 0, "elsewhere": 19_970_000, "fees": 30_000}
    assert figures(ramp) == {**due, "unfollowed": 0}
    assert ramp["elsewhere_at"] == {address("far"): "19970000"}
    page, letter = tool.text("report.html"), tool.text("letters/kraken-preserve-v1.txt")
    for text in (page, letter):
        assert "0.19970000 BTC went elsewhere" in text
        assert "0.00030000 BTC was paid as network fees" in text
        assert "0.59990000" not in text, "change went nowhere, and a fee is no place"
    assert "1.00000000 BTC (100.0% of all that was traced in that asset) came to 1 address paying it" in page
    first = "first payment from there to your wallets that carried traced value"
    assert f"{first}; 0.00010000 BTC of traced value was paid as its" in letter
    assert "Value of other origins went through" not in letter, "its own change is no other value"
    names = ("direction", "tx_hash", "counterparty", "payee", "traced_amount")
    listed = [tuple(r[name] for name in names) for r in rows(tool, "kraken-preserve-v1")]
    assert listed == [
        ("in", lost["txid"], address("victim"), "", str(UNIT)),
        ("out", one["txid"], address("hot"), "", "60000000"),
        ("out", two["txid"], address("hot"), "", "20000000"),
        ("fee", one["txid"], "", "", "10000"),
        ("fee", two["txid"], "", "", "20000"),
        ("loss", lost["txid"], "", address("own"), str(UNIT)),
    ]
    assert tool("verify")[0] in (0, 6)


def test_an_output_that_several_pay_counts_once(tool: Tool) -> None:
    """Coins of two addresses go to the exchange in one transaction, with change to one of them."""
    first = transaction([("0" * 63 + "1", 0, "victim", UNIT)], [("a", UNIT)], 1)
    second = transaction([("0" * 63 + "2", 0, "other", UNIT)], [("b", UNIT)], 1)
    coins = [(first["txid"], 0, "a", UNIT), (second["txid"], 0, "b", UNIT)]
    both = transaction(coins, [("hot", 120_000_000), ("a", 79_990_000)], 2)
    tool.open(json.dumps([first, second, both]), LISTED)
    for made in (first, second):
        tool("loss", "--tx", f"{CHAIN}:{made['txid']}:0")
    tool("run")
    found = {row["through"]: row for row in tool.show("offramps")}
    # Of the change 0.7999 is of the other's coins, and the other's pay the fee, by first in, first out.
    assert figures(found[address("a")]) == {
        "credited": UNIT + 79_990_000,
        "amount": UNIT,
        "unswept": 0,
        "elsewhere": 0,
        "fees": 0,
        "unfollowed": 79_990_000,
    }
    assert figures(found[address("b")])["fees"] == 10_000
    page, letter = tool.text("report.html"), tool.text("letters/kraken-preserve-v1.txt")
    assert "they paid 1.20000000 BTC to those wallets (payments: 1), all value counted" in page, "nobody else paid"
    assert "All value counted, 1.20000000 BTC was paid from there to those wallets" in letter
    sums = [r["amount"] for r in tool.show("totals") if r["figure"] in ("service paid in all", "service payments")]
    assert sums == ["120000000", "1"]
    paid = {r["address"]: r["traced_amount"] for r in rows(tool, "kraken-preserve-v1") if r["direction"] == "out"}
    assert paid == {address("a"): str(UNIT), address("b"): "20000000"}


def sent(number: int, src: str, dst: str, ether: int, ok: bool = True) -> dict[str, str]:
    """As an explorer lists it; each costs 0.0021 ETH."""
    at = int(datetime(2022, 3, number, 10, tzinfo=UTC).timestamp())
    return {
        "blockNumber": str(15_000_000 + number),
        "timeStamp": str(at),
        "hash": tx(number),
        "nonce": "0",
        "blockHash": "0x" + "cd" * 32,
        "transactionIndex": "0",
        "from": who(src),
        "to": who(dst),
        "value": str(ether * 10**18),
        "gas": "21000",
        "gasPrice": str(10**11),
        "isError": "0" if ok else "1",
        "txreceipt_status": "1" if ok else "0",
        "input": "0x",
        "contractAddress": "",
        "cumulativeGasUsed": "21000",
        "gasUsed": "21000",
        "confirmations": "1",
    }


def test_fees_of_an_account_are_no_payments_to_nobody(tool: Tool) -> None:
    """A payment, one elsewhere, one to itself and one that failed: four fees, and what failed moved nothing."""
    moves = [("victim", "own", 10, True), ("own", "hot", 6, True), ("own", "far", 2, True)]
    moves += [("own", "own", 1, True), ("own", "hot", 1, False)]
    listed = [sent(number, *move) for number, move in enumerate(moves, 1)]
    tool.open(json.dumps({"status": "1", "message": "OK", "result": listed}), labels(EXCHANGE))
    tool("loss", "--address", f"eip155:1:{who('own')}", "--asset", "ETH")
    tool("run")
    (ramp,) = tool.show("offramps")
    fee = 21_000 * 10**11
    due = {"credited": 10 * 10**18, "amount": 6 * 10**18, "unswept": 2 * 10**18 - 4 * fee, "elsewhere": 2 * 10**18}
    assert figures(ramp) == {**due, "fees": 4 * fee, "unfollowed": 0}
    assert ramp["elsewhere_at"] == {who("far"): str(2 * 10**18)}, "a fee is paid to no address"
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    for text in (page, letter):
        assert "2.000000000000000000 ETH went elsewhere" in text
        assert "0.008400000000000000 ETH was paid as network fees" in text
    assert "Value of other origins" not in letter, "it paid itself, and a payment failed"
    assert "No rule can give another figure" not in page, "no exhibit claims its whole history"
    assert [r["tx_hash"] for r in rows(tool, "binance-preserve-v1") if r["direction"] == "fee"] == [
        *(tx(number) for number in (2, 3, 4, 5))
    ]
