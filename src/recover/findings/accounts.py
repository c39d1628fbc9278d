"""Accounts that close: for each wallet of the case, arrived = swept + passed on + at rest, to the unit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.case import Case
from recover.findings.material import Material, at
from recover.ledger.read import disputed, key
from recover.sdk import amounts
from recover.sdk.records import Gap
from recover.sdk.values import Address, History
from recover.sdk.view import OffRamp
from recover.trails.missing import unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One address in one asset over its whole history here; exact base units.

    `arrived` + `opening` = `swept` + `passed_on` + `at_rest`. `opening` is what it must have held before the
    first record, zero where the exhibits account for everything. `own` counts its payments to itself, which
    neither arrive nor leave, and `own_amount` sums them. `short` is what was lacking there, by this account, when
    it made one of these: so much, at least, no exhibit shows coming in. `disputed` counts the transactions of its
    that exhibits disagree on: none is in any of these figures, and what is lacking without them is in `opening`.
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
    short: int = 0
    disputed: int = 0


def close(material: Material, ramps: Sequence[OffRamp]) -> list[Account]:
    """The accounts of every covered address, in each asset that was traced."""
    # With their chains: the same text on another chain is somebody's who is not asked about.
    wanted = {*material.covered.addresses(), *((r.chain, r.address) for r in ramps)}
    whole, own, found = _whole(material, wanted)
    ordered = sorted(found, key=lambda account: (account.address, account.asset))
    counts = [own.get((account.address, account.asset), (0, 0)) for account in ordered]
    made = [replace(a, own=count, own_amount=n) for a, (count, n) in zip(ordered, counts, strict=True)]
    open_ = disputed(material.transfers, ("src", "dst"))
    made = [replace(a, disputed=len(open_.get((a.address, a.asset), ()))) for a in made]
    return [replace(a, short=_short(whole, a)) if a.own else a for a in made]


def lacking(material: Material, holdings: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """By holding whose history is claimed whole, what it paid out at most beyond what had come in until then."""
    wanted = {at(*holding) for holding in holdings}
    return {(a.address, a.asset): a.opening for a in _whole(material, wanted)[2] if a.opening}


def untouched(material: Material, holdings: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Those of these holdings whose history is claimed whole and that no exhibit shows paying anything out."""
    open_ = disputed(material.transfers, ("src", "dst"))
    found = _whole(material, {at(*holding) for holding in holdings})[2] if holdings else []
    still = {(a.address, a.asset) for a in found if not a.outflows} - open_.keys()
    return frozenset(still & {*holdings})


def _whole(
    material: Material, wanted: Collection[tuple[str, str]]
) -> tuple[pa.Table, Mapping[tuple[str, str], tuple[int, int]], list[Account]]:
    """The movements of these places, what they paid themselves, and the account of each with a whole history."""
    traced = {asset for _, asset in material.starts}
    # One test for every payer: what goes to what a source calls a deposit address is a customer's payment in.
    stops = pa.array(
        sorted("\0".join(place) for place in {*material.targets} - material.deposit_places), pa.string()
    )
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
    # What an address pays itself neither arrives nor leaves: it is counted apart.
    same = pc.fill_null(pc.equal(part.column("src"), part.column("dst")), False)
    whole, own, part = part, _own(part.filter(same)), part.filter(pc.invert(same))
    values = amounts.summable(part)
    places = pa.array(sorted(f"{chain}\0{address}" for chain, address in wanted), pa.string())
    sides = [_codes(key(part.column("chain"), part.column(side)), places) for side in ("dst", "src")]
    swept = _codes(key(part.column("chain"), part.column("dst")), stops) >= 0
    assets = part.column("asset").combine_chunks().dictionary_encode()
    kinds = assets.indices.to_numpy().astype(np.int64)
    # Each movement as the place that it enters sees it, then as the place that it leaves does; by place and asset,
    # moment by moment, and in each what came before what left: no balance is made by an order that nobody shows.
    moment = _moments(part.column("tie"))
    row = np.concatenate([np.flatnonzero(side >= 0) for side in sides])
    out = np.repeat([False, True], [int((side >= 0).sum()) for side in sides])
    place = np.where(out, sides[1][row], sides[0][row])
    order = np.lexsort((row, out, moment[row], kinds[row], place))
    row, out, place = row[order], out[order], place[order]
    new = np.flatnonzero(np.diff(place, prepend=-1) | np.diff(kinds[row], prepend=-1))
    edges = [*new.tolist(), len(row)]
    named = ([one.split("\0", 1)[1] for one in places.to_pylist()], assets.dictionary.to_pylist())
    found = []
    for first, end in pairwise(edges):
        address, asset = named[0][place[first]], named[1][kinds[row[first]]]
        # Only a history that is known whole can close: otherwise "at rest" would mean "not seen leaving".
        if material.covered.whole(address, asset):
            mine, left = row[first:end], out[first:end]
            found.append(_closed(address, asset, values[mine], left, swept[mine[left]]))
    return whole, own, found


