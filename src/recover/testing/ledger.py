"""A ledger in memory, from a few rows: what tests of heuristics read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from recover.ledger.read import Ledger as Rows
from recover.sdk import SCHEMAS, Assertion, Batch, Coverage, amounts, table

START = datetime(2026, 1, 1, tzinfo=UTC)

# The columns that `recover.sdk.Ledger.transfers` promises, and no others: a heuristic may rely on nothing else.
TRANSFERS = pa.schema(
    [
        ("seq", pa.int64()),
        ("chain", pa.string()),
        ("tx", pa.string()),
        ("time", pa.timestamp("us", tz="UTC")),
        ("src", pa.string()),
        ("dst", pa.string()),
        ("asset", pa.string()),
        ("amount", pa.int64()),
        ("wide", pa.binary()),
        ("kind", pa.string()),
        ("excluded", pa.string()),
        ("exhibit", pa.int32()),
        ("place", pa.int64()),
    ]
)


__all__ = ["Rows", "Transfer", "ledger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One movement. What is not given is made: `tx` is T1, T2 ..., `time` a minute after the one before."""

    src: str | None
    dst: str | None
    amount: int
    asset: str = "test:1/slip44:1"
    chain: str = "test:1"
    tx: str = ""
    time: datetime | None = None
    kind: str = "transfer"
    excluded: str | None = None


def ledger(
    transfers: Iterable[Transfer] = (), *, labels: Iterable[Assertion] = (), coverage: Iterable[Coverage] = ()
) -> Rows:
    """Movements in the order given, labels and coverage as one ledger. Raises Error past 2**256 - 1."""
    moved = [_row(seq, each) for seq, each in enumerate(transfers)]
    listed = Batch.of(*labels, *coverage)
    return Rows(
        moved=pa.Table.from_pylist(moved, schema=TRANSFERS),
        covered=SCHEMAS["coverage"].empty_table() if listed.coverage is None else listed.coverage,
        named=table("assertions", []) if listed.assertions is None else listed.assertions,
    )


def _row(seq: int, each: Transfer) -> dict[str, Any]:
    amount, wide = amounts.split(each.amount)
    return {
        "seq": seq,
        "chain": each.chain,
        "tx": each.tx or f"T{seq + 1}",
        "time": each.time or START + timedelta(minutes=seq),
        "src": each.src,
        "dst": each.dst,
        "asset": each.asset,
        "amount": amount,
        "wide": wide,
        "kind": each.kind,
        "excluded": each.excluded,
        "exhibit": 1,
        "place": seq + 1,
    }
