"""The crossings that traced value came to: both legs of each, and what of them is traced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.declared.deeds import digest
from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.tracing.lots import apportion
from recover.trails.crossings import Crossing
from recover.trails.prepared import Exchanged
from recover.trails.sides import CANDIDATE, Said

_TEXTS = (
    *("state", "why", "protocol", "key", "method", "grade", "note"),
    *("chain", "tx", "address", "through", "asset", "amount"),
    *("to_chain", "to_tx", "to_address", "into", "arrived"),
    *("fee", "promised", "traced", "carried"),
)
CROSSINGS = pa.schema(
    [
        *((name, pa.string()) for name in _TEXTS),
        ("level", pa.int8()),
        *((name, pa.bool_()) for name in ("refund", "accepted")),
        *((name, pa.list_(pa.int64())) for name in ("legs", "to_legs", "exhibits")),
    ]
)
"""The crossings that traced value came to under the declared rule, and the candidates for one. Amounts are base
units as text, empty where none is known: `amount` and `traced` of `asset`; `arrived`, `carried`, `fee` and
`promised` of `into`. `state` is `followed`, `open`, or the code of why it is not. `through` is the address that
received it. `legs` and `to_legs` are the ledger's movements, `traced` what they carried of it, and `carried` what
is traced on. A row in state `claimed` is a payment that is recorded as the other side and is not followed, for
what `why`, the code of its gap, says; it carries nothing."""

FOLLOWED, OPEN, CLAIMED = "followed", "open", "claimed"
UNPAID = frozenset({FOLLOWED, CLAIMED, CANDIDATE})
"""The states of rows that are no payment whose other side is missing."""


def table(
    ledger: Numbered, found: Exchanged, flows: Sequence[pa.Table], came: Sequence[pa.Table], accepted: Set[str]
) -> pa.Table:
    """Rows of `CROSSINGS`, in the order of the ledger's movements."""
    gave = _sums(flow.filter(pc.equal(flow.column("event"), "end")) for flow in flows)
    had = _sums(came)
    shared: dict[tuple[int, ...], list[Crossing]] = {}
    for one in found.swaps:
        if isinstance(one, Crossing) and any(seq in gave for seq in one.out):
            shared.setdefault(one.out, []).append(one)
    why = {r.said.deposit: r.code for r in found.refused if r.code != CANDIDATE}
    rows = []
    for out, mine in shared.items():
        paid, unpaid = [one for one in mine if one.into], [one for one in mine if one.open]
        sums = [*(one.sold for one in paid), *(one.open for one in unpaid)]
        # What was traced of the movements is divided over all that they were for: what came back at once too.
        parts = apportion(sum(gave.get(seq, 0) for seq in out), [*sums, max(mine[0].gross - sum(sums), 0)])
        for one, part in zip(paid, parts, strict=False):
            carried = sum(had.get(seq, 0) for seq, _ in one.back)
            rows.append(_row(ledger, one.said, FOLLOWED, out, one.back, (one.sold, part, carried), accepted))
        for one, part in zip(unpaid, parts[len(paid) :], strict=False):
            state = why.get(one.said.deposit, OPEN)
            rows.append(_row(ledger, one.said, state, out, (), (one.open, part, 0), accepted))
    met = {one.said.deposit for mine in shared.values() for one in mine}
    for other in found.refused:
        if other.code == CANDIDATE and other.said.deposit in met:
            held = (other.said.cross.sent, 0, 0)
            rows.append(_row(ledger, other.said, CANDIDATE, other.out, (), held, accepted))
    rows += _claimed(ledger, found, shared)
    rows.sort(key=_order)
    return pa.Table.from_pylist(rows, schema=CROSSINGS)


def _claimed(
    ledger: Numbered, found: Exchanged, shared: Mapping[tuple[int, ...], Sequence[Crossing]]
) -> Iterator[dict[str, Any]]:
    """Each payment that is recorded as the other side of what stays open, once for each reason why it is none."""
    unpaid = {one.said.deposit: out for out, mine in shared.items() for one in mine if one.open}
    told: set[tuple[object, ...]] = set()
    for one in found.refused:
        cross, out = one.said.cross, unpaid.get(one.said.deposit)
        key = (one.said.deposit, cross.to_chain, cross.to_tx, one.said.other, cross.target_leg, one.code)
        if one.code != CANDIDATE and cross.to_tx and out and key not in told:
            told.add(key)
            yield {**_row(ledger, one.said, CLAIMED, out, (), (cross.sent, 0, 0), frozenset()), "why": one.code}


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    """By what left; candidates for one payment by what came, the most first, for all were sent the same."""
    near = -int(row["arrived"]) if row["state"] in (CANDIDATE, CLAIMED) else 0
    return row["legs"], row["state"], near, row["to_legs"], row["key"], row["to_tx"]


def _sums(tables: Iterable[pa.Table]) -> dict[int, int]:
    """By movement, what of all losses together."""
    found: dict[int, int] = {}
    for one in tables:
        for seq, amount in zip(one.column("seq").to_pylist(), amounts.exact(one), strict=True):
            found[seq] = found.get(seq, 0) + amount
    return found


def _row(
    ledger: Numbered,
    said: Said,
    state: str,
    out: Sequence[int],
    back: Sequence[tuple[int, int]],
    held: tuple[int, int, int],
    accepted: Set[str],
) -> dict[str, Any]:
    cross, legs = said.cross, [seq for seq, _ in back]
    sent, traced, carried = held
    shown = ledger.table.column("exhibit").take(pa.array([*out, *legs], pa.int64())).to_pylist()
    other = state in UNPAID
    return {
        "state": state,
        "why": "",
        "protocol": cross.protocol,
        "key": cross.key,
        "method": said.method,
        "grade": said.grade,
        "note": said.note,
        "chain": said.chain,
        "tx": said.tx,
        "address": said.owner,
        "through": ledger.names[at] if (at := int(ledger.dst[out[0]])) >= 0 else "",
        "asset": said.asset,
        "amount": str(sent),
        "to_chain": cross.to_chain,
        "to_tx": cross.to_tx if other else "",
        "to_address": said.other or "",
        "into": cross.into,
        "arrived": str(cross.received) if other else "",
        "fee": "" if cross.fee is None or not other else str(cross.fee),
        "promised": "" if cross.expected is None else str(cross.expected),
        "traced": str(traced),
        "carried": str(carried),
        "level": cross.level,
        "refund": cross.refund,
        "accepted": cross.level > 2 and digest(said.accepted_as) in accepted,
        "legs": list(out),
        "to_legs": legs,
        "exhibits": sorted({number for number in shown if number is not None}),
    }
