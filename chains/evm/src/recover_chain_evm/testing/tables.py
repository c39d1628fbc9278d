"""Exported tables of one invented block: its rows by kind, and the forms in which tools write them."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from recover_chain_evm import dialects

A, B, C, TOKEN = ("0x" + f"{n:040x}" for n in (0xA1, 0xB2, 0xC3, 0xEE))
TX, OTHER, HASH, PARENT = ("0x" + c * 64 for c in "abcd")
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


def word(value: str | int) -> str:
    return (f"{value:x}" if isinstance(value, int) else value[2:]).rjust(64, "0")


BLOCK = {
    "number": 12,
    "hash": HASH,
    "parent_hash": PARENT,
    "miner": A,
    "timestamp": 1_650_000_000,
    "transaction_count": 1,
    "withdrawals": json.dumps([{"index": 3, "validator_index": 4, "address": B, "amount": 5}]),
}
TRANSACTION = {
    "hash": TX,
    "nonce": 0,
    "block_hash": HASH,
    "block_number": 12,
    "transaction_index": 1,
    "from_address": A,
    "to_address": B,
    "value": 100,
    "gas": 21000,
    "gas_price": 7,
    "input": "0x",
    "block_timestamp": 1_650_000_000,
    "transaction_type": 2,
}
RECEIPT = {
    "transaction_hash": TX,
    "transaction_index": 1,
    "block_hash": HASH,
    "block_number": 12,
    "cumulative_gas_used": 21000,
    "gas_used": 21000,
    "contract_address": "",
    "root": "",
    "status": 1,
    "effective_gas_price": 7,
}
LOG = {
    "log_index": 4,
    "transaction_hash": TX,
    "transaction_index": 1,
    "block_hash": HASH,
    "block_number": 12,
    "address": TOKEN,
    "data": "0x" + word(9),
    "topics": f"{TRANSFER},0x{word(A)},0x{word(B)}",
}
TOKENS = {
    "token_address": TOKEN,
    "from_address": A,
    "to_address": B,
    "value": 9,
    "transaction_hash": TX,
    "log_index": 4,
    "block_number": 12,
}
TRACE = {
    "block_number": 12,
    "transaction_hash": TX,
    "transaction_index": 1,
    "from_address": A,
    "to_address": B,
    "value": 100,
    "input": "0x",
    "output": "0x",
    "trace_type": "call",
    "call_type": "call",
    "reward_type": "",
    "gas": 1,
    "gas_used": 1,
    "subtraces": 1,
    "trace_address": "",
    "error": "",
    "status": 1,
    "trace_id": f"call_{TX}_",
}
INNER = {
    **TRACE,
    "from_address": B,
    "to_address": C,
    "value": 30,
    "trace_address": "0",
    "trace_id": f"call_{TX}_0",
}
TABLES: dict[str, list[dict[str, Any]]] = {
    "blocks": [BLOCK],
    "transactions": [TRANSACTION],
    "receipts": [RECEIPT],
    "logs": [LOG],
    "token_transfers": [TOKENS],
    "traces": [TRACE, INNER],
}


def sheet(listed: list[dict[str, Any]]) -> bytes:
    def cell(value: Any) -> str:
        text = str(value)
        return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text

    lines = [",".join(listed[0]), *(",".join(cell(v) for v in row.values()) for row in listed)]
    return ("\n".join(lines) + "\n").encode()


def lines(listed: list[dict[str, Any]]) -> bytes:
    def plain(row: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {
            key: None if value == "" and key != "trace_address" else value for key, value in row.items()
        }
        if "topics" in made:
            made["topics"] = made["topics"].split(",")
        if made.get("withdrawals"):
            made["withdrawals"] = json.loads(made["withdrawals"])
        return made

    return b"".join(json.dumps(plain(row)).encode() + b"\n" for row in listed)


def parquet(listed: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([json.loads(line) for line in lines(listed).splitlines()]), sink)
    return sink.getvalue()


def snake(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A table of ethereum-etl under GraphSense's names."""
    names = {"block_number": "block_id", "number": "block_id", "transaction_hash": "tx_hash", "hash": "block_hash"}
    own = {**names, "hash": "tx_hash"} if "nonce" in listed[0] else names
    extra = {"trace_index": 0} if "trace_id" in listed[0] else {}
    return [{own.get(key, key): value for key, value in row.items()} | extra for row in listed]


def camel(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{dialects._camel(key): value for key, value in row.items()} for row in snake(listed)]


GRAPHSENSE = ("blocks", "transactions", "logs", "traces")