def _short(part: pa.Table, account: Account) -> int:
    """The most that one of its payments to itself lacks, with all of the same moment that came in before it."""
    sides = [pc.fill_null(pc.equal(part.column(side), account.address), False) for side in ("src", "dst")]
    mine = part.filter(pc.and_(pc.equal(part.column("asset"), account.asset), pc.or_(*sides)))
    rows = zip(
        _moments(mine.column("tie")).tolist(),
        *(mine.column(side).to_pylist() for side in ("src", "dst")),
        amounts.exact(mine),
        strict=True,
    )
    balance, lacking = account.opening, 0
    for _, group in groupby(rows, key=itemgetter(0)):
        moved = [(src == account.address, dst == account.address, amount) for _, src, dst, amount in group]
        balance += sum(amount for src, dst, amount in moved if dst and not src)
        lacking = max([lacking, *(amount - balance for src, dst, amount in moved if src and dst)])
        balance -= sum(amount for src, dst, amount in moved if src and not dst)
    return lacking


def gaps(case: Case, whole: Sequence[Account]) -> Iterator[Gap]:
    """One for each account by which an address lacked what it paid itself."""
    for a in (a for a in whole if a.short):
        chain = a.asset.split("/", 1)[0]
        yield Gap(
            code="own-payment-short",
            subject=f"{chain}:{a.address}",
            why=f"This address paid itself {unit(case, a.asset)(a.short)} more than all that the exhibits show "
            "there at that moment, though its history is said to be whole.",
            effect="So at least that much came in, or did not leave, in what no exhibit shows: the history is not "
            "whole, and figures at its outflows can change.",
            fill=History(address=Address(chain=chain, text=a.address), asset=a.asset),
        )


def _moments(tie: pa.ChunkedArray) -> NDArray[np.int64]:
    """By row, its moment: rows of one tie, which stand together, share theirs."""
    ties = pc.fill_null(tie, -1).to_numpy()
    new = np.ones(len(ties), np.bool_)
    new[1:] = (ties[1:] != ties[:-1]) | (ties[1:] < 0)
    found: NDArray[np.int64] = np.cumsum(new)
    return found


def _own(part: pa.Table) -> dict[tuple[str, str], tuple[int, int]]:
    """By address and asset, how often it paid itself, and how much in all."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    columns = (part.column(name).to_pylist() for name in ("src", "asset"))
    for src, asset, amount in zip(*columns, amounts.exact(part), strict=True):
        count, total = found.get((src, asset), (0, 0))
        found[src, asset] = count + 1, total + amount
    return found


def _codes(texts: pa.ChunkedArray, known: pa.Array) -> NDArray[np.int64]:
    codes: NDArray[np.int64] = pc.fill_null(pc.index_in(texts, value_set=known), -1).to_numpy().astype(np.int64)
    return codes


def _closed(
    address: str, asset: str, values: NDArray[Any], out: NDArray[np.bool_], swept: NDArray[np.bool_]
) -> Account:
    """One address in one asset: its movements in order, which of them left, and which of those were sweeps."""
    balances = np.add.accumulate(np.where(out, -values, values))
    # A balance below zero shows what must have been there before the first record.
    opening = max(0, -int(balances.min()))
    return Account(
        address=address,
        asset=asset,
        arrived=int(values[~out].sum()),
        opening=opening,
        swept=int(values[out][swept].sum()),
        passed_on=int(values[out][~swept].sum()),
        at_rest=opening + int(balances[-1]),
        inflows=int((~out).sum()),
        outflows=int(out.sum()),
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
