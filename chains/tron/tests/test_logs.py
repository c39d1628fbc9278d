"""Event logs of TRON blocks: TRC-20 transfers, told from Ethereum's by the hashes of their blocks."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from recover.sdk import UINT256, Error, NotRecognised, amounts
from recover.testing.exhibits import exhibit, of_file, rows
from recover.testing.expected import Expected, Stated
from recover.testing.sources import SourceKit
from recover_chain_tron import address
from recover_chain_tron.chain import asset
from recover_chain_tron.logs import TRANSFER, Logs

HEIGHT = 50_000_011
BLOCK = "0x0000000002faf08b851ed298e6c3ad03421bb625c8ea2bafc07d3a6809c1c572"
TX = "ab" * 32


def word(number: int) -> str:
    return f"0x{number:064x}"


LOG: dict[str, Any] = {
    "block_id": HEIGHT,
    "block_hash": BLOCK,
    "transaction_index": 1,
    "log_index": 4,
    "address": "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c",
    "data": word(9),
    "topics": ["0x" + TRANSFER.hex(), word(1), word(2)],
    "tx_hash": "0x" + TX,
}


def account(number: int) -> str:
    return address.encode(bytes([address.PREFIX]) + number.to_bytes(20, "big"))


def lines(*listed: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in listed)


def camel(row: dict[str, Any]) -> dict[str, Any]:
    """As GraphSense's Spark jobs write it: names in camel case, bytes in base64."""

    def coded(value: Any) -> Any:
        if isinstance(value, list):
            return [coded(each) for each in value]
        return b64encode(bytes.fromhex(value[2:])).decode() if isinstance(value, str) else value

    names = {key: key.split("_")[0] + "".join(part.capitalize() for part in key.split("_")[1:]) for key in row}
    return {names[key]: coded(value) for key, value in row.items()}


TETHER = asset("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")
ETHEREUM = LOG | {"block_hash": "0x" + "95" * 32}


class TestLogs(SourceKit):
    source = Logs()
    examples = (exhibit("logs.jsonl", lines(LOG, LOG | {"log_index": 5})), exhibit("l.json", lines(camel(LOG))))
    expected = (
        Expected(
            example=examples[1],
            taken="The log's words: 9 from the account 1 to the account 2, of the contract TR7N... (Tether's).",
            transactions=(
                Stated(
                    id=TX,
                    nets={(account(1), TETHER): -9, (account(2), TETHER): 9},
                    height=50_000_011,
                    index=1,
                ),
            ),
        ),
        # The two logs of one transaction are equal but for their number: two transfers.
        Expected(
            example=examples[0],
            taken="Two logs of 9 each.",
            transactions=(Stated(id=TX, nets={(account(1), TETHER): -18, (account(2), TETHER): 18}),),
        ),
    )
    foreign = (
        ("logs.jsonl", lines(ETHEREUM)),
        ("logs.jsonl", lines(LOG | {"block_id": HEIGHT + 1})),
        ("blocks.jsonl", lines({"block_id": HEIGHT, "block_hash": ETHEREUM["block_hash"]})),
    )


