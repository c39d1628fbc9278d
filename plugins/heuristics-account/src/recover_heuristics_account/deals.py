"""Shapes of markets and desks: value held for a while and handed to another, or round sums both ways.

Guarantee markets hold a buyer's money until the seller has delivered, and keep a small part. Desks trade round
sums with the same partners in both directions. Neither shape names anybody.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Batch, HeuristicInfo, Ledger, Scope, amounts
from recover_heuristics_account.hubs import Field
from recover_heuristics_account.shapes import NOT_MEASURED, Shape, Values, batch, free, partners, values

_MOST = 5_000  # transfers of one address that are matched with each other
_WINDOW = 200  # payments of nearly the same amount that one deal is looked for among


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One transfer of a candidate: when, by which edge, how much in base units."""

    at: datetime
    seq: int
    edge: int
    asset: int
    amount: int


def _moved(ledger: Ledger, field: Field, chosen: Sequence[int]) -> list[Moved]:
    """The transfers behind edges that all have one end in common, in the ledger's order; none without a time."""
    edges = field.edges
    ends = {
        int(seq): e for e in chosen for seq in edges.seq[edges.rows[edges.first[e] : edges.first[e + 1]]].tolist()
    }
    rows = ledger.transfers().select(["seq", "time", "amount", "wide"])
    seqs = rows["seq"].to_numpy()
    # By their numbers: to look through the whole ledger for each address takes minutes. It stands in their order
    # as a rule, and then this order costs nothing.
    order = np.argsort(seqs, kind="stable")
    rows = rows.take(pa.array(order[np.searchsorted(seqs, np.array(sorted(ends), np.int64), sorter=order)]))
    rows = rows.filter(pc.is_valid(rows["time"]))
    columns = (rows["seq"].to_pylist(), rows["time"].to_pylist(), amounts.exact(rows))
    made = [
        Moved(at=at, seq=seq, edge=ends[seq], asset=int(edges.asset[ends[seq]]), amount=amount)
        for seq, at, amount in zip(*columns, strict=True)
    ]
    return sorted(made, key=lambda move: move.seq)


