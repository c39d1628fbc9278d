"""Arrivals: what of each loss reached a service's own wallet or a hub, and which address passed it on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.view import Loss
from recover.tracing import NOBODY, Event, Flows, Reason, Trace
from recover.trails.trail import Ended, Trail

if TYPE_CHECKING:
    from recover.tracing.moves import Amounts

STOPPED = (Reason.SERVICE, Reason.HUB)
"""Where value is in the hands of somebody who can be written to, or who many wallets sweep to."""

ARRIVALS = pa.schema(
    [
        ("rule", pa.string()),
        ("ties", pa.string()),
        ("loss", pa.string()),
        ("asset", pa.string()),
        ("through", pa.string()),
        ("address", pa.string()),
        ("reason", pa.string()),
        ("memo", pa.string()),
        ("amount", pa.int64()),
        ("wide", pa.binary(33)),
    ]
)
"""`amount` of a loss ended at `address`, paid by `through`. The two are one where the loss begins there, where a
source calls it a deposit address, and where a memo says whose a deposit is (`memo`, empty for a deposit without
one; null where it does not matter)."""


def ended(flows: Flows, receivers: NDArray[np.int32], stop: NDArray[np.uint8]) -> list[Ended]:
    """Every movement's part of a loss that ended at a service or hub, in the order of the movements."""
    rows = np.flatnonzero(stopped(receivers[flows.move], stop))
    moves, losses, events = flows.move[rows].tolist(), flows.loss[rows].tolist(), flows.event[rows].tolist()
    found = list(zip(moves, losses, events, picked(flows.amount, rows), strict=True))
    carried = {(move, loss): amount for move, loss, event, amount in found if event == Event.MOVE}
    return [
        Ended(move=move, loss=loss, amount=amount, carried=carried.get((move, loss), 0))
        for move, loss, event, amount in found
        if event == Event.END
    ]


def stopped(places: NDArray[np.int32], stop: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of these places are a service's or a hub's, at which a trace stops."""
    found: NDArray[np.bool_] = (places != NOBODY) & np.isin(stop[np.maximum(places, 0)], [int(r) for r in STOPPED])
    return found


def picked(amount: Amounts, rows: NDArray[np.int64]) -> list[int]:
    """Exact amounts of some rows."""
    return [amount[row] for row in rows.tolist()] if isinstance(amount, list) else amount[rows].tolist()


def memos_of(ledger: Numbered, trail: Trail, moves: NDArray[np.int64]) -> dict[int, str]:
    """The memo of each of these moves, empty for one without; nothing where no memo matters."""
    if not ledger.memos:
        return {}
    found = np.unique(moves)
    memos = ledger.table.column("memo").take(pa.array(trail.seqs[found])).to_pylist()
    return {move: memo or "" for move, memo in zip(found.tolist(), memos, strict=True)}


Arrived = dict[tuple[int, int, int, str | None], int]
"""By loss, payer, stop and memo: exact amounts."""


def arrived(result: Trace, ledger: Numbered, trail: Trail) -> Arrived:
    """What of each loss reached a service's wallet or a hub in one run of one rule."""
    assert result.flows is not None
    sums: Arrived = {}
    found = ended(result.flows, trail.receivers, ledger.stop)
    memos = memos_of(ledger, trail, np.array([end.move for end in found], np.int64))
    for end, payer, amount in trail.passed(result, found):
        at = int(trail.receivers[end.move])
        # What was deposited under a memo, or at an address that a source calls a deposit address, is one
        # customer's, whoever paid it in: that is what the service credited.
        memo = memos[end.move] if at in ledger.memos else None
        credited = payer == NOBODY or memo is not None or at in ledger.deposits
        key = end.loss, at if credited else payer, at, memo
        sums[key] = sums.get(key, 0) + amount
    return sums


def arrival_table(result: Trace, ties: str, losses: Sequence[Loss], ledger: Numbered, trail: Trail) -> pa.Table:
    """The arrivals of one run of one rule, summed by loss, payer and stop."""
    sums = arrived(result, ledger, trail)
    keys = sorted(sums, key=lambda key: (key[:3], key[3] or ""))
    reasons = {at: Reason(int(ledger.stop[at])).name.lower() for at in sorted({at for _, _, at, _ in keys})}
    cells, wide = amounts.columns(sums[key] for key in keys)
    columns = [
        [result.rule] * len(keys),
        [ties] * len(keys),
        [losses[loss].id for loss, _, _, _ in keys],
        [trail.asset] * len(keys),
        [ledger.names[payer] for _, payer, _, _ in keys],
        [ledger.names[at] for _, _, at, _ in keys],
        [reasons[at] for _, _, at, _ in keys],
        [memo for _, _, _, memo in keys],
        cells,
        wide,
    ]
    arrays = [pa.array(column, of.type) for column, of in zip(columns, ARRIVALS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=ARRIVALS)
