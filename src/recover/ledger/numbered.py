"""The ledger with its addresses numbered, as the tracing engine takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.case import Case, derived
from recover.ledger.coverage import Covered
from recover.ledger.read import addresses


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Numbered:
    """The ledger with its addresses numbered: `src` and `dst` int32, -1 for no party.

    `coins` are the assets of coin chains, `mixes` the transactions in which a trace stops.
    """

    table: pa.Table
    names: list[str]
    numbers: Mapping[str, int]
    src: NDArray[np.int32]
    dst: NDArray[np.int32]
    stop: NDArray[np.uint8]
    covered: Covered
    coins: frozenset[str]
    mixes: frozenset[str]

    @classmethod
    def of(cls, case: Case, stops: Iterable[tuple[str, int]], mixes: frozenset[str]) -> Numbered:
        """The ledger of a case. `stops`: addresses with the code of a reason; the first of one address counts."""
        table = derived.read(case, "transfers")
        names = sorted(addresses(table).to_pylist())
        values = pa.array(names, pa.string())

        def side(name: str) -> NDArray[np.int32]:
            found = pc.index_in(table.column(name), value_set=values)
            numbers: NDArray[np.int32] = pc.fill_null(found, -1).to_numpy()
            return numbers.astype(np.int32)

        numbers = {name: number for number, name in enumerate(names)}
        stop = np.zeros(len(names), np.uint8)
        for address, reason in stops:
            number = numbers.get(address)
            if number is not None and not stop[number]:
                stop[number] = reason
        return cls(
            table=table,
            names=names,
            numbers=numbers,
            src=side("src"),
            dst=side("dst"),
            stop=stop,
            covered=Covered.of(case),
            coins=_coins(table),
            mixes=mixes,
        )

    def tied(self, asset: str) -> bool:
        """Whether any movement of `asset` that is followed shares its place with another, in an assumed order."""
        rows = pc.and_(pc.equal(self.table.column("asset"), asset), pc.is_null(self.table.column("excluded")))
        return bool(pc.any(pc.and_(rows, pc.is_valid(self.table.column("tie")))).as_py())

    def known(self, asset: str) -> NDArray[np.bool_]:
        """Which addresses' histories of `asset` are here whole."""
        if self.covered.everywhere(asset):
            return np.ones(len(self.names), np.bool_)
        known = np.zeros(len(self.names), np.bool_)
        here = (name for name in self.covered.addresses if self.covered.whole(name, asset))
        known[[self.numbers[name] for name in here if name in self.numbers]] = True
        return known


def _coins(table: pa.Table) -> frozenset[str]:
    kinds = pa.array(["input", "output"], pa.string())
    spent = table.filter(pc.is_in(table.column("kind"), value_set=kinds))
    return frozenset(spent.column("asset").unique().to_pylist())
