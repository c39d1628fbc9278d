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


LISTED = "\n".join(
    [
        *("#recover-labels 1", "#source: a list", "#grade: B", "#licence: none needed", "#url: none"),
        "chain,address,service,label,role,category",
        f"{CHAIN},{address('hot')},Kraken,k,hot-wallet,exchange",
        "",
    ]
)


def test_each_version_of_a_coin_transaction_is_traced(tool: Tool) -> None:
    """The other coin is spent before the loss: worth more, it leaves less of the loss to the first output."""
    lost = transaction([("0" * 63 + "1", 0, "victim", 2 * UNIT)], [("own", UNIT), ("victim", UNIT - 1000)], 1)

    def spent(other: int) -> dict[str, Any]:
        coins = [("0" * 63 + "2", 0, "own", other), (lost["txid"], 0, "own", UNIT)]
        return transaction(coins, [("hot", 60_000_000), ("end", 80_000_000)], 2)

    one, two = spent(50_000_000), spent(60_000_000)
    assert one["txid"] == two["txid"], "what an input was worth is no part of what is hashed"
    tool.open(json.dumps([lost, one]), json.dumps([two]), LISTED)
    tool("loss", "--tx", f"{CHAIN}:{lost['txid']}:0")
    assert tool("run")[0] == 5
    (bounds,) = slots(tool, "contradicted")
    # What else it spent is in no exhibit's list of what came, and was of no loss.
    assert (number(bounds["to_least"]), number(bounds["to_most"])) == (0, 60_000_000)
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


def test_a_coin_that_exhibits_show_spent_thrice_is_not_said_to_have_gone_where_one_has_it(tool: Tool) -> None:
    lost = transaction([("0" * 63 + "1", 0, "victim", 2 * UNIT)], [("own", UNIT), ("victim", UNIT - 1000)], 1)
    coin = (lost["txid"], 0, "own", UNIT)
    each = [transaction([coin], [(to, UNIT - 2000 - n)], 2 + n) for n, to in enumerate(("hot", "end", "far"))]
    tool.open(json.dumps([lost, each[0]]), json.dumps([each[1]]), json.dumps([each[2]]), LISTED)
    tool("loss", "--tx", f"{CHAIN}:{lost['txid']}:0")
    assert tool("run")[0] == 5
    found = {row["transaction"]: row for row in slots(tool, "contradicted")}
    assert set(found) == {one["txid"] for one in each}, "none of the three is followed"
    paid = found[each[0]["txid"]]
    assert paid["versions"] == [f"1|{UNIT}|Kraken={UNIT - 2000}", "2|0", "3|0"]
    assert "moments" not in paid, "they do not disagree on when it was"
    assert (number(paid["to_least"]), number(paid["to_most"])) == (0, UNIT - 2000)
    page = tool.text("report.md")
    assert page.count("Settle which of transactions") == 1, "one coin is one question"
    assert "than the exhibits that disagree (1, 2, 3), then ‘recover decide CASE TX" in page
    gaps = [gap for gap in tool.show("gaps") if gap["code"] == "contradiction"]
    assert len(gaps) == 3
    assert {gap["effect"] for gap in gaps} == {
        "None of these transactions is followed until a person decides which of them took place."
    }
    (told,) = slots(tool, "by-version")
    assert (number(told["least"]), number(told["most"]), number(told["runs"])) == (0, UNIT - 2000, 3)
    # To say that one took place says of the others that they did not.
    assert tool("decide", each[0]["txid"], "--exhibit", "1", "--reason", "tried")[0] == 0
    body = json.loads((tool.case / "journal.jsonl").read_text().splitlines()[-1])["body"]
    assert body["rivals"] == sorted(one["txid"] for one in each[1:])
