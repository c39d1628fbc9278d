"""Remainders: what of a deposit into a bridge does not arrive: its fee, and what no exhibit shows arriving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from recover.tracing import NOBODY, Ends, Event, Reason, Trace
from recover.tracing.lots import apportion
from recover.tracing.moves import ints
from recover.trails.trail import Trail

if TYPE_CHECKING:
    from recover.trails.swaps import Swap

_Row = tuple[int, int, int]
"""The loss, the address and the reason of an end."""


def parted(result: Trace, trail: Trail, deposits: Sequence[Swap]) -> Trace:
    """The same trace; what went into bridges ends as what crossed, what the bridge kept, and what stays open.

    Each loss is split by itself, by largest remainder, so that its parts are what it had there, to the unit.
    """
    if not deposits:
        return result
    taken: dict[int, dict[int, int]] = {}
    places = {int(seq): place for place, seq in enumerate(trail.seqs.tolist())}
    for flow in result.flows or ():
        if flow.event is Event.END:
            taken.setdefault(flow.move, {})[flow.loss] = flow.amount
    rows: dict[_Row, list[int]] = {}
    moved: dict[_Row, set[int]] = {}
    # Several keys can share what left, and several pay-outs one key: what left is split once.
    kept: dict[tuple[int, ...], list[int]] = {}
    for deposit in deposits:
        parts = kept.setdefault(deposit.out, [deposit.gross, 0, 0, deposit.at])
        parts[1] += deposit.fee
        parts[2] += deposit.open
    for out, (gross, fee, unpaid, at) in kept.items():
        moves = [places[seq] for seq in out if seq in places]
        lost: dict[int, int] = {}
        for move in moves:
            for loss, amount in taken.get(move, {}).items():
                lost[loss] = lost.get(loss, 0) + amount
        for loss, amount in lost.items():
            parts = apportion(amount, [gross - fee - unpaid, fee, unpaid])
            for reason, part in zip((Reason.CROSSED, Reason.BRIDGE_FEE, Reason.BRIDGE), parts, strict=True):
                # What a bridge holds ends at its contract, and all else at who sent it. Coins can have had several
                # senders, and end where the output paid.
                held = reason is Reason.BRIDGE and at != NOBODY
                coin = trail.model == "utxo"
                who = int(trail.receivers[moves[0]]) if coin else trail.payer(moves[0])
                key = (loss, at if held else who, int(reason))
                rows.setdefault(key, [0])[0] += part
                moved.setdefault(key, set()).update(m for m in moves if loss in taken.get(m, {}))
    if not rows:
        return result
    return replace(result, ends=_ends(result.ends, {key: row[0] for key, row in rows.items() if row[0]}, moved))


def _ends(ends: Ends, rows: Mapping[_Row, int], moved: Mapping[_Row, set[int]]) -> Ends:
    """The ends with these rows in the place of all that crossed; one that was there before is added to."""
    found: dict[_Row, tuple[int, int, int, int]] = {}
    columns = (ends.loss, ends.address, ends.reason, ends.transfers, ends.first, ends.last)
    for amount, *cells in zip(ints(ends.amount), *(c.tolist() for c in columns), strict=True):
        loss, address, reason, count, first, last = cells
        if reason != Reason.CROSSED:
            found[loss, address, reason] = (amount, count, first, last)
    for key, amount in rows.items():
        mine = moved[key]
        was, count, first, last = found.get(key, (0, 0, min(mine), max(mine)))
        found[key] = (was + amount, count + len(mine), min(first, *mine), max(last, *mine))
    keys = sorted(found)
    return Ends(
        address=np.array([key[1] for key in keys], np.int32),
        loss=np.array([key[0] for key in keys], np.int32),
        reason=np.array([key[2] for key in keys], np.uint8),
        amount=[found[key][0] for key in keys],
        transfers=np.array([found[key][1] for key in keys], np.int64),
        first=np.array([found[key][2] for key in keys], np.int64),
        last=np.array([found[key][3] for key in keys], np.int64),
    )
