"""Accounts that close: for each wallet of the case, arrived = swept + passed on + at rest, to the unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from recover.findings.material import Material
from recover.sdk import amounts
from recover.sdk.view import OffRamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One address in one asset over its whole history here; exact base units.

    `arrived` + `opening` = `swept` + `passed_on` + `at_rest`. `opening` is what it must have held before the
    first record, zero where the exhibits account for everything. `own` counts its payments to itself, which
    neither arrive nor leave, and `own_amount` sums them.
    """

    address: str
    asset: str
    arrived: int
    opening: int
    swept: int
    passed_on: int
    at_rest: int
    inflows: int
    outflows: int
    own: int = 0
    own_amount: int = 0


def close(material: Material, ramps: Sequence[OffRamp]) -> list[Account]:
    """The accounts of every covered address, in each asset that was traced."""
    traced = {asset for _, asset in material.starts}
    hot = {key: {w for paid in found.values() for w in paid.wallets} for key, found in material.payments.items()}
    # With their chains: the same text on another chain is somebody's who is not asked about.
    wanted = {*material.covered.addresses(), *((r.chain, r.address) for r in ramps)}
    table = material.transfers
    names = pa.array(sorted({address for _, address in wanted}), pa.string())
    mask = pc.and_(
        pc.and_(
            pc.is_null(table.column("excluded")),
            pc.is_in(table.column("asset"), value_set=pa.array(sorted(traced), pa.string())),
        ),
        pc.or_(
            pc.is_in(table.column("src"), value_set=names),
            pc.is_in(table.column("dst"), value_set=names),
        ),
    )
    part = table.filter(mask)
    books: dict[tuple[str, str], _Book] = {}
    columns = (part.column(c).to_pylist() for c in ("chain", "src", "dst", "asset"))
    for chain, src, dst, asset, amount in zip(*columns, amounts.exact(part), strict=True):
        # What an address pays itself neither arrives nor leaves: it is counted apart.
        if src == dst:
            if (chain, src) in wanted:
                books.setdefault((src, asset), _Book()).keep(amount)
            continue
        if (chain, dst) in wanted:
            books.setdefault((dst, asset), _Book()).take(amount)
        if (chain, src) in wanted:
            key = (src, asset)
            books.setdefault(key, _Book()).give(amount, dst in hot.get(key, ()))
    return [
        book.close(address, asset)
        for (address, asset), book in sorted(books.items())
        # Only a history that is known whole can close: otherwise "at rest" would mean "not seen leaving".
        if material.covered.whole(address, asset)
    ]


@dataclass(slots=True)
class _Book:
    """One address in one asset while its movements are counted, in the order of the ledger."""

    arrived: int = 0
    swept: int = 0
    passed: int = 0
    balance: int = 0
    least: int = 0
    inflows: int = 0
    outflows: int = 0
    own: int = 0
    own_amount: int = 0

    def keep(self, amount: int) -> None:
        self.own += 1
        self.own_amount += amount

    def take(self, amount: int) -> None:
        self.arrived += amount
        self.balance += amount
        self.inflows += 1

    def give(self, amount: int, sweep: bool) -> None:
        self.balance -= amount
        # A balance below zero shows what must have been there before the first record.
        self.least = min(self.least, self.balance)
        self.outflows += 1
        if sweep:
            self.swept += amount
        else:
            self.passed += amount

    def close(self, address: str, asset: str) -> Account:
        opening = -self.least
        return Account(
            address=address,
            asset=asset,
            arrived=self.arrived,
            opening=opening,
            swept=self.swept,
            passed_on=self.passed,
            at_rest=opening + self.balance,
            inflows=self.inflows,
            outflows=self.outflows,
            own=self.own,
            own_amount=self.own_amount,
        )


def attach(ramps: Iterable[OffRamp], whole: Sequence[Account]) -> list[OffRamp]:
    """The off-ramps with their addresses' accounts, where these are known whole."""
    known = {(account.address, account.asset): account for account in whole}
    found = []
    for ramp in ramps:
        account = known.get((ramp.address, ramp.asset))
        if account is not None:
            ramp = replace(ramp, whole_in=account.arrived, passed_on=account.passed_on, at_rest=account.at_rest)
        found.append(ramp)
    return found


TABLE = pa.schema(
    [
        ("address", pa.string()),
        ("asset", pa.string()),
        *((n, pa.string()) for n in ("arrived", "opening", "swept", "passed_on", "at_rest")),
        ("inflows", pa.int64()),
        ("outflows", pa.int64()),
        ("own", pa.int64()),
        ("own_amount", pa.string()),
    ]
)


def table(whole: Sequence[Account]) -> pa.Table:
    """As stored: exact amounts as decimal text."""
    rows = [
        {
            "address": a.address,
            "asset": a.asset,
            "arrived": str(a.arrived),
            "opening": str(a.opening),
            "swept": str(a.swept),
            "passed_on": str(a.passed_on),
            "at_rest": str(a.at_rest),
            "inflows": a.inflows,
            "outflows": a.outflows,
            "own": a.own,
            "own_amount": str(a.own_amount),
        }
        for a in whole
    ]
    return pa.Table.from_pylist(rows, schema=TABLE)
