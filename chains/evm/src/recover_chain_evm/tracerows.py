"""Traces that a file lists one a row, in columns: for exports of whole blocks, where objects would be too slow.

The same rules as `traces`: value moves by calls, creations and self-destructions that stand; rows without a
transaction are rewards and the first balances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.sdk import Gap, table
from recover_chain_evm import columns, destroyed, words
from recover_chain_evm.blocks import Credit
from recover_chain_evm.calls import CARRIES
from recover_chain_evm.destroyed import Fate, Step
from recover_chain_evm.frame import Frame
from recover_chain_evm.networks import Network

Column = Any  # pyarrow has no types to name
Path = tuple[int, ...]
Mask = NDArray[np.bool_]

_CREDITS = {"reward": "rewards", "genesis": "genesis"}
_KINDS = frozenset({"call", "create", "suicide", "reward", "genesis", "daofork"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRows:
    """Traces in columns. `kind` says call, create, suicide and so on; `number` counts calls depth first."""

    frame: Frame
    tx: Column
    kind: list[str]
    src: Column
    dst: Column
    number: Column
    root: Mask
    reverted: Mask
    height: Column
    position: Column

    @classmethod
    def of(cls, frame: Frame) -> TraceRows:
        """From a frame with tx, trace_id or path, src, dst, value, status or error. Notes problems."""
        tx = frame.hashes("tx", optional=True)
        ids = tx.to_pylist()
        kind, paths = _kinds_and_paths(frame)
        numbers = _numbers(ids, paths)
        return cls(
            frame=frame,
            tx=tx,
            kind=kind,
            src=frame.addresses("src", optional=True),
            dst=frame.addresses("dst", optional=True),
            number=pa.array(numbers, pa.int64()),
            root=np.array(
                [path == () and name is not None for path, name in zip(paths, ids, strict=True)], np.bool_
            ),
            reverted=_reverted(frame, ids, paths),
            height=frame.numbers("height", optional=True),
            position=frame.numbers("position", optional=True),
        )

    def fate(self, network: Network) -> Fate:
        """What becomes of the coin of contracts that destroyed themselves."""
        found = Fate()
        if "suicide" not in self.kind:
            return found
        ids = self.tx.to_pylist()
        dying = {tx for tx, kind in zip(ids, self.kind, strict=True) if kind == "suicide"}
        values, srcs, dsts = self.frame.exact("value", optional=True), self.src.to_pylist(), self.dst.to_pylist()
        numbers, steps = self.number.to_pylist(), dict[str, list[Step]]()
        for row, tx in enumerate(ids):
            if tx in dying and not self.reverted[row]:
                step = Step(
                    row=row,
                    number=numbers[row],
                    kind=self.kind[row],
                    src=srcs[row],
                    dst=dsts[row],
                    value=values[row],
                )
                steps.setdefault(tx, []).append(step)
        for listed in steps.values():
            height = self.height[listed[0].row].as_py()
            one = destroyed.fate(network, listed, height)
            found.still |= one.still
            found.burned |= one.burned
            found.late += one.late
            found.unknown += one.unknown
        return found

    def carrying(self) -> Mask:
        """Which rows move value inside a transaction."""
        kinds = _CARRYING & set(self.kind)
        own = np.array([kind in kinds for kind in self.kind], np.bool_)
        called = [value in ("", None, "call") for value in self.frame.raw("call_type")]
        both = np.asarray(pc.and_(pc.is_valid(self.tx), pc.and_(pc.is_valid(self.src), pc.is_valid(self.dst))))
        found: Mask = own & np.array(called, np.bool_) & both & (self.root | ~self.reverted)
        return found


_CARRYING = (CARRIES - {"selfdestruct"}) | {"suicide"}


def moved(network: Network, rows: TraceRows) -> pa.Table:
    """A table of `columns.MOVES`: `transfer` is a transaction's own value, `internal` what calls passed on."""
    value = rows.frame.amounts("value")
    some = np.asarray(pc.or_(pc.is_valid(value.wide), pc.greater(pc.fill_null(value.amount, 1), 0)))
    mask = pa.array(rows.carrying() & some)
    root = pa.array(rows.root)
    fate = rows.fate(network)
    mask = pc.and_(mask, pa.array([row not in fate.still for row in range(len(rows.kind))], pa.bool_()))
    ended = pa.array([row in fate.burned for row in range(len(rows.kind))], pa.bool_())
    made = columns.moves(
        tx=rows.tx,
        kind=pc.if_else(ended, "burn", pc.if_else(root, "transfer", "internal")),
        src=rows.src,
        dst=pc.if_else(ended, pa.scalar(None, pa.string()), rows.dst),
        asset=network.native,
        value=value,
        index=rows.number,
        place=pa.array(rows.frame.places),
    )
    return pa.concat_tables([made.filter(mask), _late(network, rows, fate)])


