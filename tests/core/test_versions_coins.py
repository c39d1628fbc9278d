"""Exhibits that disagree on a coin transaction: its id fixes what it pays, and not what its inputs were worth."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.core.test_statements import Tool, tool
from tests.core.test_versions import number, slots, totals

__all__ = ["tool"]

CHAIN = "bip122:000000000019d6689c085ae165831e93"
BTC = f"{CHAIN}/slip44:0"
UNIT = 10**8
_B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

Coin = tuple[str, int, str, int]
"""The transaction that made it, the number of its output, whose it is, and what it is worth."""


def twice(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:20]


def address(name: str) -> str:
    made = b"\0" + key(name)
    number, text = int.from_bytes(made + twice(made)[:4], "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _B58[digit] + text
    return "1" + text


def output(name: str, value: int) -> dict[str, Any]:
    script = f"76a914{key(name).hex()}88ac"
    return {
        "scriptpubkey": script,
        "scriptpubkey_type": "p2pkh",
        "scriptpubkey_address": address(name),
        "value": value,
    }


def transaction(inputs: list[Coin], paid: list[tuple[str, int]], height: int) -> dict[str, Any]:
    """As an Esplora server gives it, under the id that follows from its bytes."""
    raw = (2).to_bytes(4, "little") + bytes([len(inputs)])
    for made, place, _, _ in inputs:
        raw += bytes.fromhex(made)[::-1] + place.to_bytes(4, "little") + b"\0" + b"\xff" * 4
    raw += bytes([len(paid)])
    for name, value in paid:
        script = bytes.fromhex(output(name, 0)["scriptpubkey"])
        raw += value.to_bytes(8, "little") + bytes([len(script)]) + script
    ins = [
        {
            "txid": made,
            "vout": place,
            "prevout": output(name, value),
            "scriptsig": "",
            "scriptsig_asm": "",
            "is_coinbase": False,
            "sequence": 0xFFFFFFFF,
        }
        for made, place, name, value in inputs
    ]
    status = {
        "confirmed": True,
        "block_height": height,
        "block_hash": hashlib.sha256(str(height).encode()).hexdigest(),
    }
    return {
        "txid": twice(raw + b"\0" * 4)[::-1].hex(),
        "version": 2,
        "locktime": 0,
        "vin": ins,
        "vout": [output(*one) for one in paid],
        "size": 200,
        "weight": 800,
        "fee": sum(coin[3] for coin in inputs) - sum(value for _, value in paid),
        "status": {**status, "block_time": 1714500000 + height * 600},
    }


def test_each_version_of_a_coin_transaction_is_traced(tool: Tool) -> None:
    """The other coin is spent before the loss: worth more, it leaves less of the loss to the first output."""
    lost = transaction([("0" * 63 + "1", 0, "victim", 2 * UNIT)], [("own", UNIT), ("victim", UNIT - 1000)], 1)

    def spent(other: int) -> dict[str, Any]:
        coins = [("0" * 63 + "2", 0, "own", other), (lost["txid"], 0, "own", UNIT)]
        return transaction(coins, [("hot", 60_000_000), ("end", 80_000_000)], 2)

    one, two = spent(50_000_000), spent(60_000_000)
    assert one["txid"] == two["txid"], "what an input was worth is no part of what is hashed"
    listed = ["#recover-labels 1", "#source: a list", "#grade: B", "#licence: none needed", "#url: none"]
    listed += [
        "chain,address,service,label,role,category",
        f"{CHAIN},{address('hot')},Kraken,k,hot-wallet,exchange",
    ]
    tool.open(json.dumps([lost, one]), json.dumps([two]), "\n".join(listed) + "\n")
    tool("loss", "--tx", f"{CHAIN}:{lost['txid']}:0")
    assert tool("run")[0] == 5
    (told,) = slots(tool, "by-version")
    assert (told["service"], told["asset"], told["tried"]) == ("Kraken", BTC, "all")
    assert (number(told["least"]), number(told["most"])) == (0, 10_000_000)
    # It is shown spent: no history is missing, and nobody is sent to get one.
    (open_,) = slots(tool, "spent-open")
    assert (number(open_["amount"]), open_["transactions"]) == (UNIT, [one["txid"]])
    page = tool.text("report.html")
    assert "Spent in transactions that are not followed" in page
    assert "history is in no exhibit" not in tool.first()
    assert f"Settle the contradiction on transaction {one['txid']}" in page
    assert "history-not-collected" not in {gap["code"] for gap in tool.show("gaps")}
    found = []
    for exhibit in (1, 2):
        tool("decide", one["txid"], "--exhibit", str(exhibit), "--reason", "tried")
        tool("run", "--until", "find")
        found.append(totals(tool).get("Kraken", 0))
    assert found == [10_000_000, 0]
