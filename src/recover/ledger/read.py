"""What heuristics and tracing read of a joined ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk.batch import SCHEMAS


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Tables in memory; satisfies `recover.sdk.Ledger`."""

    moved: pa.Table
    covered: pa.Table
    named: pa.Table
    made: pa.Table
    recorded: pa.Table
    stated: pa.Table
    logged: pa.Table = field(default_factory=SCHEMAS["logs"].empty_table)

    def transfers(self) -> pa.Table:
        return self.moved

    def coverage(self) -> pa.Table:
        return self.covered

    def labels(self) -> pa.Table:
        return self.named

    def transactions(self) -> pa.Table:
        return self.made

    def events(self) -> pa.Table:
        return self.recorded

    def states(self) -> pa.Table:
        return self.stated

    def logs(self) -> pa.Table:
        return self.logged


def key(chain: pa.ChunkedArray, address: pa.ChunkedArray) -> pa.ChunkedArray:
    """One text for a chain and an address on it: the same address text on two chains is two addresses."""
    return pc.binary_join_element_wise(chain, address, "\0")


def disputed(moved: pa.Table, sides: Iterable[str]) -> dict[tuple[str, str], set[str]]:
    """By address and asset, the transactions that exhibits disagree on, of those on these sides of a movement."""
    rows = moved.filter(pc.fill_null(pc.equal(moved.column("excluded"), "contradicted"), False))
    found: dict[tuple[str, str], set[str]] = {}
    for row in rows.select(["tx", "src", "dst", "asset"]).to_pylist():
        for address in filter(None, dict.fromkeys(row[side] for side in sides)):
            found.setdefault((address, row["asset"]), set()).add(row["tx"])
    return found


def places(moved: pa.Table) -> pa.Table:
    """Every (chain, address) that the ledger names, once, in order."""
    sides = [moved.select(["chain", name]).rename_columns(["chain", "address"]) for name in ("src", "dst")]
    found = pa.concat_tables(sides).group_by(["chain", "address"], use_threads=False).aggregate([])
    found = found.filter(pc.is_valid(found.column("address")))
    return found.sort_by([("chain", "ascending"), ("address", "ascending")]).combine_chunks()
