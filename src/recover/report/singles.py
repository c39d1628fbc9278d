"""Single movements whose amounts a paper can print, as data."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import figures, payers
from recover.report.identifiers import Move, moves
from recover.sdk import View


def singly(view: View) -> list[dict[str, Any]]:
    """Every single movement whose amount a paper can print, in order: what it moved and what of each loss it
    carried, in base units, and of a coin transaction of several what the coins of each address brought. Those that
    traced value came and went by at off-ramps and where an issuer can stop it, and the payments of services to
    where it had been.
    """
    places = {(r.address, r.asset) for r in view.offramps}
    places |= {(f.subject, str(f.slots.get("asset"))) for f in figures.of_kind(view, "freezable")}
    back = {
        (tx, f.subject, f.slots.get("asset"))
        for f in figures.of_kind(view, "withdrawn")
        for tx in f.slots.get("transactions") or ()  # type: ignore[union-attr]
    }
    if not (places or back) or "transfers" not in view.tables:
        return []
    table = view.tables["transfers"]()
    at = pa.array(sorted({address for address, _ in places}), pa.string())
    there = pc.or_(*(pc.fill_null(pc.is_in(table.column(side), value_set=at), False) for side in ("src", "dst")))
    wanted = {*table.filter(there).column("tx").to_pylist(), *(tx for tx, _, _ in back)}
    return [
        _told(view, m)
        for m in moves(view, wanted)
        if (m.by_loss and {(m.src, m.asset), (m.dst, m.asset)} & places) or (m.tx, m.dst, m.asset) in back
    ]


def _told(view: View, m: Move) -> dict[str, Any]:
    by_loss, brought = dict(sorted(m.by_loss.items())), payers.brought(view, m.tx, m.asset)
    told = {"seq": m.seq, "tx": m.tx, "asset": m.asset, "moved": m.value, "by_loss": by_loss}
    if len(brought) > 1:
        told["brought"] = {at: str(n) for at, n in brought.items()}
    return told
