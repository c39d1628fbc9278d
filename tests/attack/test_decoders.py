"""Inputs that brought a decoder down, or made it work for long: each is refused with an error of the contract."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import cache

import pyarrow as pa
import pytest

from recover.plugins import registry
from recover.plugins.registry import Plugins
from recover.sdk import Error, table
from recover.testing.exhibits import exhibit

TRON_LOG = (
    b'{"block_id":50000011,"block_hash":"0x0000000002faf08b851ed298e6c3ad03421bb625c8ea2bafc07d3a6809c1c572",'
    b'"log_index":4,"address":"0xa614f803b6fd780986a42c78ec9c7f77e6ded13c","data":"0x","topics":[],"tx_hash":"0x'
    + b"ab" * 32
    + b'"}\n'
)


ETL_BLOCK = (
    b'{"number":12,"hash":"0x%b","parent_hash":"0x%b","miner":"0x%ba1","timestamp":1650000000,"transaction_count":1,'
    b'"withdrawals":[{"index":%d,"validator_index":4,"address":"0x%bb2","amount":5}]}'
) % (b"c" * 64, b"d" * 64, b"0" * 38, 2**255, b"0" * 38)

SIZE = 50 * 10**6 if os.environ.get("RECOVER_ATTACKS") == "all" else 5 * 10**6
"""Bytes of what sheets stumble over: in the suite a tenth."""


@cache
def plugins() -> Plugins:
    return registry.load()


def decoded(source: str, data: bytes) -> Iterator[pa.Table]:
    for batch in plugins().source(source).decode(exhibit("hostile", data)):
        yield from batch.tables().values()


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("bitcoin-core-json", b'{"txid":"00","vout":[],"a":1e99999999999999999999}'),
        ("bitcoin-esplora", b"1e99999999999999999999"),
        ("ethereum-etl", ETL_BLOCK),
        ("bitcoin-esplora-json", b'[{"txid":"00","a":-1E+99999999999999999999}]'),
        *(
            ("bitcoin-core-json", b'{"hex":"00","vout":[{"scriptPubKey":{"addresses":%b}}]}' % listed)
            for listed in (b"1.5", b"1", b'"a"', b"true", b'{"a":1}')
        ),
    ],
)
def test_an_answer_that_brought_a_decoder_down(source: str, data: bytes) -> None:
    with pytest.raises(Error):
        list(decoded(source, data))


@pytest.mark.parametrize(
    ("source", "head"),
    [("tron-logs", TRON_LOG), ("tron-logs", b""), ("bitcoin-etl", b""), ("graphsense-evm", b"{}")],
)
@pytest.mark.parametrize("unit", [b"\n", b"\r\n", b" \t\n"])
def test_blank_lines_cost_next_to_nothing(source: str, head: bytes, unit: bytes) -> None:
    began = time.process_time()
    try:
        list(decoded(source, head + unit * (50 * 10**6 // len(unit))))
    except Error:
        assert source != "tron-logs" or not head
    assert time.process_time() - began < 5


ETHERSCAN = (
    b'"Transaction Hash","Blockno","UnixTimestamp","DateTime (UTC)","From","To","ContractAddress","Value_IN(ETH)",'
    b'"Value_OUT(ETH)","TxnFee(ETH)","Status","ErrCode","Method"\n'
)
TRONSCAN = b"Txn Hash,Block,Time(UTC),From,To,Token,Token Symbol,Amount/TokenID,Result,Status\n"
LABELS = b"#recover-labels 1\n#source: s\n#grade: C\nchain,address,service,label,role,category\n"


@pytest.mark.parametrize(
    ("source", "head"), [("evm-explorer-csv", ETHERSCAN), ("tronscan-csv", TRONSCAN), ("labels-csv", LABELS)]
)
@pytest.mark.parametrize("unit", [b"x\n", b"a,\n", b"\n", b",,\n", b"9", b'"', b"- &a [*a]\n", b"\r", b"\0"])
def test_a_sheet_of_rubbish_is_refused_soon(source: str, head: bytes, unit: bytes) -> None:
    began = time.process_time()
    why = ""
    try:
        assert not any(rows.num_rows for rows in decoded(source, head + unit * (SIZE // len(unit))))
    except Error as error:
        why = error.why
    assert time.process_time() - began < 5
    assert len(why) < 4000


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("evm-explorer-csv", ETHERSCAN.replace(b'"TxnFee(ETH)"', b"") + b",".join([b'"1"'] * 13)),
        ("evm-explorer-csv", ETHERSCAN.replace(b'"Value_OUT(ETH)"', b"") + b",".join([b'"1"'] * 13)),
        *(
            ("evm-explorer-file", b'{"message":"OK","result":%b}' % listed)
            for listed in (b'"2024"', b"1", b"{}", b"[1]")
        ),
        ("labels-csv", b'#recover-labels 1\n#source: s\n#grade: C\na\rb"\n'),
        ("labels-csv", b"#recover-labels 1\n#source: s\n#grade: C\n" + b'"' * 200_000),
    ],
)
def test_a_list_that_brought_a_decoder_down(source: str, data: bytes) -> None:
    with pytest.raises(Error):
        list(decoded(source, data))


@pytest.mark.parametrize("number", [2**63, 2**64, 10**70])
def test_a_height_that_no_column_holds(number: int) -> None:
    with pytest.raises(Error):
        table("transactions", [{"chain": "toy:1", "id": "a", "place": 0, "whole": True, "height": number}])
