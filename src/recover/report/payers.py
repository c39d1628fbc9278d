"""Payers: whose coins paid an output or a fee, as the rule took it: a coin transaction names no payer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from recover.ledger import spending
from recover.ledger.spending import Key, Spending, spendings
from recover.report import figures
from recover.report.texts import Texts
from recover.sdk import Finding, OffRamp, View
from recover.sdk.amounts import exact

ByLoss = Mapping[str, int]

SEVERAL = 5
"""More payers than this of one transaction are not named in a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """`paid`: by movement and payer, what of each loss its coins paid, what came back to it as change left out;
    `change`: by movement and loss, that. `fees`: by the first output of a transaction and payer, what its coins
    paid as the fee."""

    paid: dict[int, dict[str, dict[str, int]]] = field(default_factory=dict)
    change: dict[tuple[int, str], int] = field(default_factory=dict)
    fees: dict[int, dict[str, dict[str, int]]] = field(default_factory=dict)


@figures.settled
def shared(view: View) -> Shared:
    """What the trace under the declared rule shares out on coin chains; empty where a case has none."""
    found = Shared()
    if not {"shares", "transfers"} <= set(view.tables) or not (table := view.tables["shares"]()).num_rows:
        return found
    receivers = view.tables["transfers"]().column("dst").take(table.column("seq")).to_pylist()
    columns = (table.column(name).to_pylist() for name in ("seq", "loss", "payer", "fee"))
    for (seq, loss, payer, fee), dst, amount in zip(
        zip(*columns, strict=True), receivers, exact(table), strict=True
    ):
        if not fee and dst == payer:
            found.change[seq, loss] = amount
            continue
        (found.fees if fee else found.paid).setdefault(seq, {}).setdefault(payer, {})[loss] = amount
    return found


@figures.settled
def _spendings(view: View) -> Mapping[Key, Spending]:
    """The coin transactions in which addresses of off-ramps spend coins, by asset."""
    if "transfers" not in view.tables or not view.offramps:
        return {}
    table = view.tables["transfers"]()
    names = pa.array(sorted({r.through for r in view.offramps}), pa.string())
    spent = pc.and_(pc.equal(table.column("kind"), "input"), pc.is_in(table.column("src"), value_set=names))
    return spendings(table, table.filter(spent).column("tx").unique().to_pylist())


def joint(view: View, rows: Iterable[OffRamp]) -> bool:
    """Whether coin transactions by which these rows were paid spend coins of others too, or of whom no exhibit
    names: what the rows' addresses paid by them is then known between bounds alone."""
    payers: dict[Key, set[str]] = {}
    for r in rows:
        for tx in r.sweep_transactions:
            payers.setdefault((tx, r.asset), set()).add(r.through)
    known = _spendings(view)
    return any(key in known and not known[key].alone(mine) for key, mine in payers.items())


def brought(view: View, tx: str, asset: str) -> Mapping[str, int]:
    """By address, what its coins brought into a transaction by which an off-ramp paid; of those of whom no exhibit
    names it, under an empty text."""
    found = _spendings(view).get((tx, asset))
    return {} if found is None else {at: n for at, n in found.brought.items() if n}


def left(view: View, r: OffRamp) -> int | None:
    """On a coin chain, what its own coins paid others than itself, fees left out; None where it spent some of them
    together with coins of others, so that no exhibit says how much."""
    mine = [one for (_, asset), one in _spendings(view).items() if asset == r.asset and r.through in one.brought]
    if not all(one.alone({r.through}) for one in mine):
        return None
    return sum(amount for one in mine for to, amount, _ in one.outputs if to != r.through)


def paid(view: View, r: OffRamp) -> dict[str, int]:
    """By receiver, what an address paid in the row's asset, all value counted; of coins, by
    transactions that spend its own alone."""
    found: dict[str, int] = {}
    for (_, asset), one in _spendings(view).items():
        for to, amount, _ in one.outputs if asset == r.asset and one.alone({r.through}) else ():
            found[to] = found.get(to, 0) + amount
    table = view.tables["transfers"]()
    mine = pc.and_(pc.equal(table["src"], r.through), pc.equal(table["asset"], r.asset))
    mine = pc.and_(pc.and_(mine, pc.is_null(table["excluded"])), pc.is_valid(table["dst"]))
    rows = table.filter(mine)
    for to, amount in zip(rows["dst"].to_pylist(), exact(rows), strict=True):
        found[to] = found.get(to, 0) + amount
    found.pop(r.through, None)
    return found


def upto(view: View, t: Texts, rows: Iterable[OffRamp], amount: str) -> str:
    """What these addresses paid in all; that it is no more than this, where others' coins paid with theirs."""
    return t.say("paid.upto", amount=amount) if joint(view, rows) else amount


def beyond(view: View, t: Texts, f: Finding, amount: str) -> str:
    """What a place at which the trace stops is shown paying on; that it is no more than this, where the
    transactions that spend its coins spend those of others too."""
    spent = f.slots.get("spent")
    by = spenders(view, {*spent}).values() if isinstance(spent, tuple) else ()
    return t.say("paid.upto", amount=amount) if any({*names} - {f.subject} for names in by) else amount


def onward(view: View, payer: str, asset: str, losses: Collection[str]) -> dict[str, int]:
    """By receiver, what of these losses the coins of an address paid in an asset."""
    table, found = view.tables["transfers"](), dict[str, int]()
    mine = {seq: by[payer] for seq, by in shared(view).paid.items() if payer in by}
    places = table.select(["dst", "asset"]).take(pa.array([*mine], pa.int64())).to_pylist()
    for place, by_loss in zip(places, mine.values(), strict=True):
        if place["asset"] == asset and place["dst"]:
            paid = sum(n for loss, n in by_loss.items() if loss in losses)
            found[place["dst"]] = found.get(place["dst"], 0) + paid
    return found


def named(view: View, wanted: set[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """By chain and coin transaction, the addresses whose coins it spends, in order; none of one with many."""
    found = {key: tuple(filter(None, names)) for key, names in spenders(view, wanted).items()}
    return {key: names for key, names in found.items() if 0 < len(names) <= SEVERAL}


def spenders(view: View, wanted: set[str]) -> dict[Key, tuple[str, ...]]:
    """The same of all of them, one empty for those of whom no exhibit names."""
    table = view.tables["transfers"]()
    here = pc.is_in(table.column("tx"), value_set=pa.array(sorted(wanted), pa.string()))
    return spending.spenders(table.filter(here))
