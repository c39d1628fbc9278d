"""Payments to services: what each address paid into a service's wallets or a hub over its whole life here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from recover.ledger.spending import spendings
from recover.linking.stops import Place
from recover.sdk import amounts

Holding = tuple[str, str]
"""An address and an asset."""

Target = tuple[str, str]
"""A service and "", or "" and an unlabelled hub."""


@dataclass(slots=True, kw_only=True)
class Paid:
    """All value counted, traced or not: in base units, the transactions in order, by wallet, and the exhibits that
    show them.

    A coin transaction names no payer: there `total` is the most that the address's own coins can have paid, and
    `least` what the coins of others do not suffice for. Each service or hub has its own: they do not add up.
    """

    total: int = 0
    least: int = 0
    transactions: list[str] = field(default_factory=list)
    wallets: dict[str, int] = field(default_factory=dict)
    exhibits: set[int] = field(default_factory=set)

    def add(self, tx: str, wallet: str, amount: int, exhibits: Iterable[int]) -> None:
        """A payment of so much to a wallet; of how much the coins are its own, `count` says."""
        self.transactions.append(tx)
        self.wallets[wallet] = self.wallets.get(wallet, 0) + amount
        self.exhibits.update(exhibits)

    def count(self, least: int, most: int) -> None:
        """What its own coins paid in these payments."""
        self.least += least
        self.total += most

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

    def paid(src: str, dst: str, asset: str) -> Paid | None:
        chain = asset.split("/", 1)[0]
        target = targets.get((chain, dst))
        swept = (chain, dst) not in deposits and ((chain, src) not in targets or (chain, src) in payers)
        if target is None or src == dst or not swept:
            return None
        return found.setdefault((src, asset), {}).setdefault(target, Paid())

    # On an account chain the chain itself says who paid whom.
    rows = part.filter(pc.is_valid(part.column("src")))
    columns = (rows.column(name).to_pylist() for name in ("tx", "src", "dst", "asset", "exhibit"))
    for (tx, src, dst, asset, exhibit), amount in zip(
        zip(*columns, strict=True), amounts.exact(rows), strict=True
    ):
        if (one := paid(src, dst, asset)) is not None:
            one.add(tx, dst, amount, (exhibit,))
            one.count(amount, amount)
    made = part.filter(pc.equal(part.column("kind"), "output")).column("tx").unique().to_pylist()
    for (tx, asset), spending in spendings(transfers, made).items() if made else ():
        chain = asset.split("/", 1)[0]
        outputs = [output for output in spending.outputs if (chain, output[0]) in targets]
        for src in spending.brought if asset in assets else ():
            sums: dict[Target, int] = {}
            for dst, amount, exhibit in outputs if src else ():
                if (one := paid(src, dst, asset)) is not None:
                    one.add(tx, dst, spending.paid({src}, amount)[1], (*spending.exhibits[src], exhibit))
                    target = targets[chain, dst]
                    sums[target] = sums.get(target, 0) + amount
            # Of each service or hub its own: what the coins paid one says nothing of what they paid another.
            for target, amount in sums.items():
                found[src, asset][target].count(*spending.paid({src}, amount))
    return found
