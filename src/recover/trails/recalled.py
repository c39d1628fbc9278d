"""Recalled: what following losses through a part of a ledger gave, by a digest of exactly what it was given.

Between two parts of what losses reach no lot passes, so each is followed alone. A part is its movements in order,
with its addresses, losses and rows numbered from 0: a late exhibit, a label or a loss that touches another part
leaves it as it is, wherever it then stands in the ledger. What the last trace noted is used only where the journal
says that it is what was made, and every trace notes just what it asked for: `verify`, which recalls nothing, then
makes the same file again, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recover.case import Case, derived
from recover.linking.clustering import cluster
from recover.sdk.errors import Error
from recover.tracing import (
    NOBODY,
    ByAddress,
    ByMove,
    Claims,
    Election,
    Ends,
    Flows,
    Limits,
    Moves,
    Openings,
    Overlap,
    Rule,
    Trace,
    rules,
    trace,
)
from recover.tracing.account import check
from recover.tracing.moves import ints
from recover.tracing.reach import reach, reached, within

LEAST, MOST = 500, 50_000
"""Of fewer movements a part is as soon followed as looked up; where losses reach more, the compiled path is."""

ROOM = 32 << 20
"""Characters that are noted of all parts together."""

PASSES = pa.schema([("key", pa.string()), ("found", pa.string())])
"""A row a part and rule: the digest of what it was given, and what it gave, as JSON."""

_FORM = "1"
_Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known, as it was noted or as it was worked out in this process, and what of it was asked for."""

    known: dict[str, Any]
    asked: dict[str, Trace]

    def table(self) -> pa.Table:
        """What this trace asked for, as much as there is room for; what it did not is forgotten."""
        self.known.clear()
        self.known.update(self.asked)
        rows, left = [], ROOM
        for key, found in sorted(self.asked.items(), key=lambda one: one[0]):
            text = _text(found)
            left -= len(text)
            if left >= 0:
                rows.append({"key": key, "found": text})
        return pa.Table.from_pylist(rows, schema=PASSES)


_now: ContextVar[Memory | None] = ContextVar("recalled", default=None)


@contextmanager
def recalling(case: Case, core: str) -> Iterator[Memory]:
    """Passes are recalled within, and remembered for as long as this case is open."""
    if not case.recalled:
        _bring(case, core)
    memory = Memory(case.recalled, {})
    token = _now.set(memory)
    try:
        yield memory
    finally:
        _now.reset(token)


def _bring(case: Case, core: str) -> None:
    """Take up what the last trace by this very code noted, if it is still what was made."""
    if derived.stamp(case, "trace").get("core") == core:
        try:
            noted = derived.load(case, "derived/trace/passes.parquet", "trace")
        except Error:
            return
        case.recalled.update(zip(noted["key"].to_pylist(), noted["found"].to_pylist(), strict=True))


def followed(
    moves: Moves,
    claims: Claims,
    limits: Limits,
    rule: Rule,
    *,
    flows: bool,
    exposure: bool,
    given: bool,
    elected: Sequence[Election],
) -> Trace:
    """The same as `trace`, part by part where that is worth it. Raises as it does."""
    memory = _now.get()

    def run(moves: Moves, claims: Claims, limits: Limits) -> Trace:
        return trace(moves, claims, limits, rule, flows=flows, exposure=exposure, given=given, elections=elected)

    # Pools that watch are another rule of the same name; what an exchange brought has an order of its own.
    odd = elected or claims.turns or claims.exchanged or given
    known = rules.RULES.get(rule.id) is rule and not odd
    if memory is None or not known or len(moves) < LEAST:
        return run(moves, claims, limits)
    check(moves, claims, limits)
    seen = reached(moves, claims, limits)
    rows = reach(moves, claims, limits, seen)
    if not LEAST <= len(rows) <= MOST:
        return run(moves, claims, limits)
    head = (_FORM, rule.id, flows, exposure)
    found = [_part(memory, head, moves, claims, limits, part, run) for part in _parts(moves, rows, seen)]
    return _whole(found, rule.id, claims.losses, isinstance(moves.amount, list))


