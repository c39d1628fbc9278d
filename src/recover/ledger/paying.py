"""Who paid: how losses began as they are declared, and the addresses out of which they were paid; of coins, all
that the payment spent. What an exchange or a bridge brought began by neither: it is of a loss already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import amounts


def begun(flows: pa.Table, came: pa.Table) -> pa.Table:
    """The flows by which losses began as they are declared; `came` is what an exchange or a bridge brought of
    them, by movement and loss: none of it is left here."""
    found = flows.filter(pc.equal(flows["event"], "start"))
    keys = zip(came["seq"].to_pylist(), came["loss"].to_pylist(), strict=True)
    had = dict(zip(keys, amounts.exact(came), strict=True))
    if not had:
        return found
    apart = pc.is_in(found["seq"], value_set=pc.unique(came["seq"]))
    mixed, rows = found.filter(apart), list[dict[str, Any]]()
    for row, amount in zip(mixed.to_pylist(), amounts.exact(mixed), strict=True):
        if left := amount - had.get((row["seq"], row["loss"]), 0):
            cell, wide = amounts.split(left)
            rows.append({**row, "amount": cell, "wide": wide})
    kept = pa.concat_tables([found.filter(pc.invert(apart)), pa.Table.from_pylist(rows, schema=found.schema)])
    return kept.sort_by([("seq", "ascending"), ("loss", "ascending")])


def by_move(begun: pa.Table) -> dict[int, dict[str, int]]:
    """By movement, how much of each loss began by it."""
    found: dict[int, dict[str, int]] = {}
    columns = (begun[name].to_pylist() for name in ("seq", "loss"))
    for seq, loss, amount in zip(*columns, amounts.exact(begun), strict=True):
        held = found.setdefault(seq, {})
        held[loss] = held.get(loss, 0) + amount
    return found


def payers(
    begun: pa.Table, transfers: pa.Table, losses: Collection[str]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """(chain, address) out of which these losses were paid, each with their names; `begun` is how they began."""
    paid = first(begun, transfers, losses)
    return {place: tuple(sorted(names, key=lambda n: (len(n), n))) for place, names in paid.items()}


def first(begun: pa.Table, transfers: pa.Table, losses: Collection[str]) -> dict[tuple[str, str], dict[str, int]]:
    """The same, with the first movement by which each of these losses was paid out of it."""
    rows = transfers.select(["chain", "tx", "kind", "src"])
    seqs, names = begun.column("seq").to_pylist(), begun.column("loss").to_pylist()
    found: dict[tuple[str, str], dict[str, int]] = {}
    coins: dict[tuple[str, str], dict[str, int]] = {}
    for row, seq, loss in zip(rows.take(begun.column("seq")).to_pylist(), seqs, names, strict=True):
        if loss in losses and (row["src"] or row["kind"] == "output"):
            of = (found, row["src"]) if row["src"] else (coins, row["tx"])
            held = of[0].setdefault((row["chain"], of[1]), {})
            held[loss] = min(seq, held.get(loss, seq))
    wanted = pa.array(sorted({tx for _, tx in coins}), pa.string())
    spent = rows.filter(pc.and_(pc.equal(rows["kind"], "input"), pc.is_in(rows["tx"], value_set=wanted)))
    for row in spent.to_pylist():
        for loss, seq in coins.get((row["chain"], row["tx"]), {}).items() if row["src"] else ():
            held = found.setdefault((row["chain"], row["src"]), {})
            held[loss] = min(seq, held.get(loss, seq))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Value of losses that came back to where they were paid from: how much by all movements together, in base
    units, the losses and the transactions, in the order of the ledger. What came more than once counts each time.
    """

    amount: int
    losses: tuple[str, ...]
    txs: tuple[str, ...]


def back(
    flows: pa.Table, transfers: pa.Table, places: Mapping[tuple[str, str], tuple[str, ...]]
) -> dict[tuple[str, str], Back]:
    """By address and asset, what came back there of the losses paid out of it; `places` as of `payers`.

    What an address paid itself is not counted, nor the change of what it spent.
    """
    names = pa.array(sorted({address for _, address in places}), pa.string())
    moves = flows.filter(pc.equal(flows.column("event"), "move"))
    to = transfers.select(["chain", "tx", "src", "dst", "asset"]).take(moves.column("seq"))
    mine = pc.fill_null(pc.is_in(to.column("dst"), value_set=names), False)
    moves, to = moves.filter(mine), to.filter(mine)
    spent = _spent(transfers, to.column("tx"), names)
    found: dict[tuple[str, str], Back] = {}
    cells = (moves.column("loss").to_pylist(), amounts.exact(moves))
    for row, loss, amount in zip(to.to_pylist(), *cells, strict=True):
        chain, here = row["chain"], row["dst"]
        own = here == row["src"] or (chain, row["tx"], here) in spent
        if own or loss not in places.get((chain, here), ()):
            continue
        before = found.get((here, row["asset"]), Back(amount=0, losses=(), txs=()))
        losses = sorted({*before.losses, loss}, key=lambda name: (len(name), name))
        txs = dict.fromkeys((*before.txs, row["tx"]))
        found[here, row["asset"]] = Back(amount=before.amount + amount, losses=(*losses,), txs=(*txs,))
    return found


def _spent(transfers: pa.Table, txs: pa.ChunkedArray, names: pa.Array) -> set[tuple[str, str, str]]:
    """(chain, transaction, address) of each of these addresses that one of these transactions spends coins of."""
    rows = transfers.select(["chain", "tx", "kind", "src"])
    inputs = pc.and_(pc.equal(rows["kind"], "input"), pc.is_in(rows["src"], value_set=names))
    rows = rows.filter(pc.fill_null(pc.and_(inputs, pc.is_in(rows["tx"], value_set=txs.unique())), False))
    return {(row["chain"], row["tx"], row["src"]) for row in rows.to_pylist()}
