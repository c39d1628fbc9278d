"""Outflows: all that left an address which held traced value, so that nothing of a mixed one is unlisted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import View
from recover_exports.carried import Carried, Reasons, carried, movements, reasons, stopped

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
    found: dict[int, dict[str, Carried]] = {}
    for (seq, loss), part in carried(view.tables["flows"]()).items():
        found.setdefault(seq, {})[loss] = part
    since = _since(table, found)
    why = reasons(view)
    senders = pa.array(sorted({address for address, _ in since}), pa.string())
    for move in movements(table.filter(pc.is_in(table.column("src"), value_set=senders))):
        first = since.get((move["src"], move["asset"]))
        if first is not None:
            yield _row(view, move, found.get(move["seq"], {}), first, why)


def _since(table: pa.Table, found: Mapping[int, Mapping[str, Carried]]) -> dict[tuple[str, str], int]:
    """(address, asset) -> the first movement by which it held traced value; where it ended, it was not held."""
    seqs = sorted(seq for seq, parts in found.items() if any(p.traced > p.ended for p in parts.values()))
    there = table.select(["dst", "asset"]).take(pa.array(seqs, pa.int64()))
    keys = zip(there.column("dst").to_pylist(), there.column("asset").to_pylist(), strict=True)
    since: dict[tuple[str, str], int] = {}
    for seq, (address, asset) in zip(seqs, keys, strict=True):
        if address:
            since.setdefault((address, asset), seq)
    return since


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
    if move["src"] == move["dst"]:
        return "to itself", ""
    if any(part.ended for part in parts.values()):
        found = {reason for loss, part in parts.items() if part.ended for reason in [stopped(loss, move, why)]}
        return "stopped", " ".join(sorted(found))
    if parts:
        return "followed", ""
    return ("before" if move["seq"] < first else "no traced value"), ""