def _parts(moves: Moves, rows: _Rows, seen: NDArray[np.bool_]) -> list[_Rows]:
    """The rows of each part that is large, then those of all others; `seen` are addresses that lots come to."""
    count = len(rows)
    places, spots = np.unique(np.concatenate([moves.src[rows], moves.dst[rows]]), return_inverse=True)
    # Rows come first, then addresses: a pool joins all that fill it, and all that it pays.
    edges = [np.stack([at := np.flatnonzero(seen[places[side]]), count + side[at]]) for side in np.split(spots, 2)]
    one, two = np.concatenate(edges, axis=1).astype(np.int32)
    root = cluster(count + len(places), one, two).root[:count]
    sizes = np.bincount(root)
    large = np.flatnonzero(sizes >= LEAST)
    found = [rows[root == part] for part in large.tolist()]
    rest = rows[sizes[root] < LEAST]
    return [*found, rest] if len(rest) else found


def _part(
    memory: Memory,
    head: tuple[object, ...],
    moves: Moves,
    claims: Claims,
    limits: Limits,
    rows: _Rows,
    run: Callable[[Moves, Claims, Limits], Trace],
) -> Trace:
    """What following one part gives, numbered as the whole is."""
    places = np.unique(np.concatenate([moves.src[rows], moves.dst[rows]]))
    places = places[places != NOBODY]
    mine, here = set(rows.tolist()), set(places.tolist())
    own = replace(
        claims,
        by_move=[claim for claim in claims.by_move if claim.move in mine],
        by_address=[claim for claim in claims.by_address if claim.address in here],
    )
    few, own = within(moves, own, rows)
    losses = sorted({c.loss for c in own.by_move} | {c.loss for c in own.by_address})
    at = {loss: number for number, loss in enumerate(losses)}
    spot = {place: number for number, place in enumerate(places.tolist())}
    own = Claims(
        losses=len(losses),
        listed=own.listed,
        by_move=[ByMove(c.move, at[c.loss], c.amount) for c in own.by_move],
        by_address=[ByAddress(spot[c.address], at[c.loss], c.first, c.last) for c in own.by_address],
    )
    sides = [
        np.where(side < 0, NOBODY, np.searchsorted(places, side)).astype(np.int32) for side in (few.src, few.dst)
    ]
    few = Moves(src=sides[0], dst=sides[1], amount=few.amount, kind=few.kind)
    narrow = Limits(stop=limits.stop[places], known=limits.known[places])
    key = _digest(head, few, own, narrow)
    known = memory.known.get(key)
    if known is None or isinstance(known, str):
        known = run(few, own, narrow) if known is None else _read(known, str(head[1]))
    memory.known[key] = memory.asked[key] = known
    return _placed(known, rows, places, np.array(losses, np.int32))


def _digest(head: tuple[object, ...], moves: Moves, claims: Claims, limits: Limits) -> str:
    wide = isinstance(moves.amount, list)
    said = [*head, len(moves), len(limits), claims.losses, claims.listed, wide, moves.kind is not None]
    said += [[*map(list, claims.by_move)], [*map(list, claims.by_address)], moves.amount if wide else None]
    found = hashlib.sha256(json.dumps(said).encode())
    columns = (moves.src, moves.dst, moves.kind, limits.stop, limits.known, None if wide else moves.amount)
    for column in (one for one in columns if one is not None):
        found.update(np.ascontiguousarray(column).tobytes())
    return found.hexdigest()


def _placed(found: Trace, rows: _Rows, places: NDArray[np.int32], losses: NDArray[np.int32]) -> Trace:
    """The same with the numbers of the whole; `starts` stay by the part's own losses."""
    whole, spots = np.append(rows, NOBODY), np.append(places, NOBODY).astype(np.int32)
    ends, flows = found.ends, found.flows
    starts = dict(zip(losses.tolist(), found.starts, strict=True))
    return replace(
        found,
        starts=tuple(starts.get(loss, 0) for loss in range(int(losses.max(initial=NOBODY)) + 1)),
        ends=replace(
            ends,
            address=spots[ends.address],
            loss=losses[ends.loss],
            first=whole[ends.first],
            last=whole[ends.last],
        ),
        flows=None if flows is None else replace(flows, move=rows[flows.move], loss=losses[flows.loss]),
        openings=replace(found.openings, address=spots[found.openings.address]),
        overlaps=tuple(
            Overlap(int(rows[o.move]), int(losses[o.loss]), int(losses[o.held]), o.amount) for o in found.overlaps
        ),
    )


