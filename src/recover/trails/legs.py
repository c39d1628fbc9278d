"""Legs: what every rule was run on, and what came of it, as lines of JSON that need no library to be read.

One file for a case, `legs.jsonl`, as `docs/design/bundle-format.md` describes it: an outside verifier recomputes
every traced figure from it. It holds each movement that a lot can touch under any rule, and no other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import chain, islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.ends import RECORDED
from recover.sdk.view import Loss
from recover.tracing import NOBODY, ByMove, Claims, Kind, Reason
from recover.tracing.claims import WHOLE
from recover.tracing.coins import without_change
from recover.tracing.moves import Moves, ints
from recover.tracing.reach import reach
from recover.tracing.transactions import OUTSIDE
from recover.trails.balances import Balances
from recover.trails.crossings import Crossing
from recover.trails.outputs import Spending
from recover.trails.swaps import Swap
from recover.trails.trail import Trail

FILE = "legs.jsonl"
VERSION = 3


def written(
    rule: str,
    losses: Sequence[Loss],
    ledger: Numbered,
    trails: Mapping[str, Trail],
    exchanged: Sequence[Swap],
    tables: Mapping[str, pa.Table],
) -> bytes:
    """The file: a head, then asset by asset, then the figures of `tables`."""
    lines = chain(map(_JSON, _records(rule, losses, ledger, trails, exchanged)), _figures(tables))
    # A case of ten thousand victims has some million lines: they are never all held apart, and together once.
    out = BytesIO()
    while part := [*islice(lines, _SLICE)]:
        out.write("\n".join([*part, ""]).encode())
    return out.getvalue()


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SLICE = 1 << 14


def _records(
    rule: str,
    losses: Sequence[Loss],
    ledger: Numbered,
    trails: Mapping[str, Trail],
    exchanged: Sequence[Swap],
) -> Iterator[dict[str, Any]]:
    yield _head(rule, losses)
    for asset, trail in trails.items():
        back = [seq for swap in exchanged for seq in _backs(swap, asset)]
        holding = {swap.at for swap in exchanged if swap.asset == asset and swap.open and swap.at != NOBODY}
        yield from _asset(ledger, losses, trail, back, holding)
    told = {True: _crossing, False: _exchange}
    met = (swap for swap in exchanged if swap.asset in trails and (swap.into in trails or swap.crossed))
    yield from (told[swap.crossed](swap) for swap in met)


def _head(rule: str, losses: Sequence[Loss]) -> dict[str, Any]:
    told = [
        {
            "id": loss.id,
            "chain": loss.chain,
            "address": loss.address,
            "tx": loss.tx,
            "output": loss.output,
            "amount": None if loss.amount is None else str(loss.amount),
            "assets": list(loss.assets),
            "since": loss.since.isoformat() if loss.since else None,
            "until": loss.until.isoformat() if loss.until else None,
            "memo": loss.memo,
        }
        for loss in losses
    ]
    return {"record": "recover-legs", "version": VERSION, "rule": rule, "losses": told}


def _backs(swap: Swap, asset: str) -> Iterator[int]:
    """The rows by which an exchange can bring value into an asset."""
    if swap.into == asset:
        yield from (seq for seq, _ in swap.back)
    if swap.asset == asset:
        yield from (seq for seq, _ in swap.refunds)


def _asset(
    ledger: Numbered, losses: Sequence[Loss], trail: Trail, back: Iterable[int], holding: Iterable[int]
) -> Iterator[dict[str, Any]]:
    places = {int(seq): move for move, seq in enumerate(trail.seqs.tolist())}
    begun = [places[seq] for seq in back if seq in places]
    rows = _Rows(ledger, trail)
    rows.met.update(holding)
    if isinstance(trail, Balances):
        found = list(_moves(rows, trail, begun))
        wanted: Moves = trail.moves
    else:
        assert isinstance(trail, Spending)
        found = list(_spends(rows, trail, begun))
        wanted = without_change(trail.coins)
    yield {"asset": trail.asset, "model": trail.model}
    known = ledger.known(trail.asset)
    declared = {place.address for place in trail.claims.by_address}
    for number in sorted(rows.met):
        yield {
            "address": [
                number,
                ledger.names[number],
                Reason(int(ledger.stop[number])).name.lower() if ledger.stop[number] else "",
                bool(known[number]) or number in declared,
                number in ledger.deposits,
                number in ledger.memos,
            ]
        }
    yield from found
    wants = trail.claims.wants(wanted, len(ledger.names))
    for move, loss, amount in zip(wants.move.tolist(), wants.loss.tolist(), ints(wants.amount), strict=True):
        whole = None if amount == WHOLE else str(amount)
        yield {"claim": [losses[loss].id, int(trail.seqs[move]), whole]}
    for election in trail.elections if isinstance(trail, Balances) else ():
        yield {"elected": [losses[election.loss].id, int(trail.seqs[election.move])]}


class _Rows:
    """What the ledger says of a trail's movements beside amounts; notes the addresses that are written."""

    def __init__(self, ledger: Numbered, trail: Trail) -> None:
        self.met: set[int] = set()
        self.table, self.seqs = ledger.table.select(["tx", "time", "memo", "leg"]), trail.seqs

    def beside(self, moves: NDArray[np.int64]) -> list[tuple[Any, ...]]:
        """Transaction, time, memo and place in its transaction of each of these movements."""
        part = self.table.take(pa.array(self.seqs[moves]))
        times = pc.strftime(part.column("time"), format="%Y-%m-%dT%H:%M:%SZ").to_pylist()
        cells = (part.column(name).to_pylist() for name in ("tx", "memo", "leg"))
        return [(tx, time, memo, leg) for time, tx, memo, leg in zip(times, *cells, strict=True)]

    def number(self, place: int) -> int | None:
        if place == NOBODY:
            return None
        self.met.add(place)
        return place


