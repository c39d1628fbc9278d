"""Spending: whose coins a coin transaction spends, and between what bounds these can have paid its outputs.

A coin transaction names no payer of an output. Of the coins of some addresses no more paid some outputs than these
addresses brought, nor than the outputs are; and no less than what the coins of others do not suffice for. Both are
facts of the transaction: no order of inputs or outputs, and so no rule of tracing, moves them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import amounts
from recover.sdk.view import OffRamp

Key = tuple[str, str]
"""A transaction and an asset; or a chain and a transaction."""


@dataclass(slots=True, kw_only=True)
class Spending:
    """Of one transaction in one asset, in base units: what the coins of each address brought, under "" those of
    whom no exhibit names, and by what exhibits; its outputs as (address, amount, exhibit), in their order.

    `unknown` are those of whom it spends a coin of unknown worth: what they brought is the least.
    """

    brought: dict[str, int] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    exhibits: dict[str, set[int]] = field(default_factory=dict)
    outputs: list[tuple[str, int, int]] = field(default_factory=list)

    def to(self, wallets: Collection[str]) -> list[int]:
        """The outputs to these addresses."""
        return [amount for address, amount, _ in self.outputs if address in wallets]

    def paid(self, payers: Collection[str], amount: int) -> tuple[int, int]:
        """The least and the most that the coins of these addresses paid of outputs of so much."""
        mine = sum(n for address, n in self.brought.items() if address in payers)
        others = sum(self.brought.values()) - mine
        # Coins of unknown worth can have paid all of it.
        least = 0 if self.unknown - {*payers} else max(0, amount - others)
        most = amount if self.unknown & {*payers} else min(mine, amount)
        return min(least, most), most

    def alone(self, payers: Collection[str]) -> bool:
        """Whether it spends no coins of anybody else."""
        return {address for address, n in self.brought.items() if n} | self.unknown <= {*payers}


def spenders(transfers: pa.Table) -> dict[Key, tuple[str, ...]]:
    """By chain and coin transaction, all addresses whose coins it spends, in order, one empty for those of whom no
    exhibit names."""
    spent = transfers.filter(pc.equal(transfers.column("kind"), "input"))
    columns = (spent.column(name).to_pylist() for name in ("chain", "tx", "src"))
    found: dict[Key, dict[str, None]] = {}
    for chain, tx, src in zip(*columns, strict=True):
        found.setdefault((chain, tx), {})[src or ""] = None
    return {key: tuple(names) for key, names in found.items()}


def spendings(transfers: pa.Table, ids: Iterable[str]) -> dict[Key, Spending]:
    """By transaction and asset, those of `ids` that spend coins or make outputs."""
    wanted = pc.and_(
        pc.is_in(transfers.column("tx"), value_set=pa.array(sorted({*ids}), pa.string())),
        pc.is_in(transfers.column("kind"), value_set=pa.array(["input", "output"])),
    )
    part = transfers.filter(pc.and_(wanted, pc.is_null(transfers.column("excluded"))))
    names = ("tx", "asset", "kind", "src", "dst", "exhibit")
    columns = (part.column(name).to_pylist() for name in names)
    found: dict[Key, Spending] = {}
    shown = pc.or_(pc.is_valid(part.column("amount")), pc.is_valid(part.column("wide"))).to_pylist()
    worth = iter(amounts.exact(part.filter(pa.array(shown, pa.bool_()))))
    for (tx, asset, kind, src, dst, exhibit), known in zip(zip(*columns, strict=True), shown, strict=True):
        here, amount = found.setdefault((tx, asset), Spending()), next(worth) if known else 0
        if kind == "output":
            here.outputs.append((dst or "", amount, exhibit))
            continue
        if not known:
            here.unknown.add(src or "")
        here.brought[src or ""] = here.brought.get(src or "", 0) + amount
        here.exhibits.setdefault(src or "", set()).add(exhibit)
    for one in found.values():
        # Inputs that no exhibit shows, where the shown do not suffice.
        lacking = sum(n for _, n, _ in one.outputs) - sum(one.brought.values())
        if lacking > 0 and not one.unknown:
            one.brought[""] = one.brought.get("", 0) + lacking
    return found


def paid_in_all(
    rows: Sequence[OffRamp], transfers: pa.Table, beyond: Mapping[str, Collection[str]] | None = None
) -> tuple[int, int]:
    """What these places paid at most to the wallets of their rows, all value counted, in base units, and in how
    many payments; all rows of one asset. `beyond`: by address that a source gives to the service, whose row names
    no wallets but itself, those that it paid.

    Where one coin transaction spends coins of several of the places, its outputs count once, and no more of them
    than the places brought: where they alone paid them, that is what they are.
    """
    total, count = sum(row.swept for row in rows), sum(row.sweeps for row in rows)
    by = dict[str, list[OffRamp]]()
    for row in rows:
        for tx in row.sweep_transactions:
            by.setdefault(tx, []).append(row)
    shared = {tx for tx, mine in by.items() if len(mine) > 1}
    known = spendings(transfers, shared) if shared else {}
    if not known:
        return total, count
    # All transactions of a row that shares one are counted anew: it says only what it paid in all of them.
    anew = [row for row in rows if not shared.isdisjoint(row.sweep_transactions)]
    known = spendings(transfers, {tx for row in anew for tx in row.sweep_transactions})
    most = total - sum(row.swept for row in anew)
    times = count - sum(row.sweeps for row in anew)
    for (tx, asset), one in known.items():
        mine = [row for row in by[tx] if row.asset == asset]
        payers = {row.through for row in mine}
        wallets = {wallet for row in mine for wallet in (*row.hot_wallets, *(beyond or {}).get(row.through, ()))}
        outputs = one.to(wallets - payers)
        most += one.paid(payers, sum(outputs))[1]
        times += len(outputs)
    return min(total, most), min(count, times)
