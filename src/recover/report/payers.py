"""Payers: whose coins paid an output or a fee, as the trace shares it: a coin transaction names no payer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import figures
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
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
def joint(view: View) -> frozenset[tuple[str, str]]:
    """By chain, the coin transactions by which off-ramps were paid, and that spend coins of more than one address,
    or of one that no exhibit names."""
    wanted = {tx for r in view.offramps for tx in r.sweep_transactions}
    if "transfers" not in view.tables or not wanted:
        return frozenset()
    table = view.tables["transfers"]()
    ids = pa.array(sorted(wanted), pa.string())
    spent = table.filter(pc.and_(pc.equal(table.column("kind"), "input"), pc.is_in(table.column("tx"), ids)))
    owners: dict[tuple[str, str], set[str | None]] = {}
    for row in spent.select(["chain", "tx", "src"]).to_pylist():
        owners.setdefault((row["chain"], row["tx"]), set()).add(row["src"])
    return frozenset(key for key, names in owners.items() if len(names) > 1 or None in names)


def upto(view: View, t: Texts, rows: Iterable[OffRamp], amount: str) -> str:
    """What these addresses paid in all; that it is no more than this, where others' coins paid with theirs."""
    shared = any((r.chain, tx) in joint(view) for r in rows for tx in r.sweep_transactions)
    return t.say("paid.upto", amount=amount) if shared else amount


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
    table = view.tables["transfers"]()
    mask = pc.and_(
        pc.equal(table.column("kind"), "input"),
        pc.is_in(table.column("tx"), value_set=pa.array(sorted(wanted), pa.string())),
    )
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in table.filter(mask).select(["chain", "tx", "src"]).to_pylist():
        if row["src"]:
            found.setdefault((row["chain"], row["tx"]), {})[row["src"]] = None
    return {key: tuple(names) for key, names in found.items() if len(names) <= SEVERAL}
