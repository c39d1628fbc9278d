"""The ledger with its addresses numbered, as the tracing engine takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.case import Case, tables
from recover.sdk import amounts
from recover.stages import link
from recover.tracing import Reason


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Numbered:
    """The ledger with its addresses numbered: `src` and `dst` int32, -1 for no party."""

    table: pa.Table
    names: list[str]
    numbers: Mapping[str, int]
    src: NDArray[np.int32]
    dst: NDArray[np.int32]
    stop: NDArray[np.uint8]
    covered: Mapping[str, frozenset[str | None]]

    @classmethod
    def of(cls, case: Case) -> Numbered:
        table = tables.read(case, "transfers")
        names = sorted(link.addresses(table).to_pylist())
        values = pa.array(names, pa.string())

        def side(name: str) -> NDArray[np.int32]:
            found = pc.index_in(table.column(name), value_set=values)
            numbers: NDArray[np.int32] = pc.fill_null(found, -1).to_numpy()
            return numbers.astype(np.int32)

        numbers = {name: number for number, name in enumerate(names)}
        stop = np.zeros(len(names), np.uint8)
        asserted = tables.read(case, "assertions")
        for address, reason in link.stops(tables.read(case, "labels"), asserted):
            number = numbers.get(address)
            if number is not None and not stop[number]:
                stop[number] = Reason[reason]
        covered: dict[str, set[str | None]] = {}
        for row in unbounded(tables.read(case, "coverage")):
            covered.setdefault(row["address"] or "", set()).add(row["asset"])
        return cls(
            table=table,
            names=names,
            numbers=numbers,
            src=side("src"),
            dst=side("dst"),
            stop=stop,
            covered={name: frozenset(assets) for name, assets in covered.items()},
        )

    def known(self, asset: str) -> NDArray[np.bool_]:
        """Which addresses' histories of `asset` are here whole."""

        def whole(name: str) -> bool:
            return bool(self.covered.get(name, frozenset()) & {None, asset})

        if whole(""):
            return np.ones(len(self.names), np.bool_)
        known = np.zeros(len(self.names), np.bool_)
        for name in self.covered:
            if name in self.numbers and whole(name):
                known[self.numbers[name]] = True
        return known


def unbounded(coverage: pa.Table) -> list[dict[str, Any]]:
    """The claims to hold a whole history: one that ends at a date does not say what came before or after."""
    return [row for row in coverage.to_pylist() if row["since"] is None and row["until"] is None]


def exact_amounts(part: pa.Table) -> list[int]:
    """The exact integers of a table's amount and wide columns."""
    pairs = zip(part.column("amount").to_pylist(), part.column("wide").to_pylist(), strict=True)
    return [amounts.join(amount, wide) for amount, wide in pairs]
