"""Shares: which address's coins paid an output, or a fee, where a transaction gathers those of several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.view import Loss
from recover.tracing import Event, Flows, Trace
from recover.tracing.lots import apportion
from recover.trails.arrivals import stopped
from recover.trails.outputs import Spending

SHARES = pa.schema(
    [
        ("seq", pa.int64()),
        ("loss", pa.string()),
        ("payer", pa.string()),
        ("fee", pa.bool_()),
        ("amount", pa.int64()),
        ("wide", pa.binary(33)),
    ]
)
"""On coin chains, under the declared rule: what of a loss that an output carried the coins of `payer` paid; of a
fee, which has no output, `seq` is the first output of its transaction."""


class Share(NamedTuple):
    """`payer` paid so much of a loss by an output, or as the fee of the transaction that made the output."""

    move: int
    loss: int
    payer: int
    amount: int
    fee: bool = False


def shares(trail: Spending, flows: Flows, stop: NDArray[np.uint8]) -> Iterator[Share]:
    """What each address paid on: outputs at which a trace stops first, then the others in order, then the fee.

    Each pays in proportion to what it brought of the loss, less what it gave to outputs before. The sums are
    exact: all that an address brought is in its shares.
    """
    left = trail.brought(flows)
    carried: dict[tuple[int, int], int] = {
        (flow.move, flow.loss): flow.amount for flow in flows if flow.event is Event.MOVE
    }
    moves = np.array([move for move, _ in carried], np.int64)
    halts = dict(zip(carried, stopped(trail.receivers[moves], stop).tolist(), strict=True))
    makers = trail.coins.makers()
    for move, loss in sorted(carried, key=lambda key: (not halts[key], *key)):
        yield from _paid(move, loss, carried[move, loss], left[int(makers[move]), loss])
    for (t, loss), brought in sorted(left.items()):
        for payer, amount in brought.items():
            if amount:
                yield Share(trail.first(t), loss, payer, amount, fee=True)


def _paid(move: int, loss: int, amount: int, brought: dict[int, int]) -> Iterator[Share]:
    parts = apportion(amount, list(brought.values()))
    for payer, part in zip(list(brought), parts, strict=True):
        brought[payer] -= part
        if part:
            yield Share(move, loss, payer, part)


def kept(trail: Spending, found: Sequence[Share]) -> dict[tuple[int, int], int]:
    """By output and loss, what came back to the address that paid it: change, which came to nobody."""
    return {
        (one.move, one.loss): one.amount for one in found if not one.fee and trail.receivers[one.move] == one.payer
    }


def table(result: Trace, losses: Sequence[Loss], ledger: Numbered, trail: Spending) -> pa.Table:
    """The shares of one run as rows of `SHARES`, in order."""
    assert result.flows is not None
    found = list(shares(trail, result.flows, ledger.stop))
    cells, wide = amounts.columns([one.amount for one in found])
    columns: list[Any] = [
        trail.seqs[np.array([one.move for one in found], np.int64)],
        [losses[one.loss].id for one in found],
        [ledger.names[one.payer] for one in found],
        [one.fee for one in found],
        cells,
        wide,
    ]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, SHARES, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SHARES).sort_by([("seq", "ascending"), ("fee", "ascending")])
