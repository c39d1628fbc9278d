"""Payments to services: what each address paid into a service's wallets or a hub over its whole life here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.stops import Place
from recover.sdk import amounts

Holding = tuple[str, str]
"""An address and an asset."""

Target = tuple[str, str]
"""A service and "", or "" and an unlabelled hub."""


@dataclass(slots=True, kw_only=True)
class Paid:
    """All value counted, traced or not: in base units, the transactions in order, by wallet, and the exhibits that
    show them."""

    total: int = 0
    transactions: list[str] = field(default_factory=list)
    wallets: dict[str, int] = field(default_factory=dict)
    exhibits: set[int] = field(default_factory=set)

    def add(self, tx: str, wallet: str, amount: int, exhibits: Iterable[int]) -> None:
        self.total += amount
        self.transactions.append(tx)
        self.wallets[wallet] = self.wallets.get(wallet, 0) + amount
        self.exhibits.update(exhibits)

    @property
    def hot(self) -> tuple[str, ...]:
        """The wallets paid, those that had most first."""
        return tuple(sorted(self.wallets, key=lambda name: (-self.wallets[name], name)))


def payments(
    transfers: pa.Table,
    assets: Collection[str],
    targets: Mapping[Place, Target],
    deposits: Collection[Place] = (),
    payers: Collection[Place] = (),
) -> dict[Holding, dict[Target, Paid]]:
    """By payer and asset, then by service or hub, what the ledger shows; `targets` are their wallets.

    What is paid to `deposits`, addresses that a source calls so, is a customer's payment in, and no sweep. Of what
    such a wallet pays only that of `payers` counts.
    """
    names = pa.array(sorted({address for _, address in targets}), pa.string())
    kept = pc.and_(
        pc.is_null(transfers.column("excluded")),
        pc.is_in(transfers.column("asset"), value_set=pa.array(sorted(assets), pa.string())),
    )
    part = transfers.filter(pc.and_(kept, pc.is_in(transfers.column("dst"), value_set=names)))
    part = part.select(["tx", "src", "dst", "asset", "kind", "amount", "wide", "exhibit"])
    found: dict[Holding, dict[Target, Paid]] = {}
    for tx, src, dst, asset, exhibits, amount in [*_between(part), *_gathered(transfers, part)]:
        chain = asset.split("/", 1)[0]
        target = targets.get((chain, dst))
        swept = (chain, dst) not in deposits and ((chain, src) not in targets or (chain, src) in payers)
        if target is not None and src != dst and swept:
            found.setdefault((src, asset), {}).setdefault(target, Paid()).add(tx, dst, amount, exhibits)
    return found


_Row = tuple[str, str, str, str, Collection[int], int]
"""Transaction, payer, wallet, asset, the exhibits that show it, amount."""


def _between(part: pa.Table) -> Iterator[_Row]:
    """On an account chain the chain itself says who paid whom."""
    rows = part.filter(pc.is_valid(part.column("src")))
    columns = (rows.column(name).to_pylist() for name in ("tx", "src", "dst", "asset", "exhibit"))
    for *ends, exhibit, amount in zip(*columns, amounts.exact(rows), strict=True):
        tx, src, dst, asset = ends
        yield tx, src, dst, asset, (exhibit,), amount


def _gathered(transfers: pa.Table, part: pa.Table) -> Iterator[_Row]:
    """On a coin chain each address that a transaction spends from paid its outputs, with at most what it spent."""
    out: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    rows = part.filter(pc.equal(part.column("kind"), "output"))
    columns = (rows.column(name).to_pylist() for name in ("tx", "asset", "dst", "exhibit"))
    for tx, asset, dst, exhibit, amount in zip(*columns, amounts.exact(rows), strict=True):
        out.setdefault((tx, asset), []).append((dst, amount, exhibit))
    ids = pa.array(sorted({tx for tx, _ in out}), pa.string())
    spent = transfers.filter(
        pc.and_(pc.equal(transfers.column("kind"), "input"), pc.is_in(transfers.column("tx"), value_set=ids))
    )
    brought: dict[tuple[str, str, str], tuple[int, set[int]]] = {}
    columns = (spent.column(name).to_pylist() for name in ("tx", "asset", "src", "exhibit"))
    for tx, asset, src, exhibit, amount in zip(*columns, amounts.exact(spent), strict=True):
        if src is not None:
            held, shown = brought.get((tx, asset, src), (0, set()))
            brought[tx, asset, src] = held + amount, {*shown, exhibit}
    for (tx, asset, src), (amount, shown) in brought.items():
        left = amount
        for dst, received, exhibit in out.get((tx, asset), ()):
            yield tx, src, dst, asset, {*shown, exhibit}, min(left, received)
            left -= min(left, received)