def _moves(rows: _Rows, trail: Balances, begun: Sequence[int]) -> Iterator[dict[str, Any]]:
    moves, claims = trail.moves, trail.claims
    more = [ByMove(move, 0, 0) for move in begun]
    wider = Claims(losses=claims.losses, by_move=(*claims.by_move, *more), by_address=claims.by_address)
    kept = reach(moves, wider, trail.limits)
    for move, (tx, time, memo, _leg) in zip(kept.tolist(), rows.beside(kept), strict=True):
        kind = Kind.TRANSFER if moves.kind is None else Kind(int(moves.kind[move]))
        src, dst = rows.number(int(moves.src[move])), rows.number(int(moves.dst[move]))
        amount = str(int(moves.amount[move]))
        yield {"move": [int(trail.seqs[move]), src, dst, amount, kind.name.lower(), tx, time, memo]}


def _spends(rows: _Rows, trail: Spending, begun: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The transactions that a lot can come to, in their order, each with all its inputs and outputs."""
    coins, stop = trail.coins, trail.limits.stop
    claims = trail.claims.wants(without_change(coins), len(stop))
    makers = coins.makers()
    work = sorted({*claims.move.tolist(), *begun})
    met, seen = {int(makers[coin]) for coin in work}, set(work)
    while work:
        coin = work.pop()
        place, t = int(coins.address[coin]), int(trail.spender[coin])
        if t >= len(coins) or place == NOBODY or stop[place]:
            continue
        met.add(t)
        if coins.mix is None or not coins.mix[t]:
            fresh = set(range(int(coins.output_start[t]), int(coins.output_start[t + 1]))) - seen
            seen |= fresh
            work += sorted(fresh)
    for t in sorted(met):
        made = np.arange(int(coins.output_start[t]), int(coins.output_start[t + 1]))
        beside = rows.beside(made)
        outs = [
            [int(trail.seqs[k]), rows.number(int(coins.address[k])), str(int(coins.amount[k])), time, leg]
            for k, (_, time, _memo, leg) in zip(made.tolist(), beside, strict=True)
        ]
        ins = []
        for i in range(int(coins.input_start[t]), int(coins.input_start[t + 1])):
            coin = int(coins.spends[i])
            owner = None if coin == OUTSIDE else rows.number(int(coins.address[coin]))
            ins.append([None if coin == OUTSIDE else int(trail.seqs[coin]), owner, str(int(coins.paid[i]))])
        mix = Reason(int(coins.mix[t])).name.lower() if coins.mix is not None and coins.mix[t] else ""
        yield {"spend": [trail.ids[t], mix, ins, outs]}


def _exchange(swap: Swap) -> dict[str, Any]:
    return {
        "exchange": {
            "tx": swap.tx,
            "asset": swap.asset,
            "into": swap.into,
            "gave": str(swap.gross),
            "out": list(swap.out),
            "back": [[seq, str(amount)] for seq, amount in swap.back],
            "refunds": [[seq, str(amount)] for seq, amount in swap.refunds],
        }
    }


def _crossing(swap: Swap) -> dict[str, Any]:
    assert isinstance(swap, Crossing)
    said = swap.said.cross
    more = {
        "protocol": said.protocol,
        "key": said.key,
        "level": said.level,
        "to_tx": said.to_tx if swap.into else "",
    }
    kept = {
        "fee": str(swap.fee),
        "open": str(swap.open),
        "at": swap.at if swap.open and swap.at != NOBODY else None,
    }
    return {"crossing": {**_exchange(swap)["exchange"], **kept, **more}}


_FIGURES = (
    ("end", "ends", ("rule", "loss", "asset", "address", "reason")),
    ("arrival", "arrivals", ("rule", "loss", "asset", "through", "address", "reason", "memo")),
    ("flow", "flows", ("seq", "loss", "event")),
)


def _figures(tables: Mapping[str, pa.Table]) -> Iterator[str]:
    """Where value ended and arrived under each rule in the recorded order, and the flows of the declared one."""
    for name, table, columns in _FIGURES:
        rows = tables[table]
        if "ties" in rows.column_names:
            rows = rows.filter(pc.equal(rows.column("ties"), RECORDED))
        for start in range(0, rows.num_rows, _SLICE):
            part = rows.slice(start, _SLICE)
            cells = (_cells(part.column(column)) for column in columns)
            for *row, amount in zip(*cells, amounts.exact(part), strict=True):
                yield f'{{"{name}":[{",".join(row)},"{amount}"]}}'


def _cells(column: pa.ChunkedArray) -> Iterator[str]:
    """Cells as JSON has them; what stands in many rows is written once."""
    values = column.unique()
    spelt = [_JSON(value) for value in values.to_pylist()]
    return (spelt[n] for n in pc.index_in(column, value_set=values).to_pylist())
