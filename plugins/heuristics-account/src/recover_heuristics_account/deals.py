"""Shapes of markets and desks: value held for a while and handed to another, or round sums both ways.

Guarantee markets hold a buyer's money until the seller has delivered, and keep a small part. Desks trade round
sums with the same partners in both directions. Neither shape names anybody.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from recover.sdk import Batch, HeuristicInfo, Ledger, Scope, amounts
from recover_heuristics_account.hubs import Field
from recover_heuristics_account.shapes import NOT_MEASURED, Ends, Shape, Values, batch, free, partners, values
from recover_heuristics_account.sweeps import Codes

_MOST = 5_000  # transfers of one address that are matched with each other
_HOUR = 3_600_000_000  # microseconds
_WINDOW = 200  # payments of nearly the same amount that one deal is looked for among


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One transfer of a candidate: when (microseconds), by which edge, how much in base units."""

    at: int
    seq: int
    edge: int
    asset: int
    amount: int


class Book:
    """A ledger's transfers by edge, each with its moment and amount; none without a moment."""

    def __init__(self, ledger: Ledger, field: Field) -> None:
        self.edges, self.ends = field.edges, Ends(field.edges)
        # In one piece: from many, each look takes them all in its hand.
        self._rows = ledger.transfers().select(["seq", "time", "amount", "wide"]).combine_chunks()
        seq = self._rows["seq"].to_numpy()
        self._order = np.argsort(seq, kind="stable")
        self._seq = seq[self._order]

    def moved(self, chosen: Codes) -> list[Moved]:
        """The transfers of edges, in the ledger's order."""
        edges = self.edges
        parts = [edges.seq[edges.rows[edges.first[e] : edges.first[e + 1]]] for e in chosen.tolist()]
        if not parts:
            return []
        of = np.repeat(chosen, [len(part) for part in parts])
        seqs = np.concatenate(parts)
        by = np.argsort(seqs, kind="stable")[:_MOST]
        rows = self._rows.take(pa.array(self._order[np.searchsorted(self._seq, seqs[by])]))
        times = rows["time"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_pylist()
        columns = (times, amounts.exact(rows), seqs[by].tolist(), of[by].tolist())
        return [
            Moved(at=at, seq=seq, edge=edge, asset=int(edges.asset[edge]), amount=amount)
            for at, amount, seq, edge in zip(*columns, strict=True)
            if at is not None
        ]


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
        nodes = free(ledger, field, (payers >= least) & (payees >= least))
        book = Book(ledger, field)
        found = [shape for node in nodes if (shape := _escrow(book, field, node, limits))]
        yield from batch(self.info, "escrow", field, found, scope)


def _escrow(book: Book, field: Field, node: int, limits: Values) -> Shape | None:
    edges = field.edges
    into, out = book.ends.into(node), book.ends.out(node)
    into, out = into[edges.src[into] > 0], out[edges.dst[out] > 0]
    back = np.intersect1d(edges.src[into], edges.dst[out])
    if len(back) * 100 > len(np.unique(edges.dst[out])) * limits["both"]:
        return None  # it pays back: a lender, or a market that trades with its customers
    came, went = book.moved(into), book.moved(out)
    assets = sorted({move.asset for move in went})
    deals = [pair for asset in assets for pair in _pairs(field, _in(came, asset), _in(went, asset), limits)]
    if len(deals) < limits["deals"] or len(deals) * 100 < len(went) * limits["share"]:
        return None
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
    least, most = limits["hours"] * _HOUR, limits["days"] * 24 * _HOUR
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
        nodes = free(ledger, field, (payers >= least) & (payees >= least))
        book = Book(ledger, field)
        found = [shape for node in nodes if (shape := _desk(book, field, node, limits))]
        yield from batch(self.info, "desk", field, found, scope)


def _desk(book: Book, field: Field, node: int, limits: Values) -> Shape | None:
    edges = field.edges
    into, out = book.ends.into(node), book.ends.out(node)
    both = np.intersect1d(edges.src[into], edges.dst[out])
    both = both[both > 0]
    if len(both) < limits["partners"]:
        return None
    used = np.concatenate((into[np.isin(edges.src[into], both)], out[np.isin(edges.dst[out], both)]))
    sums = [move.amount for move in book.moved(used)]
    plain = sum(len(str(amount).rstrip("0")) <= 2 for amount in sums)
    if len(sums) < limits["transfers"]:
        return None
    if plain * 100 < len(sums) * limits["round"]:
        return None
    note = (
        f"It pays {len(both)} addresses that pay it too, {len(sums)} transfers in all, {plain} of them round sums."
    )
    figures = {"partners": len(both), "transfers": len(sums), "round": plain}
    return Shape(node=node, figures=figures, edges=used.tolist(), note=note)
