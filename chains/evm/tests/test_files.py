"""Exported tables: each kind, each shape, and what is wrong with them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recover.sdk import UINT256, Error, Exhibit, NotRecognised, amounts
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected, Stated
from recover.testing.sources import SourceKit
from recover_chain_evm.files import ParquetTables, ethereum_etl, graphsense
from recover_chain_evm.testing.tables import (
    GRAPHSENSE,
    INNER,
    TABLES,
    TOKEN,
    TOKENS,
    TRACE,
    TRANSACTION,
    TX,
    A,
    B,
    C,
    camel,
    lines,
    parquet,
    sheet,
    snake,
)

ETHER = "eip155:1/slip44:60"


def stated(kind: str, example: Exhibit) -> Expected:
    """What each kind of table shows of the transaction above, or of the block's withdrawal (EIP-4895: gwei)."""
    token = f"eip155:1/erc20:{TOKEN}"
    told = {
        "blocks": Stated(
            id="withdrawals:12", nets={(None, ETHER): -5_000_000_000, (B, ETHER): 5_000_000_000}, height=12
        ),
        "transactions": Stated(
            id=TX,
            nets={(A, ETHER): -100, (B, ETHER): 100},
            time=datetime(2022, 4, 15, 5, 20, tzinfo=UTC),
            height=12,
            index=1,
        ),
        "logs": Stated(id=TX, nets={(A, token): -9, (B, token): 9}, height=12, index=1),
        "token_transfers": Stated(id=TX, nets={(A, token): -9, (B, token): 9}, height=12),
        "traces": Stated(id=TX, nets={(A, ETHER): -100, (B, ETHER): 70, (C, ETHER): 30}, height=12),
    }
    return Expected(example=example, taken="The fields of the rows, added by hand.", transactions=(told[kind],))


def states(examples: tuple[Exhibit, ...]) -> tuple[Expected, ...]:
    kinds = ("blocks", "transactions", "logs", "token_transfers", "traces")
    named = [(kind, each) for kind in kinds for each in examples if each.name.split(".")[0] == kind]
    return tuple(stated(kind, each) for kind, each in named)


class TestEthereumEtl(SourceKit):
    source = ethereum_etl()
    examples = (
        *(exhibit(f"{kind}.csv", sheet(listed)) for kind, listed in TABLES.items()),
        *(exhibit(f"{kind}.json", lines(listed)) for kind, listed in TABLES.items()),
        exhibit("stream.json", b"".join(lines(listed) for listed in TABLES.values())),
    )
    expected = states(examples)
    made = r"withdrawals:\d+"
    foreign = tuple((f"{kind}.csv", sheet(snake(TABLES[kind]))) for kind in GRAPHSENSE)


class TestGraphSense(SourceKit):
    source = graphsense()
    examples = (
        *(exhibit(f"{kind}.csv", sheet(snake(TABLES[kind]))) for kind in GRAPHSENSE),
        *(exhibit(f"{kind}.jsonl", lines(snake(TABLES[kind]))) for kind in GRAPHSENSE),
        *(exhibit(f"{kind}.csv", sheet(camel(TABLES[kind]))) for kind in GRAPHSENSE),
    )
    expected = states(examples)
    made = r"withdrawals:\d+"
    foreign = tuple((f"{kind}.csv", sheet(listed)) for kind, listed in TABLES.items())


class TestParquet(SourceKit):
    source = ParquetTables()
    examples = tuple(exhibit(f"{kind}.parquet", parquet(listed)) for kind, listed in TABLES.items())
    expected = states(examples)
    foreign = (("accounts.parquet", parquet(TABLES["blocks"])), ("blocks.csv", sheet(TABLES["blocks"])))


