"""Who paid: how losses began as they are declared, and the addresses out of which they were paid; of coins, all
that the payment spent. What an exchange or a bridge brought began by neither: it is of a loss already."""

from __future__ import annotations

from collections.abc import Collection
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


def payers(
    begun: pa.Table, transfers: pa.Table, losses: Collection[str]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """(chain, address) out of which these losses were paid, each with their names; `begun` is how they began."""
    rows = transfers.select(["chain", "tx", "kind", "src"])
    first = zip(rows.take(begun.column("seq")).to_pylist(), begun.column("loss").to_pylist(), strict=True)
    found: dict[tuple[str, str], set[str]] = {}
    coins: dict[tuple[str, str], set[str]] = {}
    for row, loss in first:
        if loss in losses:
            names = coins.setdefault((row["chain"], row["tx"]), set()) if row["kind"] == "output" else set()
            (found.setdefault((row["chain"], row["src"]), set()) if row["src"] else names).add(loss)
    wanted = pa.array(sorted({tx for _, tx in coins}), pa.string())
    spent = rows.filter(pc.and_(pc.equal(rows["kind"], "input"), pc.is_in(rows["tx"], value_set=wanted)))
    for row in spent.to_pylist():
        if row["src"]:
            found.setdefault((row["chain"], row["src"]), set()).update(coins.get((row["chain"], row["tx"]), ()))
    return {place: tuple(sorted(names, key=lambda n: (len(n), n))) for place, names in found.items() if names}
