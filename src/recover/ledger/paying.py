"""Who paid: the addresses out of which a traced loss was paid; of coins, all that the payment spent."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc


def payers(
    flows: pa.Table, transfers: pa.Table, losses: Collection[str]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """(chain, address) out of which these losses were paid, each with their names."""
    begun = flows.filter(pc.equal(flows.column("event"), "start"))
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