def _whole(found: Sequence[Trace], rule: str, losses: int, wide: bool) -> Trace:
    """One trace of all parts."""
    starts, sums = [0] * losses, dict[tuple[int, int, int], list[int]]()
    for one in found:
        for loss, amount in enumerate(one.starts):
            starts[loss] += amount
        ends = one.ends
        columns = (ends.loss, ends.address, ends.reason, ends.transfers, ends.first, ends.last)
        for amount, loss, place, why, count, first, last in zip(
            ints(ends.amount), *(column.tolist() for column in columns), strict=True
        ):
            # The same service can be paid from several parts.
            row = sums.setdefault((loss, place, why), [0, 0, first, last])
            row[:] = row[0] + amount, row[1] + count, min(row[2], first), max(row[3], last)
    openings = sorted(opening for one in found for opening in one.openings)
    flows = [one.flows for one in found if one.flows is not None]
    return Trace(
        rule=rule,
        starts=tuple(starts),
        ends=_ends([(*key, *sums[key]) for key in sorted(sums)]),
        flows=_flows(flows, wide) if flows else None,
        openings=_openings([*map(list, openings)]),
        overlaps=tuple(sorted((o for one in found for o in one.overlaps), key=lambda o: o.move)),
    )


def _ends(rows: Sequence[Sequence[int]]) -> Ends:
    """From rows of loss, address, reason, amount, transfers, first, last."""
    loss, address, reason, amount, transfers, first, last = zip(*rows, strict=True) if rows else [()] * 7
    return Ends(
        address=np.array(address, np.int32),
        loss=np.array(loss, np.int32),
        reason=np.array(reason, np.uint8),
        amount=list(amount),
        transfers=np.array(transfers, np.int64),
        first=np.array(first, np.int64),
        last=np.array(last, np.int64),
    )


def _openings(rows: Sequence[Sequence[int]]) -> Openings:
    return Openings(address=np.array([row[0] for row in rows], np.int32), amount=[row[1] for row in rows])


def _flows(parts: Sequence[Flows], wide: bool) -> Flows:
    """The rows of all parts in the order of (move, event, loss)."""
    move, loss, event = (
        np.concatenate([getattr(one, name) for one in parts]) for name in ("move", "loss", "event")
    )
    order = np.lexsort((loss, event, move))
    amounts = [amount for one in parts for amount in ints(one.amount)] if wide else None
    return Flows(
        move=move[order],
        loss=loss[order],
        event=event[order],
        amount=np.concatenate([np.asarray(one.amount, np.int64) for one in parts])[order]
        if amounts is None
        else [amounts[at] for at in order.tolist()],
    )


def _text(found: Trace) -> str:
    """What a part gave, as JSON that is the same whatever path it took."""
    ends, flows = found.ends, found.flows
    columns = (ends.loss, ends.address, ends.reason, ints(ends.amount), ends.transfers, ends.first, ends.last)
    moved = () if flows is None else (flows.move, flows.loss, flows.event, ints(flows.amount))
    said = {
        "starts": found.starts,
        "ends": [[*row] for row in zip(*map(_list, columns), strict=True)],
        "flows": None if flows is None else [_list(column) for column in moved],
        "wide": flows is not None and isinstance(flows.amount, list),
        "openings": [[*one] for one in found.openings],
        "overlaps": [[*one] for one in found.overlaps],
    }
    return json.dumps(said, separators=(",", ":"), sort_keys=True)


def _list(column: Any) -> list[int]:
    return column if isinstance(column, list) else column.tolist()


def _read(text: str, rule: str) -> Trace:
    said = json.loads(text)
    flows = None
    if said["flows"] is not None:
        move, loss, event, amount = said["flows"]
        flows = Flows(
            move=np.array(move, np.int64),
            loss=np.array(loss, np.int32),
            event=np.array(event, np.uint8),
            amount=amount if said["wide"] else np.array(amount, np.int64),
        )
    return Trace(
        rule=rule,
        starts=tuple(said["starts"]),
        ends=_ends(said["ends"]),
        flows=flows,
        openings=_openings(said["openings"]),
        overlaps=tuple(Overlap(*one) for one in said["overlaps"]),
    )
