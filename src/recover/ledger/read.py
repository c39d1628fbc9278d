"""What heuristics and tracing read of a joined ledger."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Tables in memory; satisfies `recover.sdk.Ledger`."""

    moved: pa.Table
    covered: pa.Table
    named: pa.Table

    def transfers(self) -> pa.Table:
        return self.moved

    def coverage(self) -> pa.Table:
        return self.covered

    def labels(self) -> pa.Table:
        return self.named
