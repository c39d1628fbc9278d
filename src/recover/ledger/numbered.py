"""The ledger with its addresses numbered, as the tracing engine takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.case import Case, derived
from recover.ledger import forms
from recover.ledger.coverage import Covered
from recover.ledger.forms import Forms
from recover.ledger.read import key, places


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Numbered:
    """The ledger with its addresses numbered: `src` and `dst` int32, -1 for no party.

    A number stands for one address on one chain: `names` and `chains` say which, `numbers` is the way back.
    `forms` says which other addresses here the key of an address opens. `memos` are
    the wallets of services at which a memo says whose a deposit is, `deposits` those that a source calls deposit
    addresses: there a service credits a customer, whoever paid it in.
    `coins` are the assets of coin chains, `mixes` the transactions, each with its chain, in which a trace stops.
    """

    table: pa.Table
    names: list[str]
    chains: list[str]
    numbers: Mapping[tuple[str, str], int]
    src: NDArray[np.int32]
    dst: NDArray[np.int32]
    stop: NDArray[np.uint8]
    covered: Covered
    coins: frozenset[str]
    mixes: frozenset[tuple[str, str]]
    forms: Forms
    memos: frozenset[int]
    deposits: frozenset[int]
    _known: dict[str, NDArray[np.bool_]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, case: Case, stops: Iterable[tuple[str, str, int]], mixes: frozenset[tuple[str, str]]) -> Numbered:
        """The ledger of a case. `stops`: (chain, address, code of a reason); the first of one address counts."""
        table = derived.read(case, "transfers")
        # By their text, not by their arrival: the same ledger gives the same numbers, and results in the same
        # order.
        known = places(table)
        names, chains = known.column("address").to_pylist(), known.column("chain").to_pylist()
        keys = key(known.column("chain"), known.column("address"))

        def side(name: str) -> NDArray[np.int32]:
            found = pc.index_in(key(table.column("chain"), table.column(name)), value_set=keys)
            numbers: NDArray[np.int32] = pc.fill_null(found, -1).to_numpy()
            return numbers.astype(np.int32)

        numbers = {place: number for number, place in enumerate(zip(chains, names, strict=True))}
        stop = np.zeros(len(names), np.uint8)
        for chain, address, reason in stops:
            number = numbers.get((chain, address))
            if number is not None and not stop[number]:
                stop[number] = reason
        told = derived.read(case, "memos").to_pylist()
        return cls(
            table=table,
            names=names,
            chains=chains,
            numbers=numbers,
            src=side("src"),
            dst=side("dst"),
            stop=stop,
            covered=Covered.of(case),
            coins=_coins(table),
            mixes=mixes,
            forms=forms.read(derived.read(case, "forms")),
            memos=frozenset(numbers[_place(row)] for row in told if _place(row) in numbers),
            deposits=_deposits(derived.read(case, "labels"), numbers),
        )

    def at(self, chain: str, address: str) -> list[str]:
        """The addresses here that are meant by one: itself, and those that the same key opens."""
        named = dict.fromkeys((address, *self.forms.get((chain, address), ())))
        return [name for name in named if (chain, name) in self.numbers]

    def tied(self, asset: str) -> bool:
        """Whether any movement of `asset` that is followed shares its place with another, in an assumed order."""
        rows = pc.and_(pc.equal(self.table.column("asset"), asset), pc.is_null(self.table.column("excluded")))
        return bool(pc.any(pc.and_(rows, pc.is_valid(self.table.column("tie")))).as_py())

    def known(self, asset: str) -> NDArray[np.bool_]:
        """Which addresses' histories of `asset` are here whole; not to be written to, as it is worked out once."""
        if asset not in self._known:
            self._known[asset] = self._whole(asset)
            self._known[asset].flags.writeable = False
        return self._known[asset]

    def _whole(self, asset: str) -> NDArray[np.bool_]:
        chain = asset.split("/", 1)[0]
        if self.covered.everywhere(asset):
            known = np.ones(len(self.names), np.bool_)
            unshown = (place for place in self.covered.unshown if place[0] == chain and place in self.numbers)
            known[[self.numbers[place] for place in unshown]] = False
            return known
        known = np.zeros(len(self.names), np.bool_)
        here = (place for place in self.covered.addresses(chain) if self.covered.whole(place[1], asset))
        known[[self.numbers[place] for place in here if place in self.numbers]] = True
        return known


def _place(row: Mapping[str, str]) -> tuple[str, str]:
    return row["chain"], row["address"]


def _deposits(labels: pa.Table, numbers: Mapping[tuple[str, str], int]) -> frozenset[int]:
    said = labels.filter(pc.equal(labels.column("role"), "deposit")).select(["chain", "address"]).to_pylist()
    return frozenset(numbers[_place(row)] for row in said if _place(row) in numbers)


def _coins(table: pa.Table) -> frozenset[str]:
    kinds = pa.array(["input", "output"], pa.string())
    spent = table.filter(pc.is_in(table.column("kind"), value_set=kinds))
    return frozenset(spent.column("asset").unique().to_pylist())
