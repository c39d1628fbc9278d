"""The files that exporters write: which columns each kind of file has, and what the decoders call them.

`ethereum-etl` writes one table a file (CSV, JSON lines, Parquet), or all kinds in one stream of JSON lines with a
`type`. `graphsense` is the form in which the GraphSense tools hand on the same tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of table. `names` are the decoders' names and the file's; `needs` are columns that it must have."""

    kind: str
    names: Mapping[str, str]
    needs: tuple[str, ...]

    def fits(self, columns: Iterable[str]) -> bool:
        """Whether a table with these columns is of this kind."""
        return set(self.needs) <= set(columns)


_SENT = {
    "sender": "from_address",
    "called": "to_address",
    "value": "value",
    "nonce": "nonce",
    "input": "input",
    "type": "transaction_type",
    "position": "transaction_index",
    "block": "block_hash",
    "time": "block_timestamp",
    "status": "receipt_status",
    "created": "receipt_contract_address",
    "gas_used": "receipt_gas_used",
    "price": "gas_price",
    "paid": "receipt_effective_gas_price",
    "l1_fee": "receipt_l1_fee",
}
"""Columns of transactions that both writers name alike."""

_ETL = (
    Shape(
        kind="token_transfers",
        needs=("token_address", "from_address", "to_address", "value", "transaction_hash", "log_index"),
        names={
            "tx": "transaction_hash",
            "contract": "token_address",
            "src": "from_address",
            "dst": "to_address",
            "value": "value",
            "index": "log_index",
            "height": "block_number",
            "block": "block_hash",
            "time": "block_timestamp",
        },
    ),
    Shape(
        kind="traces",
        needs=("trace_type", "from_address", "to_address", "value", "transaction_hash"),
        names={
            "tx": "transaction_hash",
            "trace_id": "trace_id",
            "trace_type": "trace_type",
            "call_type": "call_type",
            "path": "trace_address",
            "src": "from_address",
            "dst": "to_address",
            "value": "value",
            "status": "status",
            "error": "error",
            "height": "block_number",
            "position": "transaction_index",
        },
    ),
    Shape(
        kind="logs",
        needs=("log_index", "transaction_hash", "address", "data", "topics"),
        names={
            "tx": "transaction_hash",
            "contract": "address",
            "topics": "topics",
            "data": "data",
            "index": "log_index",
            "height": "block_number",
            "position": "transaction_index",
            "block": "block_hash",
            "time": "block_timestamp",
        },
    ),
    Shape(
        kind="receipts",
        needs=("transaction_hash", "cumulative_gas_used", "gas_used", "status"),
        names={
            "tx": "transaction_hash",
            "created": "contract_address",
            "status": "status",
            "gas_used": "gas_used",
            "price": "effective_gas_price",
            "blob_gas": "blob_gas_used",
            "blob_price": "blob_gas_price",
            "l1_fee": "l1_fee",
            "height": "block_number",
            "position": "transaction_index",
            "block": "block_hash",
        },
    ),
    Shape(
        kind="transactions",
        needs=("hash", "nonce", "block_number", "from_address", "to_address", "value", "gas_price"),
        names={
            **_SENT,
            "tx": "hash",
            "height": "block_number",
            "blob_gas": "receipt_blob_gas_used",
            "blob_price": "receipt_blob_gas_price",
        },
    ),
    Shape(
        kind="blocks",
        needs=("number", "hash", "parent_hash", "timestamp", "miner"),
        names={
            "block": "hash",
            "parent": "parent_hash",
            "height": "number",
            "time": "timestamp",
            "withdrawals": "withdrawals",
        },
    ),
)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


_GRAPHSENSE_SNAKE = (
    Shape(
        kind="traces",
        needs=("trace_id", "trace_index", "from_address", "to_address", "value", "status", "call_type", "tx_hash"),
        names={
            "tx": "tx_hash",
            "trace_id": "trace_id",
            "trace_type": "trace_type",
            "call_type": "call_type",
            "path": "trace_address",
            "src": "from_address",
            "dst": "to_address",
            "value": "value",
            "status": "status",
            "error": "error",
            "height": "block_id",
            "position": "transaction_index",
        },
    ),
    Shape(
        kind="logs",
        needs=("block_id", "log_index", "address", "data", "topics", "tx_hash"),
        names={
            "tx": "tx_hash",
            "contract": "address",
            "topics": "topics",
            "data": "data",
            "index": "log_index",
            "height": "block_id",
            "position": "transaction_index",
            "block": "block_hash",
        },
    ),
    Shape(
        kind="transactions",
        needs=(
            "tx_hash",
            "nonce",
            "block_id",
            "from_address",
            "to_address",
            "value",
            "gas_price",
            "block_timestamp",
        ),
        names={
            **_SENT,
            "tx": "tx_hash",
            "height": "block_id",
        },
    ),
    Shape(
        kind="blocks",
        needs=("block_id", "block_hash", "parent_hash", "miner", "timestamp"),
        names={
            "block": "block_hash",
            "parent": "parent_hash",
            "height": "block_id",
            "time": "timestamp",
            "withdrawals": "withdrawals",
        },
    ),
)


def _in_camel(shape: Shape) -> Shape:
    names = {name: _camel(column) for name, column in shape.names.items()}
    return Shape(kind=shape.kind, names=names, needs=tuple(_camel(column) for column in shape.needs))


ETL = _ETL
GRAPHSENSE = (*_GRAPHSENSE_SNAKE, *map(_in_camel, _GRAPHSENSE_SNAKE))


def shape_of(shapes: Iterable[Shape], columns: Iterable[str]) -> Shape | None:
    """The first kind of table that these columns fit, None where there is none."""
    listed = set(columns)
    return next((shape for shape in shapes if shape.fits(listed)), None)
