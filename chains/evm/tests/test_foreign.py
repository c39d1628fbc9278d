"""TRON's blocks in an EVM chain's columns: told by their hashes, and never booked as ETH."""

from __future__ import annotations

import io
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recover.sdk import Error, NotRecognised
from recover.testing.exhibits import exhibit, of_file, rows
from recover_chain_evm import foreign
from recover_chain_evm.files import ParquetTables, ethereum_etl, graphsense
from recover_chain_evm.nodefile import NodeFile

A, B = ("0x" + f"{n:040x}" for n in (0xA1, 0xB2))
HEIGHT = 50_000_011
TRON = "0x0000000002faf08b851ed298e6c3ad03421bb625c8ea2bafc07d3a6809c1c572"
ETHEREUM = "0x95b198e154acbfc64109dfd22d8224fe927fd8dfdedfae01587674482ba4baf3"
ROW: dict[str, Any] = {
    "tx_hash": "0x" + "a" * 64,
    "nonce": 0,
    "block_hash": ETHEREUM,
    "block_id": HEIGHT,
    "transaction_index": 1,
    "from_address": A,
    "to_address": B,
    "value": 100,
    "gas_price": 420,
    "input": "0x",
    "block_timestamp": 1_680_612_831,
}
OTHERS = {"tx_hash": "hash", "block_id": "block_number"}


def lines(*listed: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in listed)


def sheet(row: dict[str, Any]) -> bytes:
    return (",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n").encode()


def etl(row: dict[str, Any]) -> dict[str, Any]:
    return {OTHERS.get(key, key): value for key, value in row.items()}


MARKS = {
    "hash": {"block_hash": TRON},
    "hash-in-base64": {"block_hash": b64encode(bytes.fromhex(TRON[2:])).decode()},
    "height-as-text": {"block_hash": TRON, "block_id": str(HEIGHT)},
    "address-of-21-bytes": {"to_address": "0x41" + B[2:]},
    "address-in-base58": {"to_address": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"},
}


@pytest.mark.parametrize("change", MARKS.values(), ids=MARKS)
def test_rows_of_tron_are_refused_in_every_form(change: dict[str, Any]) -> None:
    row = ROW | change
    for source, own in ((graphsense(), row), (ethereum_etl(), etl(row))):
        for data in (lines(own), sheet(own)):
            assert not source.recognises("transactions.json", data)
            with pytest.raises(NotRecognised) as caught:
                rows(source.decode(exhibit("transactions.json", data)))
            assert caught.value.code == "tron-table"


def test_the_same_rows_of_ethereum_are_read() -> None:
    for source, own in ((graphsense(), ROW), (ethereum_etl(), etl(ROW))):
        for data in (lines(own), sheet(own)):
            assert source.recognises("transactions.json", data)
            assert len(rows(source.decode(exhibit("transactions.json", data)))["legs"]) == 2


def test_one_row_of_tron_anywhere_refuses_the_file() -> None:
    data = lines(ROW, ROW | {"tx_hash": "0x" + "b" * 64, "block_hash": TRON})
    with pytest.raises(NotRecognised, match="is TRON's"):
        rows(graphsense().decode(exhibit("transactions.json", data)))


def test_parquet_of_tron_is_refused() -> None:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([etl(ROW | {"block_hash": TRON})]), sink)
    assert not ParquetTables().recognises("transactions.parquet", sink.getvalue())
    with pytest.raises(NotRecognised, match="is TRON's"):
        rows(ParquetTables().decode(exhibit("transactions.parquet", sink.getvalue())))


def test_a_node_of_tron_answers_with_tron_s_blocks() -> None:
    log = {
        "address": A,
        "blockHash": TRON,
        "blockNumber": hex(HEIGHT),
        "data": "0x",
        "topics": [],
        "logIndex": "0x0",
        "transactionHash": ROW["tx_hash"],
        "transactionIndex": "0x0",
        "removed": False,
    }
    for block, ours in ((TRON, False), (ETHEREUM, True)):
        data = json.dumps({"jsonrpc": "2.0", "id": 1, "result": [log | {"blockHash": block}]}).encode()
        assert NodeFile().recognises("logs.json", data) is ours
        if ours:
            assert rows(NodeFile().decode(exhibit("logs.json", data)))["transactions"]
            continue
        with pytest.raises(NotRecognised, match="is TRON's"):
            rows(NodeFile().decode(exhibit("logs.json", data)))


@pytest.mark.parametrize(
    ("height", "block", "is_one"),
    [
        (HEIGHT, TRON, True),
        (hex(HEIGHT), TRON, True),
        (0, "0x00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc", True),
        (0, "0x" + "0" * 64, False),
        (HEIGHT + 1, TRON, False),
        (0, "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3", False),
        (None, TRON, False),
        (HEIGHT, "0x12", False),
        ("x", TRON, False),
        (HEIGHT, "é" * 44, False),
    ],
)
def test_a_block_is_told_by_its_hash(height: object, block: object, is_one: bool) -> None:
    assert foreign.is_block(height, block) is is_one


SHARED = Path(__file__).parents[4] / "shared" / "data" / "tron-blocks"


@pytest.mark.shared
@pytest.mark.skipif(
    not SHARED.exists(), reason=f"EVALUATION DATA ABSENT: {SHARED} is not here, nothing was checked"
)
@pytest.mark.parametrize("path", sorted(SHARED.glob("*/*.json*")), ids=lambda p: f"{p.parent.name}-{p.name}")
def test_no_export_of_tron_is_taken_for_ethereum(path: Path) -> None:
    head = path.read_bytes()[:65_536]
    for source in (graphsense(), ethereum_etl(), NodeFile()):
        assert not source.recognises(path.name, head)
    with pytest.raises(Error) as caught:
        rows(graphsense().decode(of_file(path)))
    # A list of tokens is of no chain's tables.
    assert caught.value.code == ("rows-unreadable" if path.name == "token_configuration.json" else "tron-table")
