"""Looking up one address among many labels: sorted once, then found by halving, in microseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lookup:
    """Labels in the order of their address. Memory: the columns themselves, and nothing beside."""

    rows: pa.Table
    names: pa.Array

    @classmethod
    def of(cls, rows: pa.Table) -> Lookup:
        """From labels in any order."""
        kept = rows.take(pc.sort_indices(rows.column("address"))).combine_chunks()
        names = kept.column("address").combine_chunks()
        return cls(rows=kept, names=names.chunk(0) if isinstance(names, pa.ChunkedArray) else names)

    def find(self, address: str) -> list[dict[str, Any]]:
        """Every label of the address, on whatever chain."""
        first = self._first(address)
        size, last = len(self.names), first
        while last < size and self.names[last].as_py() == address:
            last += 1
        found: list[dict[str, Any]] = self.rows.slice(first, last - first).to_pylist()
        return found

    def _first(self, address: str) -> int:
        # By bytes, as the column is sorted: UTF-8 keeps the order of code points.
        wanted, low, high = address.encode(), 0, len(self.names)
        while low < high:
            middle = (low + high) // 2
            if self.names[middle].as_py().encode() < wanted:
                low = middle + 1
            else:
                high = middle
        return low
