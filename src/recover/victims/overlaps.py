"""Payments that carry what began as another loss: a hop, or the agency's own seizure, claimed as a loss.

Counted beside the losses that it carries, such a payment would count their value twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.sdk import amounts
from recover.victims import cameback


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What of other losses moved in the transaction of one, in base units; `seized` where custody recorded it."""

    losses: tuple[str, ...]
    amount: int
    seized: bool


def every(case: Case) -> Mapping[str, Carried]:
    """By loss. What a victim had back and paid again out of the same wallet is a loss all the same."""
    kept = (entry.body for entry in case.entries if entry.kind == "custody")
    seized = {str(body.get("tx", "")) for body in kept if body["act"] == "record"}
    of = {loss.tx: loss.id for loss in case.settings.losses if loss.tx}
    found = {of[tx]: Carried(losses=(), amount=0, seized=True) for tx in sorted(seized) if tx in of}
    if not of or not derived.here(case, "derived/trace/flows.parquet"):
        return found
    flows = derived.read(case, "flows", ["seq", "loss", "event", "amount", "wide"])
    moves = flows.filter(pc.equal(flows.column("event"), "move"))
    at = derived.read(case, "transfers", ["tx"]).take(moves.column("seq")).column("tx")
    mine = pc.fill_null(pc.is_in(at, value_set=pa.array(sorted(of), pa.string())), False)
    moves, at = moves.filter(mine), at.filter(mine)
    for tx, other, amount in zip(
        at.to_pylist(), moves.column("loss").to_pylist(), amounts.exact(moves), strict=True
    ):
        if other != of[tx]:
            had = found.get(of[tx], Carried(losses=(), amount=0, seized=False))
            losses = tuple(dict.fromkeys((*had.losses, other)))
            found[of[tx]] = Carried(losses=losses, amount=had.amount + amount, seized=had.seized)
    paid = {loss: ids for ids in cameback.wallets(case).values() for loss in ids}
    return {
        loss: one
        for loss, one in found.items()
        if one.seized or all(other in found for other in paid.get(loss, ()))
    }
