"""The tables of an export as one batch, by their kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.sdk import Batch, Gap
from recover_chain_evm import blocks, columns, events, logs, recorded, sent, tracerows, values, words
from recover_chain_evm.frame import Frame, Problems
from recover_chain_evm.networks import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one table shows, before it is put together with the others of its exhibit."""

    moved: Sequence[pa.Table] = ()
    transactions: Sequence[pa.Table] = ()
    events: Sequence[pa.Table] = ()
    gaps: Sequence[Gap] = ()
    blocks: pa.Table | None = None
    recorded: pa.Table | None = None


@dataclass(slots=True, kw_only=True)
class Seen:
    """What other tables of the same exhibit have shown: the same thing in two of them is one thing.

    `topics` are the first topics of the logs that are handed over as they are.
    """

    topics: Collection[str] = ()
    roots: set[str] = field(default_factory=set)
    logs: set[tuple[str, int]] = field(default_factory=set)


def batch(
    network: Network, frames: Mapping[str, Sequence[Frame]], problems: Problems, topics: Collection[str] = ()
) -> Batch:
    """What all tables of an exhibit show, by their kind. Raises Error naming up to 20 unreadable places."""
    seen, parts = Seen(topics=topics), list[Part]()
    for kind, read in _KINDS.items():
        parts += [read(network, frame, seen) for frame in frames.get(kind, ()) if len(frame)]
    problems.check()
    listed = [part.blocks for part in parts if part.blocks is not None]
    kept = [part.recorded for part in parts if part.recorded is not None]
    return columns.batch(
        network.id,
        moved=[table for part in parts for table in part.moved],
        transactions=[table for part in parts for table in part.transactions],
        events=[table for part in parts for table in part.events],
        gaps=[gap for part in parts for gap in part.gaps],
        blocks=pa.concat_tables(listed) if listed else None,
        logs=pa.concat_tables(kept) if kept else None,
    )


def _logs(network: Network, frame: Frame, seen: Seen) -> Part:
    rows = logs.Logs.of(frame)
    if frame.problems.places:
        return Part()
    seen.logs |= set(zip(rows.tx.to_pylist(), rows.index.to_pylist(), strict=True))
    return Part(
        moved=logs.moved(network, rows),
        transactions=[logs.transactions(network.id, rows)],
        events=events.said(network, rows),
        gaps=list(logs.gaps(network, rows)),
        recorded=recorded.wanted(network, rows, seen.topics),
    )


def _traces(network: Network, frame: Frame, seen: Seen) -> Part:
    rows = tracerows.TraceRows.of(frame)
    credits, impossible = blocks.real(network, tracerows.credits(rows))
    moved = tracerows.moved(network, rows)
    if frame.problems.places:
        return Part()
    seen.roots |= set(rows.tx.filter(pa.array(rows.root)).to_pylist())
    return Part(
        moved=[moved, tracerows.fees(network, rows), blocks.moved(network, credits)],
        transactions=[tracerows.transactions(network, rows), blocks.transactions(network, credits, whole=False)],
        events=[tracerows.events(network, rows)],
        gaps=[*impossible, *_forked(rows), *tracerows.gaps(network, rows), *_shortened(frame)],
    )


def _transactions(network: Network, frame: Frame, seen: Seen) -> Part:
    rows = sent.Sent.of(_priced(frame), network)
    if frame.problems.places:
        return Part()
    return Part(
        moved=sent.moved(network, rows, seen.roots),
        transactions=[sent.transactions(network, rows)],
        events=[sent.events(network, rows, seen.roots)],
        gaps=[*sent.gaps(network, rows), *_shortened(frame)],
    )


def _blocks(network: Network, frame: Frame, seen: Seen) -> Part:
    table, credits = blocks.table_of(network, frame), _withdrawals(frame)
    if frame.problems.places:
        return Part()
    return Part(
        moved=[blocks.moved(network, credits)],
        transactions=[blocks.transactions(network, credits, whole=True)],
        blocks=table,
    )


