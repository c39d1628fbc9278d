"""Exchanges in one transaction: what was traced of the asset given goes on in the asset had, in proportion."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.sdk import amounts
from recover.sdk.records import Gap
from recover.stages.course import Course
from recover.stages.numbered import Numbered
from recover.tracing import ByMove, Event, Trace
from recover.tracing.lots import apportion


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """`owner` gave `sold` of one asset and had `bought` of another in `tx`, or another had it for the owner.

    `out` are the ledger's rows on the one side; `back`, with their amounts, on the other.
    """

    chain: str
    tx: str
    owner: str
    asset: str
    into: str
    out: tuple[int, ...]
    back: tuple[tuple[int, int], ...]
    sold: int
    bought: int


def swaps(asserted: pa.Table, ledger: Numbered) -> tuple[list[Swap], list[Gap]]:
    """The swaps that a heuristic asserts, each held against the ledger's own rows; those that differ are gaps."""
    rows = asserted.filter(pc.equal(asserted.column("kind"), "swap")).to_pylist()
    if not rows:
        return [], []
    ids = pa.array(sorted({tx for row in rows for tx in row["transactions"]}), pa.string())
    places = np.flatnonzero(pc.is_in(ledger.table.column("tx"), value_set=ids).to_numpy(zero_copy_only=False))
    part = ledger.table.take(pa.array(places))
    here: dict[str, list[dict[str, object]]] = {}
    for row, exact in zip(part.to_pylist(), amounts.exact(part), strict=True):
        if row["excluded"] is None and row["kind"] != "fee":
            here.setdefault(row["tx"], []).append({**row, "exact": exact})
    found: dict[tuple[str, str], Swap] = {}
    gaps = []
    for row in rows:
        swap = _swap(row, here.get(row["transactions"][0], []))
        said = json.loads(row["params"])
        if (swap.sold, swap.bought) == (int(said["sold"]), int(said["bought"])) and swap.sold and swap.bought:
            found.setdefault((swap.chain, swap.tx), swap)
        else:
            gaps.append(_uneven(swap))
    return [found[key] for key in sorted(found)], gaps


def _swap(row: Mapping[str, object], moved: Sequence[Mapping[str, object]]) -> Swap:
    owner, asset = row["address"], row["asset"]
    into = json.loads(str(row["params"]))["into"]
    out = [m for m in moved if m["src"] == owner and m["asset"] == asset]
    back = [m for m in moved if m["dst"] == (row["other"] or owner) and m["asset"] == into]
    transactions = row["transactions"]
    assert isinstance(transactions, list)
    return Swap(
        chain=str(row["chain"]),
        tx=transactions[0],
        owner=str(owner),
        asset=str(asset),
        into=into,
        out=tuple(_int(m["seq"]) for m in out),
        back=tuple((_int(m["seq"]), _int(m["exact"])) for m in back),
        sold=sum(_int(m["exact"]) for m in out),
        bought=sum(_int(m["exact"]) for m in back),
    )


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _uneven(swap: Swap) -> Gap:
    return Gap(
        code="swap-uneven",
        subject=swap.tx,
        why="What was given and had in this exchange is not what the ledger shows.",
        effect="Traced value that was exchanged here is not followed into the other asset.",
    )


Run = Callable[[Course, Sequence[ByMove], bool], Trace]
"""Trace one course with further claims; the last says whether flows are needed."""


def follow(courses: Mapping[str, Course], exchanged: Sequence[Swap], run: Run) -> Iterator[tuple[Course, Trace]]:
    """Trace every course, and again where value came in by exchange, until nothing more does.

    Ends: each round settles at least the earliest exchange that was not settled, for value moves forward in time.
    """
    given: dict[str, dict[str, tuple[ByMove, ...]]] = {asset: {} for asset in courses}
    results: dict[str, Trace] = {}
    work = list(courses)
    while work:
        asset = work.pop(0)
        mine = [swap for swap in exchanged if swap.asset == asset and swap.into in courses]
        more = [claim for claims in given[asset].values() for claim in claims]
        results[asset] = run(courses[asset], more, bool(mine))
        for into in sorted({swap.into for swap in mine}):
            claims = tuple(_carried(results[asset], courses[asset], courses[into], mine, into))
            if claims != given[into].get(asset, ()):
                given[into][asset] = claims
                work += [into] if into not in work else []
    yield from ((courses[asset], results[asset]) for asset in courses)


def _carried(
    result: Trace, course: Course, target: Course, exchanged: Sequence[Swap], into: str
) -> Iterator[ByMove]:
    """What of each loss goes on in the asset bought: the bought amount in proportion, largest remainder."""
    ended = _ended(result, course.seqs)
    places = {int(seq): place for place, seq in enumerate(target.seqs.tolist())}
    for swap in exchanged:
        if swap.into != into:
            continue
        lost: dict[int, int] = {}
        for seq in swap.out:
            for loss, amount in ended.get(seq, {}).items():
                lost[loss] = lost.get(loss, 0) + amount
        if lost:
            yield from _claims(swap, lost, places)


def _claims(swap: Swap, lost: Mapping[int, int], places: Mapping[int, int]) -> Iterator[ByMove]:
    losses = sorted(lost)
    whole = sum(lost.values())
    if whole <= swap.sold:
        parts = apportion(swap.bought, [*(lost[loss] for loss in losses), swap.sold - whole])
    else:  # a measure of exposure counts the same value for several losses
        parts = [swap.bought * min(lost[loss], swap.sold) // swap.sold for loss in losses]
    left = dict(zip(losses, parts, strict=False))
    for seq, room in swap.back:
        for loss in losses:
            part = min(left[loss], room)
            left[loss] -= part
            room -= part if whole <= swap.sold else 0
            if part:
                yield ByMove(places[seq], loss, part)


def _ended(result: Trace, seqs: NDArray[np.int64]) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    for flow in result.flows or ():
        if flow.event is Event.END:
            found.setdefault(int(seqs[flow.move]), {})[flow.loss] = flow.amount
    return found
