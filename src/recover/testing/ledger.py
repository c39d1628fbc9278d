"""A ledger in memory, from a few rows or joined as the core joins: what tests of heuristics read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from recover.case import derived
from recover.ledger import Part, build
from recover.ledger.read import Ledger as Rows
from recover.sdk import SCHEMAS, Assertion, Asset, Batch, Coverage, Event, Log, State, amounts
from recover.sdk.batch import Record

START = datetime(2026, 1, 1, tzinfo=UTC)

# The columns that `recover.sdk.Ledger.transfers` promises, and no others: a heuristic may rely on nothing else.
TRANSFERS = pa.schema(
    [
        ("seq", pa.int64()),
        ("chain", pa.string()),
        ("tx", pa.string()),
        ("time", pa.timestamp("us", tz="UTC")),
        ("height", pa.int64()),
        ("leg", pa.int64()),
        ("src", pa.string()),
        ("dst", pa.string()),
        ("asset", pa.string()),
        ("amount", pa.int64()),
        ("wide", pa.binary()),
        ("kind", pa.string()),
        ("spends_tx", pa.string()),
        ("spends_index", pa.int64()),
        ("excluded", pa.string()),
        ("exhibit", pa.int32()),
        ("place", pa.int64()),
    ]
)


# The columns that `recover.sdk.Ledger.transactions` promises, and no others.
TRANSACTIONS = pa.schema(
    [
        ("chain", pa.string()),
        ("id", pa.string()),
        ("time", pa.timestamp("us", tz="UTC")),
        ("height", pa.int64()),
        ("index", pa.int64()),
        ("failed", pa.bool_()),
        ("whole", pa.bool_()),
        ("block", pa.string()),
        ("proof", pa.string()),
        ("facts", pa.string()),
    ]
)


__all__ = ["Rows", "Transfer", "decoded", "joined", "ledger"]


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
    height: int | None = None
    leg: int | None = None
    facts: str = "{}"


def ledger(
    transfers: Iterable[Transfer] = (),
    *,
    labels: Iterable[Assertion] = (),
    coverage: Iterable[Coverage] = (),
    events: Iterable[Event] = (),
    states: Iterable[State] = (),
    logs: Iterable[Log] = (),
) -> Rows:
    """Movements in the order given, and what else is known, as one ledger. Raises Error past 2**256 - 1.

    A transaction has the time, the height and the facts of its first movement. For coin chains, see `joined`.
    """
    given = list(transfers)
    moved = [_row(seq, each) for seq, each in enumerate(given)]
    listed = Batch.of(*labels, *coverage, *events, *states, *logs)
    first = {
        row["tx"]: {**row, "facts": each.facts} for row, each in reversed(list(zip(moved, given, strict=True)))
    }
    made = [
        {"whole": False, "failed": False, "proof": "reported", "id": tx}
        | {name: first[tx][name] for name in ("chain", "time", "height", "facts")}
        for tx in dict.fromkeys(row["tx"] for row in moved)
    ]
    return Rows(
        moved=pa.Table.from_pylist(moved, schema=TRANSFERS),
        covered=_or_empty("coverage", listed.coverage),
        named=_or_empty("assertions", listed.assertions),
        made=pa.Table.from_pylist(made, schema=TRANSACTIONS),
        recorded=_placed(_or_empty("events", listed.events), first),
        stated=_numbered(_or_empty("states", listed.states)),
        logged=_placed(_or_empty("logs", listed.logs), first),
    )


def joined(*records: Record, labels: Iterable[Assertion] = (), registered: Iterable[Asset] = ()) -> Rows:
    """The ledger that the core makes of these records, as if one exhibit held them: for coin chains above all.

    `registered` are the assets that a chain lists; every other asset that moves is taken as named by a loss.
    """
    return decoded([[Batch.of(*records)]], labels=labels, registered=registered)


def decoded(
    exhibits: Iterable[Iterable[Batch]],
    *,
    labels: Iterable[Assertion] = (),
    registered: Iterable[Asset] = (),
) -> Rows:
    """The same of exhibits, each as the batches that a source makes of it."""
    # Through files and the core's own join, so that a test meets the ledger that a case would have.
    parts, moving = [], set[str]()
    with tempfile.TemporaryDirectory(prefix="recover-testing-") as spot:
        for number, batches in enumerate(exhibits, start=1):
            folder = Path(spot) / str(number)
            folder.mkdir()
            pieces: dict[str, list[pa.Table]] = {}
            for batch in batches:
                for name, found in batch.tables().items():
                    pieces.setdefault(name, []).append(found)
            for name, tables in pieces.items():
                derived.write(folder, name, pa.concat_tables(tables))
            legs = pieces.get("legs", [])
            moving |= {asset for found in legs for asset in found["asset"].unique().to_pylist()}
            parts.append(Part(exhibit=number, digest=f"{number:064x}", source="testing", folder=folder))
        made = build(parts, {asset.id: asset for asset in registered}, frozenset(moving))
    return Rows(
        moved=made.transfers,
        covered=made.coverage,
        named=_or_empty("assertions", Batch.of(*labels).assertions),
        made=made.transactions,
        recorded=made.events,
        stated=made.states,
        logged=made.logs,
    )


def _or_empty(name: str, found: pa.Table | None) -> pa.Table:
    return SCHEMAS[name].empty_table() if found is None else found


def _placed(events: pa.Table, first: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    rows = [first.get(tx, {}) for tx in events.column("tx").to_pylist()]
    times = pa.array([row.get("time") for row in rows], pa.timestamp("us", tz="UTC"))
    heights = pa.array([row.get("height") for row in rows], pa.int64())
    return _numbered(events.append_column("time", times).append_column("height", heights))


def _numbered(found: pa.Table) -> pa.Table:
    return found.append_column("exhibit", pa.array([1] * found.num_rows, pa.int32()))


def _row(seq: int, each: Transfer) -> dict[str, Any]:
    amount, wide = amounts.split(each.amount)
    return {
        "seq": seq,
        "chain": each.chain,
        "tx": each.tx or f"T{seq + 1}",
        "time": each.time or START + timedelta(minutes=seq),
        "height": each.height,
        "leg": each.leg,
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