class EscrowShape:
    """Asserts `shape` of an address that keeps what one pays for a while, and hands nearly as much to another."""

    info = HeuristicInfo(
        id="escrow-shape",
        version="1",
        title="Holds and hands on, as a guarantee market does",
        models=("account",),
        asserts=("shape",),
        citation="A rule of this project; not measured",
        fails=(
            "an instant swapper within one token, a payroll and a lottery can look the same",
            "equal amounts that many people pay (a fee, a ticket) match each other by chance",
            "a market that pays out of another wallet than it collects in is not seen",
            "it is looked for only where the address's own history is in the exhibits",
        ),
        parameters={
            "deals": (20, "payments out that answer a payment in by another party, at least"),
            "share": (80, "percent of its payments out that do, at least"),
            "kept": (5, "percent of the amount that it keeps of a deal, at most"),
            "hours": (1, "hours that it holds the value, at least"),
            "days": (30, "days that it holds the value, at most"),
            "both": (30, "percent of those whom it pays that pay it too, at most"),
        },
        card=NOT_MEASURED,
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """`params`: {"deals": n, "payees": n, "payers": n, "payments": n}: `payments` are those that it made."""
        field, limits = Field.of(ledger), values(self.info, scope)
        payers, payees = partners(field)
        least = limits["deals"]
        may = free(ledger, field) & (payers >= least) & (payees >= least)
        found = [shape for node in np.flatnonzero(may).tolist() if (shape := _escrow(ledger, field, node, limits))]
        yield from batch(self.info, "escrow", field, found, scope)


def _escrow(ledger: Ledger, field: Field, node: int, limits: Values) -> Shape | None:
    edges = field.edges
    into = np.flatnonzero((edges.dst == node) & (edges.src > 0)).tolist()
    out = np.flatnonzero((edges.src == node) & (edges.dst > 0)).tolist()
    came, went = _moved(ledger, field, into)[:_MOST], _moved(ledger, field, out)[:_MOST]
    deals = [
        pair
        for asset in sorted({move.asset for move in went})
        for pair in _pairs(
            field, [m for m in came if m.asset == asset], [m for m in went if m.asset == asset], limits
        )
    ]
    if len(deals) < limits["deals"] or len(deals) * 100 < len(went) * limits["share"]:
        return None
    back = np.intersect1d(edges.src[into], edges.dst[out])
    if len(back) * 100 > len(np.unique(edges.dst[out])) * limits["both"]:
        return None  # it pays back: a lender, or a market that trades with its customers
    used = sorted({move.edge for pair in deals for move in pair})
    payers, payees = {int(edges.src[a.edge]) for a, _ in deals}, {int(edges.dst[b.edge]) for _, b in deals}
    note = (
        f"{len(deals)} of its {len(went)} payments hand on what another had paid it hours or days before, less at "
        f"most {limits['kept']} %: it holds value for others."
    )
    figures = {"deals": len(deals), "payments": len(went), "payers": len(payers), "payees": len(payees)}
    return Shape(node=node, figures=figures, edges=used, note=note)


def _in(moved: Sequence[Moved], asset: int) -> list[Moved]:
    return [move for move in moved if move.asset == asset]


def _pairs(field: Field, came: list[Moved], went: list[Moved], limits: Values) -> Iterator[tuple[Moved, Moved]]:
    """Each payment out with the earliest payment in that it can answer; every payment in answers once."""
    least, most = timedelta(hours=limits["hours"]), timedelta(days=limits["days"])
    ranked = sorted(came, key=lambda move: (move.amount, move.seq))
    sums, taken = [move.amount for move in ranked], [False] * len(ranked)
    payers = [int(field.edges.src[move.edge]) for move in ranked]
    for out in went:
        best, payee = None, int(field.edges.dst[out.edge])
        for at in range(bisect_left(sums, out.amount), min(len(ranked), bisect_left(sums, out.amount) + _WINDOW)):
            one = ranked[at]
            if (one.amount - out.amount) * 100 > one.amount * limits["kept"]:
                break
            if not taken[at] and payers[at] != payee and least <= out.at - one.at <= most:
                best = at if best is None or one.seq < ranked[best].seq else best
        if best is not None:
            taken[best] = True
            yield ranked[best], out


class DeskShape:
    """Asserts `shape` of an address that trades round sums with the same partners in both directions."""

    info = HeuristicInfo(
        id="desk-shape",
        version="1",
        title="Round sums both ways, as an over-the-counter desk",
        models=("account",),
        asserts=("shape",),
        citation="A rule of this project; not measured",
        fails=(
            "a person who lends, a gambler and a market maker can look the same",
            "one token's round sum is odd in another's decimals",
            "it is looked for only where the address's own history is in the exhibits",
        ),
        parameters={
            "partners": (10, "addresses that pay it and are paid by it, at least"),
            "transfers": (40, "transfers with them, at least"),
            "round": (60, "percent of these transfers with at most two figures before the zeros, at least"),
        },
        card=NOT_MEASURED,
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """`params`: {"partners": n, "round": n, "transfers": n}."""
        field, limits = Field.of(ledger), values(self.info, scope)
        payers, payees = partners(field)
        least = limits["partners"]
        may = free(ledger, field) & (payers >= least) & (payees >= least)
        found = [shape for node in np.flatnonzero(may).tolist() if (shape := _desk(ledger, field, node, limits))]
        yield from batch(self.info, "desk", field, found, scope)


def _desk(ledger: Ledger, field: Field, node: int, limits: Values) -> Shape | None:
    edges = field.edges
    into, out = np.flatnonzero(edges.dst == node), np.flatnonzero(edges.src == node)
    both = np.intersect1d(edges.src[into], edges.dst[out])
    both = both[both > 0]
    used = [*into[np.isin(edges.src[into], both)].tolist(), *out[np.isin(edges.dst[out], both)].tolist()]
    sums = [move.amount for move in _moved(ledger, field, used)]
    plain = sum(len(str(amount).rstrip("0")) <= 2 for amount in sums)
    if len(both) < limits["partners"] or len(sums) < limits["transfers"]:
        return None
    if plain * 100 < len(sums) * limits["round"]:
        return None
    note = (
        f"It pays {len(both)} addresses that pay it too, {len(sums)} transfers in all, {plain} of them round "
        "sums: it trades with them."
    )
    figures = {"partners": len(both), "transfers": len(sums), "round": plain}
    return Shape(node=node, figures=figures, edges=used, note=note)
