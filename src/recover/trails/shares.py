"""Shares: which address's coins paid an output, or a fee, where a transaction gathers those of several."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.view import Loss
from recover.tracing import Event, Flows, Trace, rules
from recover.tracing.lots import totals
from recover.tracing.transactions import OUTSIDE
from recover.trails.arrivals import picked

if TYPE_CHECKING:
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


def shares(trail: Spending, result: Trace, wanted: Collection[int] | None = None) -> Iterator[Share]:
    """What the coins of each address paid in these transactions, or in all: output by output, then the fee.

    What came of one loss lies in a pool of the rule, input by input, under whose coin it was: the rule says whose
    an output took, as it says whose loss. The sums are exact: all that an address brought is in its shares.
    """
    flows, rule = result.flows, rules.rule(result.rule)
    assert flows is not None
    coins, spender, makers = trail.coins, trail.spender[flows.move], trail.coins.makers()[flows.move]
    ids = np.arange(len(trail.ids)) if wanted is None else np.array(sorted(wanted), np.int64)
    came = _sums(flows, np.flatnonzero(np.isin(spender, ids)), spender)
    went = _sums(flows, np.flatnonzero(np.isin(makers, ids) & (flows.event == Event.MOVE)), makers)
    place = np.full(len(coins.address), OUTSIDE, np.int64)
    known = np.flatnonzero(coins.spends != OUTSIDE)
    place[coins.spends[known]] = known
    for (t, loss), brought in sorted(came.items()):
        pool = rule.fresh()
        for coin in sorted(brought, key=place.__getitem__):
            if brought[coin]:
                pool.put([(int(coins.address[coin]), brought[coin])], brought[coin])
        for move, amount in went.get((t, loss), {}).items():
            for payer, part in totals(pool.take(amount)).items():
                yield Share(move, loss, payer, part)
        for payer, part in totals(pool.lots()).items():
            yield Share(trail.first(t), loss, payer, part, fee=True)


def _sums(flows: Flows, rows: NDArray[np.int64], of: NDArray[np.int64]) -> dict[tuple[int, int], dict[int, int]]:
    """By transaction and loss, what each of these movements carried, less what ended on arrival."""
    found: dict[tuple[int, int], dict[int, int]] = {}
    columns = (of[rows], flows.loss[rows], flows.move[rows], flows.event[rows])
    for t, loss, move, event, amount in zip(
        *(c.tolist() for c in columns), picked(flows.amount, rows), strict=True
    ):
        sums = found.setdefault((t, loss), {})
        sums[move] = sums.get(move, 0) + (-amount if event == Event.END else amount)
    return found


def table(result: Trace, losses: Sequence[Loss], ledger: Numbered, trail: Spending) -> pa.Table:
    """The shares of one run as rows of `SHARES`, in order."""
    found = list(shares(trail, result))
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