def _late(network: Network, rows: TraceRows, fate: Fate) -> pa.Table:
    """What arrived at a contract after it had destroyed itself, and ended with it."""
    at = pa.array([row for row, _, _ in fate.late], pa.int64())
    return columns.moves(
        tx=rows.tx.take(at),
        kind="burn",
        src=pa.array([who for _, who, _ in fate.late], pa.string()),
        dst=None,
        asset=network.native,
        value=words.of_numbers([value for _, _, value in fate.late]),
        index=rows.number.take(at),
        place=pa.array(rows.frame.places).take(at),
    )


def fees(network: Network, rows: TraceRows) -> pa.Table:
    """The fee of each transaction whose own call is a row: somebody paid one, and traces do not say how much."""
    own = pa.array(rows.root & np.asarray(pc.is_valid(rows.src)))
    payers = rows.src.filter(own)
    nothing = words.Exact(amount=pa.nulls(len(payers), pa.int64()), wide=pa.nulls(len(payers), pa.binary(33)))
    return columns.moves(
        tx=rows.tx.filter(own),
        kind="fee",
        src=payers,
        dst=None,
        asset=network.native,
        value=nothing,
        index=None,
        place=pa.array(rows.frame.places).filter(own),
    )


def gaps(network: Network, rows: TraceRows) -> list[Gap]:
    """What is not shown of contracts that destroyed themselves."""
    places = [(rows.tx[row].as_py() or "", int(rows.frame.places[row])) for row in rows.fate(network).unknown]
    return destroyed.gap(places)


def transactions(network: Network, rows: TraceRows) -> pa.Table:
    """The transactions that the traces stand in; the outcome only where the transaction's own call is a row."""
    size, own = len(rows.kind), pc.is_valid(rows.tx)
    # A call that stands shows that its transaction did not fail; one that was undone shows nothing of it.
    outcome = pa.array(
        [bool(r) if t else None if r else False for r, t in zip(rows.reverted, rows.root, strict=True)], pa.bool_()
    )
    made = columns.transactions(
        network.id,
        size,
        id=pc.fill_null(rows.tx, ""),
        height=rows.height,
        index=rows.position,
        failed=outcome,
        place=pa.array(rows.frame.places),
    )
    # A row for a transaction's own call says all that a row for a call inside it says.
    rooted = set(rows.tx.filter(pa.array(rows.root)).to_pylist())
    inner = np.array([r or t not in rooted for r, t in zip(rows.root, rows.tx.to_pylist(), strict=True)], np.bool_)
    return made.filter(pc.and_(own, pa.array(inner)))


def events(network: Network, rows: TraceRows) -> pa.Table:
    """An EVENTS table: contracts that creations made."""
    made = np.array([kind == "create" for kind in rows.kind], np.bool_) & ~rows.reverted
    mask = pa.array(made & np.asarray(pc.and_(pc.is_valid(rows.src), pc.is_valid(rows.dst))))
    new = rows.dst.filter(mask)
    found: pa.Table = table(
        "events",
        {
            "kind": pa.repeat("create", len(new)),
            "chain": pa.repeat(network.id, len(new)),
            "tx": rows.tx.filter(mask),
            "contract": new,
            "address": rows.src.filter(mask),
            "other": new,
            "index": rows.number.filter(mask),
            "place": pa.array(rows.frame.places).filter(mask),
        },
    )
    return found


