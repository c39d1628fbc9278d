"""Outflows: all that left a place which held traced value, so that nothing of a mixed one is unlisted.

A place is an address; on a coin chain, a transaction that spent a traced output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import View
from recover_exports.carried import Carried, Reasons, movements, reasons, stopped
from recover_exports.held import Ledger, follow
from recover_exports.places import payer

COLUMNS = (
    *("seq", "chain", "tx_hash", "block_time_utc", "from", "to", "asset", "decimals", "moved", "traced", "clean"),
    *("began", "ended", "fate", "reason", "exhibit", "place"),
)


def rows(view: View) -> Iterator[Sequence[Any]]:
    """The heading, then one row for each outflow, in the order of the ledger: moved = traced + clean.

    `fate` is followed, stopped (for `reason`), no traced value, before (any traced value had arrived), to itself,
    or left out (the ledger leaves it out of lots, for `reason`: it moved nothing that counts).
    """
    yield COLUMNS
    table = view.tables["transfers"]()
    ledger = Ledger.of(table)
    book = follow(ledger, view.tables["flows"]())
    found: dict[int, dict[str, Carried]] = {}
    for hop in book.hops:
        found.setdefault(hop.seq, {})[hop.loss] = hop.part
    why = reasons(view)
    places = pa.array(sorted({place for place, _ in book.since}), pa.string())
    mine = pc.or_(*(pc.fill_null(pc.is_in(table.column(n), value_set=places), False) for n in ("src", "tx")))
    for batch in table.filter(mine).to_batches(max_chunksize=1 << 16):
        for move in movements(pa.Table.from_batches([batch])):
            first = book.since.get(payer(move, ledger.coins) or ("", ""))
            if first is not None:
                yield _row(view, move, found.get(move["seq"], {}), first, why)


def _row(
    view: View, move: Mapping[str, Any], parts: Mapping[str, Carried], first: int, why: Reasons
) -> Sequence[Any]:
    known = view.assets.get(move["asset"])
    traced = sum(part.traced for part in parts.values())
    fate, reason = _fate(move, parts, first, why)
    return (
        *(move["seq"], move["chain"], move["tx"], move["time"], move["src"], move["dst"], move["asset"]),
        *(known.decimals if known else None, move["moved"], traced, move["moved"] - traced),
        *(sum(part.began for part in parts.values()), sum(part.ended for part in parts.values())),
        *(fate, reason, move["exhibit"], move["place"]),
    )


def _fate(move: Mapping[str, Any], parts: Mapping[str, Carried], first: int, why: Reasons) -> tuple[str, str]:
    if move["excluded"] is not None:
        return "left out", move["excluded"]
    if move["src"] is not None and move["src"] == move["dst"]:
        return "to itself", ""
    if any(part.ended for part in parts.values()):
        found = {reason for loss, part in parts.items() if part.ended for reason in [stopped(loss, move, why)]}
        return "stopped", " ".join(sorted(found))
    if parts:
        return "followed", ""
    return ("before" if move["seq"] < first else "no traced value"), ""
