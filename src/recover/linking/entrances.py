"""Entrances: the contracts by which value went into a bridge, as heuristics are told of them."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.policy import TABLE
from recover.sdk.batch import Batch
from recover.sdk.records import Assertion


def entrances(asserted: pa.Table, moved: pa.Table) -> pa.Table:
    """A label of the role `contract` for each address that crossings went into: a bridge's own, or its router.

    Only heuristics read it, and it names no service. A crossing of a contract that is not the protocol's says
    nothing: anybody can write such events.
    """
    left: dict[tuple[str, str], list[tuple[str, str, int | None]]] = {}
    for row in asserted.filter(pc.equal(asserted.column("kind"), "cross")).to_pylist():
        said = json.loads(row["params"])
        if row["address"] and row["asset"] and said.get("refused") != "domain":
            place = row["chain"], row["transactions"][0]
            left.setdefault(place, []).append((row["address"], row["asset"], said.get("source_leg")))
    ids = pa.array(sorted({tx for _, tx in left}), pa.string())
    names = ["chain", "tx", "src", "dst", "asset", "leg", "kind"]
    found: set[tuple[str, str]] = set()
    for row in moved.filter(pc.is_in(moved.column("tx"), value_set=ids)).select(names).to_pylist():
        for owner, asset, leg in left.get((row["chain"], row["tx"]), ()):
            ours = row["src"] == owner != row["dst"] and row["asset"] == asset and row["kind"] != "fee"
            if ours and row["dst"] and (leg is None or str(row["leg"]) == str(leg)):
                found.add((row["chain"], row["dst"]))
    if not found:
        return TABLE.empty_table()
    made = Batch.of(*(_contract(*place) for place in sorted(found))).tables()["assertions"]
    return made.append_column(TABLE.field("exhibit"), pa.array([0] * made.num_rows, pa.int64()))


def _contract(chain: str, address: str) -> Assertion:
    return Assertion(
        kind="label",
        chain=chain,
        address=address,
        grade="A",
        method="crossing",
        version="1",
        role="contract",
        source="recover",
    )