def credits(rows: TraceRows) -> list[Credit]:
    """Rewards and first balances among the rows. Notes problems."""
    values, found, counts = rows.frame.exact("value", optional=True), [], dict[tuple[str, int], int]()
    for row, kind in enumerate(rows.kind):
        what, amount = _CREDITS.get(kind), values[row]
        if what is None or not amount:
            continue
        height, who = rows.height[row].as_py(), rows.dst[row].as_py()
        if height is None or who is None:
            rows.frame.blame(row, "a reward has no height or no receiver")
            continue
        key = (what, 0 if what == "genesis" else height)
        counts[key] = counts.get(key, -1) + 1
        place = int(rows.frame.places[row])
        found.append(Credit(what=what, height=height, address=who, amount=amount, index=counts[key], place=place))
    return found


def _named(frame: Frame, row: int, text: Any) -> tuple[str, Path | None]:
    """Kind and path in an id such as call_0x12..._0_1; ("", None) where there is no id."""
    if text is None or text == "":
        return "", None
    parts = text.split("_") if isinstance(text, str) and len(text) < 20_000 else [""]
    if parts[0] not in _KINDS:
        frame.blame(row, "trace_id does not say call, create, suicide, reward or genesis")
        return "", None
    try:
        return parts[0], tuple(int(step) for step in parts[2:] if step) if parts[0] not in _CREDITS else None
    except ValueError:
        frame.blame(row, "trace_id does not end in the call's place")
        return "", None


def _kinds_and_paths(frame: Frame) -> tuple[list[str], list[Path | None]]:
    """From columns of their own where the file has them, else from the ids."""
    shown = frame.raw("trace_type")
    if frame.has("path") and all(shown):
        kinds, paths = list(map(str, shown)), _paths(frame)
    else:
        named = [_named(frame, row, text) for row, text in enumerate(frame.raw("trace_id"))]
        kinds = [str(value) if value else name for value, (name, _) in zip(shown, named, strict=True)]
        paths = _paths(frame) if frame.has("path") else [path for _, path in named]
    if not set(kinds) <= _KINDS:
        for row, kind in enumerate(kinds):
            if kind not in _KINDS:
                frame.blame(row, "it does not say what kind of trace it is")
    return kinds, paths


def _paths(frame: Frame) -> list[Path | None]:
    """Calls of many transactions stand at the same few places: each text is read once."""
    known: dict[str, Path | None] = {}
    found: list[Path | None] = []
    for row, value in enumerate(frame.raw("path")):
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value or "")
        if text not in known:
            known[text] = _path(text)
        if known[text] is None:
            frame.blame(row, "trace_address is no list of numbers")
        found.append(known[text])
    return found


def _path(text: str) -> Path | None:
    try:
        return tuple(int(step) for step in text.split(",") if step)
    except ValueError:
        return None


def _numbers(ids: Sequence[str | None], paths: Sequence[Path | None]) -> list[int | None]:
    """The place of each call in depth-first order: that of paths in the order of tuples."""
    groups: dict[str, list[int]] = {}
    for row, (tx, path) in enumerate(zip(ids, paths, strict=True)):
        if tx is not None and path is not None:
            groups.setdefault(tx, []).append(row)
    found: list[int | None] = [None] * len(ids)
    for rows in groups.values():
        # A part of the calls (say, those with value) shows no places: they count from the root.
        if any(paths[row] == () for row in rows):
            for count, row in enumerate(sorted(rows, key=lambda r: paths[r] or ())):
                found[row] = count
    return found


def _reverted(frame: Frame, ids: Sequence[str | None], paths: Sequence[Path | None]) -> Mask:
    """Which calls failed, or lie inside one that did."""
    status, errors = frame.exact("status", optional=True), frame.raw("error")
    failed = np.array([s == 0 or bool(e) for s, e in zip(status, errors, strict=True)], np.bool_)
    roots: dict[str, set[Path]] = {}
    for row in np.flatnonzero(failed).tolist():
        tx, path = ids[row], paths[row]
        if tx is not None and path is not None:
            roots.setdefault(tx, set()).add(path)
    for row, (tx, path) in enumerate(zip(ids, paths, strict=True)):
        if tx in roots and path and not failed[row]:
            failed[row] = any(path[:n] in roots[tx] for n in range(len(path)))
    return failed