def codes(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The gaps, without the one that every file has that does not name its chain."""
    return [gap["code"] for gap in found["gaps"] if gap["code"] != "chain-assumed"]


def decode(data: bytes, name: str = "table.csv") -> dict[str, list[dict[str, Any]]]:
    source = ParquetTables() if name.endswith(".parquet") else ethereum_etl()
    return rows(source.decode(exhibit(name, data)))


def moves(found: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    pairs: dict[int, dict[bool, dict[str, Any]]] = {}
    for leg in found["legs"]:
        if leg["kind"] == "fee" and leg["amount"] is None and leg["wide"] is None:
            continue  # a trace says that a fee was paid, and not how much
        pairs.setdefault(leg["pair"], {})[leg["out"]] = leg
    listed = [
        (
            p[False]["kind"],
            p[True]["address"],
            p[False]["address"],
            amounts.join(p[False]["amount"], p[False]["wide"]),
            p[False]["index"],
        )
        for p in pairs.values()
    ]
    return sorted(listed, key=repr)


WANTED: dict[str, list[tuple[Any, ...]]] = {
    "blocks": [("reward", None, B, 5 * 10**9, 3)],
    "transactions": [("transfer", A, B, 100, 0)],
    "receipts": [("fee", None, None, 147_000, 0)],
    "logs": [("transfer", A, B, 9, 4)],
    "token_transfers": [("transfer", A, B, 9, 4)],
    "traces": [("internal", B, C, 30, 1), ("transfer", A, B, 100, 0)],
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_says_the_same_in_every_form(kind: str) -> None:
    listed = TABLES[kind]
    found = [decode(sheet(listed)), decode(lines(listed), "t.json"), decode(parquet(listed), f"{kind}.parquet")]
    if kind in GRAPHSENSE:
        for data in (sheet(snake(listed)), lines(snake(listed)), sheet(camel(listed))):
            found.append(rows(graphsense().decode(exhibit("t", data))))
    assert [moves(each) for each in found] == [WANTED[kind]] * len(found)
    plain = [
        [{k: v for k, v in row.items() if k != "place"} for row in each["transactions"] + each["blocks"]]
        for each in found
    ]
    assert plain == [plain[0]] * len(found)


def test_a_stream_counts_once_what_two_of_its_tables_show() -> None:
    stream = b"".join(lines(listed) for listed in TABLES.values())
    wanted = sorted({move for kind in TABLES for move in WANTED[kind]}, key=repr)
    assert moves(decode(stream, "stream.json")) == wanted
    other = lines([{**TOKENS, "log_index": 5, "value": 8}, {"type": "contract", "address": A}])
    assert moves(decode(stream + other, "stream.json")) == sorted([*wanted, ("transfer", A, B, 8, 5)], key=repr)


def test_gas_in_the_same_row_gives_the_fee_and_the_outcome() -> None:
    row = {**TRANSACTION, "receipt_gas_used": 21000, "receipt_status": 1, "receipt_effective_gas_price": 6}
    found = decode(sheet([row]))
    assert moves(found) == [("fee", A, None, 126_000, 0), ("transfer", A, B, 100, 0)]
    assert [(tx["failed"], tx["whole"]) for tx in found["transactions"]] == [(False, True)]
    failed = decode(sheet([{**row, "receipt_status": 0}]))
    assert [tx["failed"] for tx in failed["transactions"]] == [True]
    assert [tx["failed"] for tx in decode(sheet([TRANSACTION]))["transactions"]] == [None]


def test_an_undone_call_is_dropped_with_what_is_inside_it() -> None:
    inside = {**INNER, "trace_address": "0,0", "trace_id": f"call_{TX}_0_0", "value": 7}
    for change in ({"status": 0}, {"error": "Reverted"}):
        found = decode(sheet([TRACE, {**INNER, **change}, inside]))
        assert moves(found) == [("transfer", A, B, 100, 0)]
    assert len(moves(decode(sheet([inside, INNER, TRACE])))) == 3


def test_calls_are_numbered_depth_first_in_any_order() -> None:
    listed = [
        {**INNER, "trace_address": path, "trace_id": "call_x_" + path.replace(",", "_"), "value": n + 1}
        for n, path in enumerate(["10", "2", "0,1", "0", "2,0"])
    ]
    found = moves(decode(sheet([*listed, TRACE])))
    assert {m[3]: m[4] for m in found} == {4: 1, 3: 2, 2: 3, 5: 4, 1: 5, 100: 0}
    assert {m[4] for m in moves(decode(sheet(listed)))} == {None}, "without the root no place is known"


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"call_type": "delegatecall"}, []),
        ({"call_type": "staticcall"}, []),
        ({"call_type": "callcode"}, []),
        ({"trace_type": "suicide", "call_type": ""}, [("transfer", A, B, 100, 0)]),
        ({"trace_type": "create", "call_type": ""}, [("transfer", A, B, 100, 0)]),
        ({"value": 0}, []),
        ({"value": UINT256}, [("transfer", A, B, UINT256, 0)]),
        ({"to_address": ""}, []),
    ],
)
def test_which_traces_carry_value(change: dict[str, Any], wanted: list[tuple[Any, ...]]) -> None:
    assert moves(decode(sheet([{**TRACE, **change}]))) == wanted


def test_rewards_and_first_balances() -> None:
    reward = {
        **TRACE,
        "transaction_hash": "",
        "from_address": "",
        "trace_type": "reward",
        "trace_id": "reward_12_0",
    }
    genesis = {**reward, "trace_type": "genesis", "trace_id": "genesis_0", "block_number": 0, "to_address": C}
    found = decode(sheet([reward, {**reward, "value": 5}, genesis]))
    assert moves(found) == [("reward", None, B, 100, 0), ("reward", None, B, 5, 1), ("reward", None, C, 100, 0)]
    assert sorted(tx["id"] for tx in found["transactions"]) == ["genesis", "rewards:12"]
    fork = decode(sheet([{**reward, "trace_type": "daofork", "from_address": A}]))
    assert moves(fork) == []
    assert codes(fork) == ["irregular-change"]


def test_numbers_that_a_program_shortened_are_exact_and_said() -> None:
    found = decode(sheet([{**TRACE, "value": "199e17"}]))
    assert moves(found) == [("transfer", A, B, 19_900_000_000_000_000_000, 0)]
    assert codes(found) == ["amounts-shortened"]


def test_a_table_that_tells_no_standards_says_so() -> None:
    assert codes(decode(sheet([TOKENS]))) == ["token-standard-unknown"]
    listed = {**TOKENS, "token_address": "0xdac17f958d2ee523a2206206994597c13d831ec7"}
    assert codes(decode(sheet([listed]))) == []


def test_a_chain_that_is_not_named_is_said_to_be_assumed() -> None:
    found = decode(sheet([TOKENS]), "transfers.csv")
    assert [g["subject"] for g in found["gaps"] if g["code"] == "chain-assumed"] == ["transfers.csv"]
    named = decode(sheet([{**TOKENS, "chain_id": 56}]))
    assert "chain-assumed" not in [g["code"] for g in named["gaps"]]


def test_one_log_listed_twice_is_one_and_two_logs_are_two() -> None:
    again = {**TOKENS, "log_index": 99}
    assert len(moves(decode(sheet([TOKENS, TOKENS])))) == 1
    assert len(moves(decode(sheet([TOKENS, again])))) == 2
    # One log has one amount: rows that differ under one number are left for the ledger to say so.
    assert len(moves(decode(sheet([TOKENS, {**TOKENS, "value": 1}])))) == 2


def test_a_column_names_the_chain() -> None:
    found = decode(sheet([{**TOKENS, "chain_id": 56}]))
    assert {leg["asset"] for leg in found["legs"]} == {f"eip155:56/erc20:{TOKEN}"}
    for wrong in ([{**TOKENS, "chain_id": 2}], [{**TOKENS, "chain_id": 1}, {**TOKENS, "chain_id": 56}]):
        with pytest.raises(Error) as caught:
            decode(sheet(wrong))
        assert caught.value.code == "chain-unknown"


@pytest.mark.parametrize(
    ("kind", "change", "why"),
    [
        ("traces", {"value": "1.5"}, "value '1.5' is no whole number"),
        ("traces", {"value": "-1"}, "value '-1' is no whole number"),
        ("traces", {"value": str(UINT256 + 1)}, "is no whole number from 0 to 2^256 - 1"),
        ("traces", {"value": "9e99"}, "is no whole number from 0 to 2^256 - 1"),
        ("traces", {"transaction_hash": "0xabc"}, "tx '0xabc' is not 0x and 64"),
        ("traces", {"trace_type": "dream"}, "it does not say what kind of trace it is"),
        ("traces", {"trace_address": "0,x"}, "trace_address is no list of numbers"),
        ("transactions", {"from_address": ""}, "sender is missing"),
        ("transactions", {"block_timestamp": "99999999999"}, "time '99999999999' is out of range"),
        ("transactions", {"input": "0x0"}, "input '0x0' is not 0x and pairs"),
        ("blocks", {"hash": ""}, "block 'null' is not 0x and 64"),
        ("blocks", {"withdrawals": "{"}, "withdrawals cannot be read"),
        ("logs", {"topics": "0x12"}, "a topic is not 0x and 64"),
        ("token_transfers", {"log_index": ""}, "index is missing"),
    ],
)
def test_an_unreadable_cell_is_named_with_its_line(kind: str, change: dict[str, Any], why: str) -> None:
    good = TABLES[kind][0]
    with pytest.raises(Error) as caught:
        decode(sheet([good, {**good, **change}]))
    assert f"line 3: {why}" in caught.value.why or why in caught.value.why.split("line 3: ")[1]


def test_a_floating_point_amount_is_refused() -> None:
    with pytest.raises(Error) as caught:
        decode(parquet([{**TRACE, "value": 1e18}]), "traces.parquet")
    assert "value 'float' is no whole number" in caught.value.why
    with pytest.raises(Error) as caught:
        decode(json.dumps({**TRACE, "value": 1e18}).encode(), "t.json")
    assert "is not whole" in caught.value.why


def test_parquet_with_decimals_and_times_is_read() -> None:
    row = {**TRANSACTION, "value": None, "block_timestamp": None}
    table = pa.Table.from_pylist([row]).drop_columns(["value", "block_timestamp"])
    table = table.append_column("value", pa.array([10**20], pa.decimal128(38, 0)))
    table = table.append_column("block_timestamp", pa.array([1_650_000_000 * 10**6], pa.timestamp("us", tz="UTC")))
    sink = io.BytesIO()
    pq.write_table(table, sink)
    found = decode(sink.getvalue(), "transactions.parquet")
    assert moves(found) == [("transfer", A, B, 10**20, 0)]
    assert found["transactions"][0]["time"].timestamp() == 1_650_000_000


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"", b'{"a": 1}\n', b"\xff\xfe", b"PAR1" + b"\x00" * 40])
def test_another_table_is_not_recognised(data: bytes) -> None:
    with pytest.raises((NotRecognised, Error)):
        decode(data)
    with pytest.raises(NotRecognised):
        decode(data, "blocks.parquet")