def decode(*listed: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return rows(Logs().decode(exhibit("logs.jsonl", lines(*listed))))


@pytest.mark.parametrize("row", [LOG, camel(LOG)], ids=["snake", "camel"])
def test_a_transfer_is_two_legs_of_the_contract_s_token(row: dict[str, Any]) -> None:
    found = decode(row)
    usdt = asset("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")
    assert [(leg["address"], leg["asset"], leg["amount"], leg["index"], leg["kind"]) for leg in found["legs"]] == [
        (account(1), usdt, -9, 4, "transfer"),
        (account(2), usdt, 9, 4, "transfer"),
    ]
    (tx,) = found["transactions"]
    assert (tx["id"], tx["height"], tx["index"], tx["block"], tx["time"]) == (TX, HEIGHT, 1, BLOCK[2:], None)


@pytest.mark.parametrize(
    ("ends", "kind"), [((0, 2), "mint"), ((1, 0), "burn"), ((1, 1), "transfer"), ((0, 0), None)]
)
def test_mint_and_burn(ends: tuple[int, int], kind: str | None) -> None:
    found = decode(LOG | {"topics": [LOG["topics"][0], *map(word, ends)]})
    assert {leg["kind"] for leg in found["legs"]} == ({kind} if kind else set())


def test_the_largest_amount_is_exact() -> None:
    found = decode(LOG | {"data": word(UINT256)})["legs"]
    assert [amounts.join(leg["amount"], leg["wide"]) for leg in found] == [-UINT256, UINT256]


def test_what_is_no_trc20_transfer_moves_nothing() -> None:
    other = LOG | {"topics": [word(7)], "log_index": 5}
    single = LOG | {"topics": [*LOG["topics"], word(3)], "data": "0x", "log_index": 6}
    found = decode(LOG, other, single)
    assert len(found["legs"]) == 2
    assert [gap["code"] for gap in found["gaps"]] == ["token-standard"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"block_hash": ETHEREUM["block_hash"]}, "does not begin with its height"),
        ({"tx_hash": "0x12"}, "tx_hash has 1 bytes and not 32"),
        ({"address": "T"}, "address is neither 0x and"),
        ({"topics": "0x"}, "topics is no list"),
        ({"log_index": -1}, "log_index is no whole number"),
        ({"data": 5}, "data is no text"),
    ],
)
def test_an_unreadable_line_is_named(change: dict[str, Any], why: str) -> None:
    with pytest.raises(Error) as caught:
        decode(LOG, LOG | change)
    assert caught.value.why.startswith("line 2: ")
    assert why in caught.value.why


@pytest.mark.parametrize(
    "row",
    [
        {"block_id": HEIGHT, "block_hash": BLOCK},
        camel({"block_id": HEIGHT, "block_hash": BLOCK}),
        {"caller_address": "0x", "transferto_address": "0x", "block_id": HEIGHT},
        {"callerAddress": "", "transfertoAddress": "", "blockId": HEIGHT},
    ],
)
def test_another_table_of_tron_is_taken_to_say_what_is_read(row: dict[str, Any]) -> None:
    assert Logs().recognises("table.json", lines(row))
    with pytest.raises(NotRecognised, match="a table of TRON, and not of its event logs") as caught:
        decode(row)
    assert caught.value.code == "tron-table-unread"


def test_a_table_of_another_chain_is_refused() -> None:
    with pytest.raises(NotRecognised, match="no table of TRON's logs"):
        decode(ETHEREUM)


DATA = Path(__file__).parents[4] / "shared" / "data" / "tron-blocks" / "tron_50000011"


@pytest.mark.shared
@pytest.mark.skipif(not DATA.exists(), reason=f"EVALUATION DATA ABSENT: {DATA} is not here, nothing was checked")
def test_the_transfers_of_a_block_are_those_that_its_transactions_asked_for() -> None:
    """Every successful call of `transfer(address,uint256)` asks for just what a log of its contract then says."""
    found = rows(Logs().decode(of_file(DATA / "logs.jsonl")))
    moved: dict[int, dict[bool, dict[str, Any]]] = {}
    for leg in found["legs"]:
        moved.setdefault(leg["pair"], {})[leg["out"]] = leg
    shown = Counter(
        (out["tx"], out["asset"], out["address"], into["address"], amounts.join(into["amount"], into["wide"]))
        for out, into in ((pair[True], pair[False]) for pair in moved.values())
    )
    asked: Counter[tuple[Any, ...]] = Counter()
    for line in (DATA / "transactions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["input"].startswith("0xa9059cbb") and row["receipt_status"] == 1:
            called, sender, paid = (
                address.encode(bytes.fromhex("41" + text[-40:]))
                for text in (row["to_address"], row["from_address"], row["input"][10:74])
            )
            amount = int(row["input"][74:138], 16)
            asked[row["tx_hash"][2:], asset(called), sender, paid, amount] += 1
    assert len(moved) > 50
    assert sum(asked.values()) > 50
    assert asked - shown == Counter()
    assert {tx["height"] for tx in found["transactions"]} == {50_000_011}
