"""Booked: by which transactions, and when, a service or hub was paid what an off-ramp says is with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.sdk.view import OffRamp


@dataclass(frozen=True, slots=True)
class Booked:
    """Transactions that a service finds in its own books, in order, and the moments of the first and the last."""

    transactions: tuple[str, ...]
    first: datetime | None
    last: datetime | None


def booked(case: Case, ramps: Sequence[OffRamp]) -> list[Booked]:
    """For each off-ramp what its service was paid by.

    At a deposit address, and at a wallet of its own, what credited that. Of any other wallet, which may be a
    private one, its payments into the wallets of the service or hub that carried traced value under the declared
    rule; where none did, or none is known of, all of them, without a moment.
    """
    plain = {tx for ramp in ramps if ramp.plain for tx in ramp.sweep_transactions}
    moved = _moved(case, plain) if plain else {}
    return [_of(ramp, moved) for ramp in ramps]


_Move = tuple[str, str | None, str, str]
"""Transaction, payer (None where outputs name none), receiver and asset."""


def _moved(case: Case, txs: set[str]) -> dict[_Move, datetime | None]:
    """The movements of some transactions that carried traced value, in order, with their moments; none where a
    case no longer has its trace."""
    if case.held is None and case.files.size("derived/trace/flows.parquet") is None:
        return {}
    from recover.trails.flows import (
        arriving,  # only now: it loads the joining of ledgers, and a listing may not need it
    )

    seqs = pc.unique(arriving(derived.read(case, "flows", ["seq", "event"])).column("seq"))
    columns = ["tx", "src", "dst", "asset", "time"]
    rows = derived.read(case, "transfers", columns).take(pc.take(seqs, pc.sort_indices(seqs)))
    rows = rows.filter(pc.is_in(rows.column("tx"), value_set=pa.array(sorted(txs), pa.string())))
    return {(r["tx"], r["src"], r["dst"], r["asset"]): r["time"] for r in rows.to_pylist()}


def _of(ramp: OffRamp, moved: dict[_Move, datetime | None]) -> Booked:
    if not ramp.plain:
        return Booked(ramp.transactions, ramp.first, ramp.last)
    mine = set(ramp.sweep_transactions)
    found = {
        tx: time
        for (tx, src, dst, asset), time in moved.items()
        if tx in mine and src in (None, ramp.through) and dst in ramp.hot_wallets and asset == ramp.asset
    }
    times = [time for time in found.values() if time is not None]
    return Booked(tuple(found) or ramp.sweep_transactions, min(times, default=None), max(times, default=None))
