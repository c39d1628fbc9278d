"""Explorers' lists as people save them, and receipts as web3.py prints them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from recover.sdk import Error, NotRecognised
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected, Stated
from recover.testing.sources import SourceKit
from recover_chain_evm.exports import Exports
from recover_chain_evm.nodefile import NodeFile
from recover_chain_evm.saved import Saved

A, B, C = ("0x" + f"{n:040x}" for n in (10, 11, 12))
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
TX = "0x" + "ab" * 32
ETHER, DOLLAR = "eip155:1/slip44:60", f"eip155:1/erc20:{USDT}"
AT = datetime(2022, 6, 21, 2, 32, 55, tzinfo=UTC)
TOKEN = {
    "blockNumber": "15000020",
    "timeStamp": "1655778775",
    "hash": TX,
    "nonce": "0",
    "blockHash": "0x" + "cd" * 32,
    "from": A,
    "contractAddress": USDT,
    "to": B,
    "value": "1234560000",
    "tokenName": "Tether USD",
    "tokenSymbol": "USDT",
    "tokenDecimal": "6",
    "transactionIndex": "4",
}
CELLS = {
    "Transaction Hash": TX,
    "Blockno": "15000020",
    "UnixTimestamp": "1655778775",
    "DateTime (UTC)": "2022-06-21 02:32:55",
    "From": A,
    "To": B,
    "TokenValue": "1,234.56",
    "USDValueDayOfTx": "$1,234.56",
    "ContractAddress": USDT,
    "TokenName": "Tether USD",
    "TokenSymbol": "USDT",
}
SENT = {
    **{k: CELLS[k] for k in ("Transaction Hash", "Blockno", "UnixTimestamp", "DateTime (UTC)", "From", "To")},
    "ContractAddress": "",
    "Value_IN(ETH)": "0",
    "Value_OUT(ETH)": "0.25",
    "CurrentValue @ $3100.12/Eth": "0",
    "TxnFee(ETH)": "0.002",
    "TxnFee(USD)": "1.00",
    "Historical $Price/Eth": "1128.00",
    "Status": "",
    "ErrCode": "",
    "Method": "Deposit",
}
RECEIPT = (
    "AttributeDict({'blockHash': HexBytes('0x"
    + "2c" * 32
    + "'), 'blockNumber': 15000030, 'contractAddress': None,"
    f" 'cumulativeGasUsed': 46109, 'effectiveGasPrice': 20000000000, 'from': '{A}', 'gasUsed': 46109,"
    f" 'logs': [AttributeDict({{'address': '{USDT}', 'blockHash': HexBytes('0x" + "2c" * 32 + "'),"
    " 'blockNumber': 15000030, 'data': HexBytes('0x"
    + f"{100_000_000:064x}"
    + "'), 'logIndex': 0, 'removed': False,"
    " 'topics': [HexBytes('0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'),"
    f" HexBytes('0x{int(A, 16):064x}'), HexBytes('0x{int(B, 16):064x}')],"
    f" 'transactionHash': HexBytes('{TX}'), 'transactionIndex': 0}})], 'logsBloom': HexBytes('0x00'),"
    f" 'status': 1, 'to': '{USDT}', 'transactionHash': HexBytes('{TX}'), 'transactionIndex': 0, 'type': 2}})"
)


def answer(*listed: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"status": "1", "message": "OK", "result": list(listed), **more}).encode()


def table(*listed: dict[str, str], mark: str = ",") -> bytes:
    lines = [mark.join(f'"{cell}"' for cell in row) for row in ([*listed[0]], *(row.values() for row in listed))]
    return ("\r\n".join(lines) + "\r\n").encode()


def read(source: Any, data: bytes, name: str = "saved") -> dict[str, list[dict[str, Any]]]:
    return rows(source.decode(exhibit(name, data)))


def moved(found: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    return [(leg["kind"], leg["address"], leg["amount"]) for leg in found["legs"]]


def codes(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    return sorted(gap["code"] for gap in found["gaps"])


class TestSavedPages(SourceKit):
    source = Saved()
    examples = (exhibit("tokentx.json", answer(TOKEN)),)
    expected = (
        Expected(
            example=examples[0],
            taken="The fields of the row; the time is 1655778775 seconds after 1970.",
            transactions=(
                Stated(
                    id=TX,
                    nets={(A, DOLLAR): -1_234_560_000, (B, DOLLAR): 1_234_560_000},
                    time=AT,
                    height=15_000_020,
                    index=4,
                ),
            ),
            decimals={DOLLAR: 6},
        ),
    )


class TestExportedTables(SourceKit):
    source = Exports()
    examples = (exhibit("export.csv", table(CELLS)), exhibit("sent.csv", table(SENT)))
    expected = (
        Expected(
            example=examples[0],
            taken="1,234.56 of a token with 6 places, by its contract.",
            transactions=(
                Stated(
                    id=TX,
                    nets={(A, DOLLAR): -1_234_560_000, (B, DOLLAR): 1_234_560_000},
                    time=AT,
                    height=15_000_020,
                ),
            ),
            decimals={DOLLAR: 6},
        ),
        Expected(
            example=examples[1],
            taken="0.25 out and a fee of 0.002, in wei.",
            transactions=(
                Stated(
                    id=TX,
                    nets={
                        (A, ETHER): -252_000_000_000_000_000,
                        (B, ETHER): 250_000_000_000_000_000,
                        (None, ETHER): 2_000_000_000_000_000,
                    },
                ),
            ),
        ),
    )


def test_a_token_page_is_read_in_base_units_and_says_what_it_does_not_show() -> None:
    found = read(Saved(), answer(TOKEN))
    assert moved(found) == [("transfer", A, -1234560000), ("transfer", B, 1234560000)]
    assert codes(found) == ["chain-assumed", "history-unnamed"]


def test_equal_rows_without_a_number_are_two_and_are_said() -> None:
    assert len(moved(read(Saved(), answer(TOKEN, TOKEN)))) == 4
    assert "equal-rows" in codes(read(Saved(), answer(TOKEN, TOKEN)))
    numbered = [{**TOKEN, "logIndex": n} for n in ("1", "2")]
    assert "equal-rows" not in codes(read(Saved(), answer(*numbered)))


@pytest.mark.parametrize("said", ["Max rate limit reached", "You are using a deprecated V1 endpoint"])
def test_a_refusal_is_no_history(said: str) -> None:
    with pytest.raises(Error):
        read(Saved(), json.dumps({"status": "0", "message": "NOTOK", "result": said}).encode())


def test_an_empty_list_says_of_nobody_that_they_have_nothing() -> None:
    empty = json.dumps({"status": "0", "message": "No transactions found", "result": []}).encode()
    assert codes(read(Saved(), empty)) == ["history-unnamed"]


def test_a_node_and_an_explorer_are_told_apart_by_their_answers() -> None:
    page, node = answer(TOKEN), json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"blockHash": "0x"}}).encode()
    assert (Saved().recognises("x", page), NodeFile().recognises("x", page)) == (True, False)
    assert (Saved().recognises("x", node), NodeFile().recognises("x", node)) == (False, True)


def test_whole_units_with_separators_become_base_units_by_the_register() -> None:
    found = read(Exports(), table(CELLS))
    assert moved(found) == [("transfer", A, -1234560000), ("transfer", B, 1234560000)]
    unknown = read(Exports(), table({**CELLS, "ContractAddress": C}))
    assert (unknown["legs"], codes(unknown)) == ([], ["chain-assumed", "decimals-unknown"])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"TokenValue": "0.1234567"}, "more than the 6 decimals"),
        ({"TokenValue": "1.23E+9"}, "shortened by a spreadsheet"),
        ({"TokenValue": "12,34.5"}, "is no amount"),
        ({"UnixTimestamp": "", "DateTime (UTC)": "5/6/2022 2:33"}, "a spreadsheet rewrites dates"),
    ],
)
def test_a_cell_that_cannot_be_read_exactly_is_refused(change: dict[str, str], why: str) -> None:
    with pytest.raises(Error) as caught:
        read(Exports(), table({**CELLS, **change}))
    assert why in caught.value.why


def test_a_table_with_semicolons_is_read_with_its_decimal_comma() -> None:
    found = read(Exports(), table({**CELLS, "TokenValue": "1.234,56"}, mark=";"))
    assert moved(found)[0] == ("transfer", A, -1234560000)
    with pytest.raises(Error) as caught:
        read(Exports(), table({**CELLS, "TokenValue": "1.234"}, mark=";"))
    assert "in two ways" in caught.value.why


def test_a_failed_payment_keeps_its_fee_and_the_payer_is_the_sender() -> None:
    (row,) = read(Exports(), table({**SENT, "Status": "Error(1)"}))["transactions"]
    assert row["failed"] is True
    found = read(Exports(), table(SENT))
    assert ("fee", A, -2 * 10**15) in moved(found)
    assert ("transfer", B, 25 * 10**16) in moved(found)


def test_the_coin_in_the_header_names_the_chain_where_only_one_has_it() -> None:
    renamed = {name.replace("(ETH)", "(BNB)"): cell for name, cell in SENT.items()}
    found = read(Exports(), table(renamed))
    assert {leg["asset"] for leg in found["legs"]} == {"eip155:56/slip44:714"}
    assert "chain-assumed" not in codes(found)


def test_a_delegatecall_moves_nothing() -> None:
    row = {
        "TxHash": TX,
        "Index": "3",
        "BlockNumber": "15000010",
        "UnixTimestamp": "2022-06-21 02:30:55.000000Z",
        "FromAddress": A,
        "ToAddress": B,
        "ContractAddress": "",
        "Type": "call",
        "CallType": "delegatecall",
        "Value": "350",
        "ErrCode": "",
    }
    assert moved(read(Exports(), table(row))) == []
    assert moved(read(Exports(), table({**row, "CallType": "call"}))) == [
        ("internal", A, -350),
        ("internal", B, 350),
    ]


def test_what_web3_prints_is_read_and_never_run() -> None:
    found = read(NodeFile(), RECEIPT.encode())
    assert ("transfer", B, 100_000_000) in moved(found)
    assert ("fee", A, -46109 * 20_000_000_000) in moved(found)
    for hostile in (
        "AttributeDict(open('x'))",
        "AttributeDict({'a': __import__('os')})",
        "AttributeDict({",
        "AttributeDict({1: 2})",
    ):
        assert NodeFile().recognises("x", hostile.encode())
        with pytest.raises(NotRecognised):
            read(NodeFile(), hostile.encode())
    deep = "AttributeDict(" * 5000
    with pytest.raises(NotRecognised):
        read(NodeFile(), deep.encode())


def test_a_pending_transaction_moves_nothing() -> None:
    pending = {
        "blockHash": None,
        "blockNumber": None,
        "from": A,
        "gas": "0x5208",
        "gasPrice": "0x1",
        "hash": TX,
        "input": "0x",
        "nonce": "0x0",
        "to": B,
        "transactionIndex": None,
        "value": "0x1",
    }
    found = read(NodeFile(), json.dumps({"jsonrpc": "2.0", "id": 1, "result": pending}).encode())
    assert (found["legs"], found["transactions"]) == ([], [])
    assert codes(found) == ["chain-assumed", "unconfirmed"]
