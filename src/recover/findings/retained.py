"""Retained: what of traced value is still at an address at which its trace stops, by that address's history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings.accounts import Account, attach
from recover.findings.material import Material, at
from recover.ledger.spending import spendings
from recover.sdk import amounts
from recover.sdk.view import OffRamp
from recover.trails.flows import arriving


def retained(case: Case, material: Material, ramps: Sequence[OffRamp], whole: Sequence[Account]) -> list[OffRamp]:
    """The off-ramps with their addresses' accounts; where a trace stops, how much of what came is still there.

    A trace does not look into such an address. Its history tells, where that is whole and no exhibit contradicts
    it; a service's own wallet in which memos tell deposits apart has none for one of them. No rule is applied
    there: where value of others is at the address too, what is left of the traced value has bounds, by which of
    the two every payment takes first.
    """
    known = {(a.address, a.asset): a for a in whole if not a.disputed}
    here = pa.array(sorted({ramp.through for ramp in ramps if ramp.stops}), pa.string())
    sides = (pc.is_in(material.transfers[side], value_set=here) for side in ("src", "dst"))
    # Once for all of them: a large case has many, and far more movements of others.
    ledger = material.transfers.filter(pc.or_(*sides))
    took = arriving(derived.read(case, "flows"))
    took = took.filter(pc.is_in(took["seq"], value_set=ledger["seq"].unique()))
    found = []
    for ramp in attach(ramps, whole):
        if ramp.stops:
            account = None if ramp.by_memo else known.get((ramp.through, ramp.asset))
            sums = {} if ramp.by_memo else _bounds(material, ledger, took, ramp, account)
            ends = sums.get("", {})
            sure = ends.get("least") if len({*ends.values()}) == 1 else None
            ramp = replace(ramp, unswept=sure, unswept_bounds=sums)
        found.append(ramp)
    return found


def _bounds(
    material: Material, ledger: pa.Table, took: pa.Table, ramp: OffRamp, account: Account | None
) -> dict[str, dict[str, int]]:
    """By loss, and of all under "", the least and the most that is still there."""
    credits = material.credits.get((ramp.through, ramp.asset))
    coins = credits is not None and _coined(ledger, ramp)
    if credits is None or (account is None and not coins):
        return {}
    # Of a service's own wallet only what begins there is told: the rest came through rows of those who paid it.
    own = at(ramp.through, ramp.asset) not in material.deposit_places
    came = _came(took, credits.began if own else credits.seqs, own)
    losses = sorted({loss for parts in came.values() for loss in parts}, key=lambda loss: (len(loss), loss))
    each = {name: {seq: parts.get(name, 0) for seq, parts in came.items()} for name in losses}
    each[""] = {seq: sum(parts.values()) for seq, parts in came.items()}
    ordered = ["", *losses]
    if account is not None and (not account.at_rest or not account.outflows):
        sums = {name: sum(each[name].values()) if account.at_rest else 0 for name in ordered}
        return {name: {"least": n, "most": n} for name, n in sums.items()}
    if coins:
        return _spent(material, ledger, ramp, each, account)
    assert account is not None
    moves = [*_moves(ledger, ramp.through, ramp.asset)]
    return {name: _walked(moves, each[name], account.opening) for name in ordered}


def _came(took: pa.Table, seqs: Sequence[int], own: bool) -> dict[int, dict[str, int]]:
    """By movement and loss, what credited the address."""
    took = took.filter(pc.is_in(took["seq"], value_set=pa.array(seqs, took["seq"].type)))
    found: dict[int, dict[str, int]] = {}
    columns = (took[name].to_pylist() for name in ("seq", "loss", "event"))
    for seq, loss, event, amount in zip(*columns, amounts.exact(took), strict=True):
        if event == "start" or not own:
            parts = found.setdefault(seq, {})
            parts[loss] = parts.get(loss, 0) + amount
    return found


def _coined(ledger: pa.Table, ramp: OffRamp) -> bool:
    """Whether what moved there in the asset are coins."""
    mine = ledger.filter(pc.equal(ledger["asset"], ramp.asset))
    return bool(pc.any(pc.is_in(mine["kind"], value_set=pa.array(["input", "output"]))).as_py())


def _spent(
    material: Material,
    ledger: pa.Table,
    ramp: OffRamp,
    each: Mapping[str, Mapping[int, int]],
    account: Account | None,
) -> dict[str, dict[str, int]]:
    """The same of coins: one that nothing spends is there, and of change of those that are spent as much as no
    other coin of its transaction can have brought, up to all of it. Nothing where a coin is left, or its change,
    and no whole history says that it is unspent."""
    rows = ledger.filter(pc.and_(pc.equal(ledger["asset"], ramp.asset), pc.is_null(ledger["excluded"])))
    made = rows.filter(pc.and_(pc.equal(rows["kind"], "output"), pc.equal(rows["dst"], ramp.through)))
    used = rows.filter(pc.and_(pc.equal(rows["kind"], "input"), pc.equal(rows["src"], ramp.through)))
    mine: dict[str, list[tuple[str, int]]] = {}
    for row in used.sort_by("seq").to_pylist():
        mine.setdefault(row["tx"], []).append((row["spends_tx"], row["spends_index"]))
    worth = dict[str, dict[tuple[str, int], tuple[int, int]]]()
    for row, amount in zip(made.to_pylist(), amounts.exact(made), strict=True):
        worth.setdefault(row["tx"], {})[row["tx"], row["leg"]] = row["seq"], amount
    brought = spendings(material.transfers, mine)
    found = {}
    for name, came in each.items():
        low = {coin: came.get(seq, 0) for coins in worth.values() for coin, (seq, _) in coins.items()}
        high = dict(low)
        for tx, spends in mine.items():
            least, most = (sum(kept.pop(coin, 0) for coin in spends) for kept in (low, high))
            one = brought[tx, ramp.asset]
            beside = sum(one.brought.values()) - least
            for coin, (_, amount) in worth.get(tx, {}).items():
                low[coin] = 0 if one.unknown else max(0, amount - beside)
                high[coin] = min(amount, most)
        most = min(sum(high.values()), sum(came.values()))
        if most and account is None:
            return {}
        found[name] = {"least": sum(low.values()), "most": most}
    return found


_Move = tuple[int, int, int]
"""Its row in the ledger, its moment, and what it brought, or took, below zero."""


def _moves(ledger: pa.Table, address: str, asset: str) -> Iterator[_Move]:
    """What came to an address and left it, in order."""
    sides = (pc.fill_null(pc.equal(ledger[side], address), False) for side in ("src", "dst"))
    mine = pc.and_(pc.or_(*sides), pc.equal(ledger["asset"], asset))
    rows = ledger.filter(pc.and_(mine, pc.is_null(ledger["excluded"])))
    columns = (rows[name].to_pylist() for name in ("seq", "tie", "src", "dst"))
    for seq, tie, src, dst, amount in zip(*columns, amounts.exact(rows), strict=True):
        if src != dst:
            yield seq, -1 - seq if tie is None or tie < 0 else tie, amount if dst == address else -amount


def _walked(moves: Sequence[_Move], came: Mapping[int, int], opening: int) -> dict[str, int]:
    """What is left if each payment took of the traced value first, and if it took of all else first."""
    least = most = 0
    balance = opening
    for _, group in groupby(moves, key=lambda move: move[1]):
        # What came in and left in one moment, in an order that nobody shows, had what came first.
        for seq, _, amount in sorted(group, key=lambda move: move[2] < 0):
            balance += amount
            if amount > 0:
                least, most = least + came.get(seq, 0), most + came.get(seq, 0)
            else:
                least, most = max(0, least + amount), min(most, max(0, balance))
    return {"least": least, "most": most}
