"""Entrances: the contracts that kept or burned what went into a bridge, as heuristics are told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.policy import TABLE
from recover.sdk import amounts, kinds
from recover.sdk.batch import Batch
from recover.sdk.kinds import Cross
from recover.sdk.records import Assertion

_STEPS = 8  # contracts that one transaction hands value through, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paid:
    """What went in: who sent how much of which asset, by which movement where it is one."""

    owner: str
    asset: str
    amount: int
    leg: int | None


def entrances(asserted: pa.Table, moved: pa.Table) -> pa.Table:
    """A label of the role `contract` for each address that kept, or burned, what a crossing sent into a bridge.

    Only heuristics read it, and it names no service. A router that handed it on is none, nor a pool that gave
    another asset for it. A crossing that its reader does not vouch for says nothing, nor does a candidate: anybody
    can write such events.
    """
    left: dict[tuple[str, str], list[_Paid]] = {}
    for row in asserted.filter(pc.equal(asserted.column("kind"), "cross")).to_pylist():
        said = kinds.read(Cross, row["params"])
        if row["address"] and row["asset"] and said.level < 3 and not said.refused and said.sent > 0:
            one = _Paid(owner=row["address"], asset=row["asset"], amount=said.sent, leg=said.source_leg)
            left.setdefault((row["chain"], row["transactions"][0]), []).append(one)
    ids = pa.array(sorted({tx for _, tx in left}), pa.string())
    names = ["chain", "tx", "src", "dst", "asset", "leg", "kind", "excluded", "amount", "wide"]
    part = moved.filter(pc.is_in(moved.column("tx"), value_set=ids)).select(names)
    here: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row, exact in zip(part.to_pylist(), amounts.exact(part), strict=True):
        if row["kind"] != "fee" and row["excluded"] is None:
            here.setdefault((row["chain"], row["tx"]), []).append({**row, "exact": exact})
    found = {
        (place[0], at) for place, paid in left.items() for one in paid for at in _kept(one, here.get(place, ()))
    }
    if not found:
        return TABLE.empty_table()
    made = Batch.of(*(_contract(*place) for place in sorted(found))).tables()["assertions"]
    return made.append_column(TABLE.field("exhibit"), pa.array([0] * made.num_rows, pa.int64()))


def _kept(paid: _Paid, moves: Sequence[Mapping[str, Any]]) -> list[str]:
    """Who kept or burned the amount, reached from its sender by movements of no less; nobody where none did."""
    nets: dict[str, dict[str, int]] = {}
    for m in moves:
        for name, value in ((m["src"], -m["exact"]), (m["dst"], m["exact"])):
            if name is not None:
                held = nets.setdefault(name, {})
                held[m["asset"]] = held.get(m["asset"], 0) + value
    mine = [m for m in moves if m["asset"] == paid.asset and m["exact"] >= paid.amount]
    at = [m["dst"] for m in mine if m["src"] == paid.owner != m["dst"] and paid.leg in (None, m["leg"])]
    seen = {paid.owner}
    for _ in range(_STEPS):
        at = [name for name in dict.fromkeys(at) if name is not None and name not in seen]
        seen |= {*at}
        ends = [name for name in at if _holds(name, paid, nets[name], mine)]
        if ends:
            return ends
        at = [m["dst"] for m in mine if m["src"] in at]
    return []


def _holds(name: str, paid: _Paid, net: Mapping[str, int], mine: Sequence[Mapping[str, Any]]) -> bool:
    burned = any(m["src"] == name and m["dst"] is None for m in mine)
    return burned or (net.get(paid.asset, 0) >= paid.amount and not any(value < 0 for value in net.values()))


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
