"""What heuristics and tracing read of a joined ledger."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Tables in memory; satisfies `recover.sdk.Ledger`."""

    moved: pa.Table
    covered: pa.Table
    named: pa.Table
    made: pa.Table
    recorded: pa.Table
    stated: pa.Table

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


def addresses(moved: pa.Table) -> pa.Array:
    """Every address that the ledger names."""
    ends = [moved.column(name).unique() for name in ("src", "dst")]
    return pc.drop_null(pa.concat_arrays(ends).unique())
