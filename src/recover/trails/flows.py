"""Flows and ends as they are stored: rows of the ledger, names of losses, exact amounts."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.view import Loss
from recover.tracing import NOBODY, ByMove, Event, Reason, Trace
from recover.tracing.lots import CLEAN
from recover.tracing.moves import ints
from recover.trails.trail import Trail

FLOWS = pa.schema(
    [
        ("seq", pa.int64()),
        ("loss", pa.string()),
        ("event", pa.string()),
        ("amount", pa.int64()),
        ("wide", pa.binary(33)),
    ]
)
CAME = FLOWS.remove(FLOWS.get_field_index("event")).append(pa.field("again", pa.bool_()))
"""Of what a flow says began by a movement, how much came in by an exchange; `again`: in the asset that was given,
as a part of it came back, so that it is counted there twice."""

ENDS = pa.schema(
    [
        ("rule", pa.string()),
        ("ties", pa.string()),
        ("loss", pa.string()),
        ("asset", pa.string()),
        ("address", pa.string()),
        ("reason", pa.string()),
        ("amount", pa.int64()),
        ("wide", pa.binary(33)),
        ("transfers", pa.int64()),
        ("first", pa.int64()),
        ("last", pa.int64()),
    ]
)


def arriving(flows: pa.Table) -> pa.Table:
    """The flows by which value came: where a loss began, and where it moved on; not those by which it ended."""
    return flows.filter(pc.is_in(flows.column("event"), value_set=pa.array(["start", "move"], pa.string())))


def ordered(flows: Sequence[pa.Table]) -> pa.Table:
    """Flows as they are stored: by movement, what began before what moved and ended, by loss."""
    keys = [("seq", "ascending"), ("event", "descending"), ("loss", "ascending")]
    return pa.concat_tables([FLOWS.empty_table(), *flows]).sort_by(keys)


def flow_table(result: Trace, losses: Sequence[Loss], seqs: NDArray[np.int64]) -> pa.Table:
    """The flows of one trail as rows of `FLOWS`, each with the ledger row that it moved by."""
    assert result.flows is not None
    flows = result.flows
    amount: Any = flows.amount
    wide: Sequence[bytes | None] = [None] * len(flows)
    if isinstance(flows.amount, list):
        amount, wide = amounts.columns(flows.amount)
    names = np.array([loss.id for loss in losses], object)
    events = np.array([e.name.lower() for e in Event], object)
    columns = [seqs[flows.move], names[flows.loss], events[flows.event], amount, wide]
    # By columns: there can be millions of flows, and a row of objects for each would not fit.
    arrays = [pa.array(c, f.type) for c, f in zip(columns, FLOWS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=FLOWS)


def came_in(
    result: Trace, claims: Sequence[ByMove], losses: Sequence[Loss], seqs: NDArray[np.int64], again: Set[int]
) -> pa.Table:
    """Rows of `CAME`: of what began in this asset, how much came by an exchange; `again` in it by these."""
    if not claims:
        return CAME.empty_table()
    began = {(f.move, f.loss): f.amount for f in result.flows or () if f.event is Event.START}
    wanted: dict[tuple[int, int], int] = {}
    for claim in (claim for claim in claims if claim.loss != CLEAN):
        wanted[claim.move, claim.loss] = wanted.get((claim.move, claim.loss), 0) + claim.amount
    # No more than began: the trace counts each unit once, also where claims meet.
    came = [(*key, min(amount, began.get(key, 0))) for key, amount in sorted(wanted.items())]
    rows = []
    for move, loss, amount in came:
        cell, wide = amounts.split(amount)
        seq = int(seqs[move])
        row = {"seq": seq, "loss": losses[loss].id, "amount": cell, "wide": wide, "again": seq in again}
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=CAME)


def end_table(result: Trace, ties: str, losses: Sequence[Loss], ledger: Numbered, trail: Trail) -> pa.Table:
    """Where value ended, as rows of `ENDS`; `ties` says in which order of assumed ties it was traced."""
    ends = result.ends
    reasons = {int(reason): reason.name.lower() for reason in Reason}
    amount, wide = amounts.columns(ints(ends.amount))
    # By columns: a loss of each of ten thousand victims can end at dozens of places, under every rule.
    columns = [
        [result.rule] * len(ends),
        [ties] * len(ends),
        [losses[loss].id for loss in ends.loss.tolist()],
        [trail.asset] * len(ends),
        [at_end(address, ledger) for address in ends.address.tolist()],
        [reasons[reason] for reason in ends.reason.tolist()],
        amount,
        wide,
        ends.transfers,
        _moved(trail.seqs, ends.first),
        _moved(trail.seqs, ends.last),
    ]
    arrays = [pa.array(column, of.type) for column, of in zip(columns, ENDS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=ENDS)


def _moved(seqs: NDArray[np.int64], moves: NDArray[np.int64]) -> pa.Array:
    """The rows of the ledger of these moves; null where there is none."""
    rows = seqs[np.maximum(moves, 0)] if len(seqs) else moves
    return pa.array(rows, pa.int64(), mask=moves < 0)


def at_end(address: int, ledger: Numbered) -> str:
    """The address where value ended, by its number; of a fee or a burn on an account chain, who paid it.

    Empty for what coins paid as fees, and for outputs that none can spend: a transaction of coins may have many
    payers, and the sum is of many transactions.
    """
    return ledger.names[address] if address != NOBODY else ""