def _token_transfers(network: Network, frame: Frame, seen: Seen) -> Part:
    tx, index = frame.hashes("tx"), frame.numbers("index")
    keys = zip(tx.to_pylist(), index.to_pylist(), strict=True)
    new = np.array([key not in seen.logs for key in keys], np.bool_)
    rows = _Transfers.of(frame)
    if frame.problems.places:
        return Part()
    return Part(
        moved=[rows.moved(network).filter(pa.array(new & rows.real()))],
        transactions=[rows.transactions(network)],
        gaps=[*_undistinguished(network, rows, new), *_shortened(frame)],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Transfers:
    """The table token_transfers in columns; src and dst are null for the zero address."""

    tx: Any
    contract: Any
    src: Any
    dst: Any
    value: words.Exact
    index: Any
    height: Any
    time: Any
    block: Any
    place: Any

    @classmethod
    def of(cls, frame: Frame) -> _Transfers:
        return cls(
            tx=frame.hashes("tx"),
            contract=frame.addresses("contract"),
            src=logs.party(frame.addresses("src")),
            dst=logs.party(frame.addresses("dst")),
            value=frame.amounts("value"),
            index=frame.numbers("index"),
            height=frame.numbers("height", optional=True),
            time=frame.times("time"),
            block=frame.hashes("block", optional=True),
            place=pa.array(frame.places),
        )

    def real(self) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = np.asarray(pc.or_(pc.is_valid(self.src), pc.is_valid(self.dst)))
        return found

    def moved(self, network: Network) -> pa.Table:
        ends = pc.if_else(pc.is_null(self.dst), "burn", "transfer")
        return columns.moves(
            tx=self.tx,
            kind=pc.if_else(pc.is_null(self.src), "mint", ends),
            src=self.src,
            dst=self.dst,
            asset=logs.assets(network, self.contract),
            value=self.value,
            index=self.index,
            place=self.place,
        )

    def transactions(self, network: Network) -> pa.Table:
        size = len(self.place)
        return columns.transactions(
            network.id,
            size,
            id=self.tx,
            height=self.height,
            time=self.time,
            block=self.block,
            failed=pa.array(np.zeros(size, np.bool_)),
            place=self.place,
        )


# In this order: what is in calls is not booked again from transactions, nor what is in logs from token transfers.
_KINDS: Mapping[str, Callable[[Network, Frame, Seen], Part]] = {
    "logs": _logs,
    "traces": _traces,
    "transactions": _transactions,
    "receipts": _transactions,
    "blocks": _blocks,
    "token_transfers": _token_transfers,
}


def _priced(frame: Frame) -> Frame:
    """The price that was paid stands before the one that was bid, where the table has both."""
    if not frame.has("paid"):
        return frame
    bid = frame.raw("price")
    price = [bid[row] if value in (None, "") else value for row, value in enumerate(frame.raw("paid"))]
    return Frame(places=frame.places, cells={**frame.cells, "price": price}, problems=frame.problems)


def _withdrawals(frame: Frame) -> list[blocks.Credit]:
    found: list[blocks.Credit] = []
    heights, hashes = frame.numbers("height").to_pylist(), frame.hashes("block").to_pylist()
    for row, listed in enumerate(frame.raw("withdrawals")):
        if listed in (None, "", []) or heights[row] is None:
            continue
        try:
            rows = values.load(listed.encode("utf-8")) if isinstance(listed, str) else listed
            place = int(frame.places[row])
            found += blocks.withdrawals(rows, height=heights[row], place=place, block=hashes[row])
        except (KeyError, ValueError, TypeError) as error:
            frame.blame(row, f"withdrawals cannot be read: {str(error)[:80]}")
    return found


def _undistinguished(network: Network, rows: _Transfers, new: NDArray[np.bool_]) -> list[Gap]:
    listed = {token.contract for token in network.tokens}
    contracts = rows.contract.to_pylist()
    other = [row for row in np.flatnonzero(new).tolist() if contracts[row] not in listed]
    if not other:
        return []
    return [
        Gap(
            code="token-standard-unknown",
            subject=network.erc20 + contracts[other[0]],
            why=f"Transfers are of unlisted contracts ({len(other)} here; this is the first), and this table does "
            "not tell an amount from the number of a single token (ERC-721).",
            effect="An amount of an unlisted contract may be no amount; import the logs to know.",
            place=rows.place[other[0]].as_py(),
        )
    ]


def _shortened(frame: Frame) -> list[Gap]:
    rows = frame.exponents("value")
    if not rows:
        return []
    return [
        Gap(
            code="amounts-shortened",
            subject=frame.problems.name,
            why=f"Amounts are written with an exponent ({len(rows)} here, the first as "
            f"{values.shown(frame.raw('value')[rows[0]])}).",
            effect="They are read exactly as written; the program that wrote them so may have rounded them.",
            place=int(frame.places[rows[0]]),
        )
    ]


def _forked(rows: tracerows.TraceRows) -> list[Gap]:
    forked = [row for row, kind in enumerate(rows.kind) if kind == "daofork"]
    if not forked:
        return []
    return [
        Gap(
            code="irregular-change",
            subject="daofork",
            why=f"Balances were moved by the rules of a fork (EIP-779), in no transaction ({len(forked)} here).",
            effect="They are left out; accounts of The DAO held what they show until block 1,920,000.",
            place=int(rows.frame.places[forked[0]]),
        )
    ]
