"""Exchanges in one transaction: what was traced of the asset given goes on in the asset had, in proportion."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.ledger.listed import UNLISTED
from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.records import Gap
from recover.tracing import NOBODY, ByMove, Event, Trace
from recover.tracing.lots import CLEAN, Lot, apportion, clean, front, joined
from recover.trails.remainders import parted
from recover.trails.trail import Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """`owner` gave `sold` of one asset and had `bought` of another in `tx`, or another had it for the owner.

    `out` are the ledger's rows by which `gross` left; `back`, with their amounts, those by which `bought` came.
    `refunds` brought a part of what was given back in the same asset: `sold` is what stayed. `fee` and `open` are
    what of it a bridge kept, and what it holds for all that is shown, at the address of number `at`: an exchange
    has neither.
    """

    chain: str
    tx: str
    owner: str
    asset: str
    into: str
    out: tuple[int, ...]
    back: tuple[tuple[int, int], ...]
    refunds: tuple[tuple[int, int], ...]
    gross: int
    sold: int
    bought: int
    fee: int = 0
    open: int = 0
    at: int = NOBODY
    unlisted: bool = False
    crossed: ClassVar[bool] = False


def swaps(asserted: pa.Table, ledger: Numbered) -> tuple[list[Swap], list[Swap]]:
    """The swaps that a heuristic asserts and the ledger's own rows bear out, and those that they do not."""
    rows = asserted.filter(pc.equal(asserted.column("kind"), "swap")).to_pylist()
    if not rows:
        return [], []
    here: dict[str, list[dict[str, Any]]] = {}
    shown: dict[str, list[dict[str, Any]]] = {}
    for row in movements(ledger, {tx for said in rows for tx in said["transactions"]}):
        if row["excluded"] is None:
            here.setdefault(row["tx"], []).append(row)
        if row["excluded"] in (None, UNLISTED):
            shown.setdefault(row["tx"], []).append(row)
    found: dict[tuple[str, str], Swap] = {}
    uneven = []
    for row in rows:
        swap = _swap(row, here.get(row["transactions"][0], []))
        # A heuristic only asserts. Value follows an exchange where the ledger's own rows add up to the same two
        # sums.
        said = json.loads(row["params"])
        if (swap.sold, swap.bought) == (int(said["sold"]), int(said["bought"])) and swap.sold and swap.bought:
            found.setdefault((swap.chain, swap.tx), swap)
        else:
            full = _swap(row, shown.get(row["transactions"][0], []))
            borne = (full.sold, full.bought) == (int(said["sold"]), int(said["bought"]))
            uneven.append(replace(swap, unlisted=borne))
    return [found[key] for key in sorted(found)], uneven


def movements(ledger: Numbered, transactions: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The movements of these transactions in order, fees aside, each with its amount as `exact`."""
    ids = pa.array(sorted(transactions), pa.string())
    places = np.flatnonzero(pc.is_in(ledger.table.column("tx"), value_set=ids).to_numpy(zero_copy_only=False))
    part = ledger.table.take(pa.array(places))
    for row, exact in zip(part.to_pylist(), amounts.exact(part), strict=True):
        if row["kind"] != "fee":
            yield {**row, "exact": exact}


def _swap(row: Mapping[str, Any], moved: Sequence[Mapping[str, Any]]) -> Swap:
    owner, asset = row["address"], row["asset"]
    into = json.loads(row["params"])["into"]
    out = [m for m in moved if m["src"] == owner and m["asset"] == asset]
    refunds = [m for m in moved if m["dst"] == owner and m["asset"] == asset]
    gross = sum(m["exact"] for m in out)
    # `other` received for the owner, as a router lets one name any receiver.
    back = [m for m in moved if m["dst"] == (row["other"] or owner) and m["asset"] == into]
    return Swap(
        chain=row["chain"],
        tx=row["transactions"][0],
        owner=owner,
        asset=asset,
        into=into,
        out=tuple(m["seq"] for m in out),
        back=tuple((m["seq"], m["exact"]) for m in back),
        refunds=tuple((m["seq"], m["exact"]) for m in refunds),
        gross=gross,
        sold=gross - sum(m["exact"] for m in refunds),
        bought=sum(m["exact"] for m in back),
    )


def unlike(swap: Swap) -> Gap:
    """For a swap that the ledger does not bear out, where traced value came to it."""
    return Gap(
        code="swap-uneven",
        subject=swap.tx,
        why="What was given or had in this exchange is an asset that no register lists, and such are not traced."
        if swap.unlisted
        else "What was given and had in this exchange is not what the ledger shows.",
        effect="Traced value that was exchanged here is not followed into the other asset.",
    )


def again(exchanged: Iterable[Swap], asset: str) -> frozenset[int]:
    """The movements by which what was given of an asset came back in it, at once or from a bridge."""
    mine = [swap for swap in exchanged if swap.asset == asset]
    back = (pair for swap in mine for pair in (*swap.refunds, *(swap.back if swap.into == asset else ())))
    return frozenset(seq for seq, _ in back)


Run = Callable[[Trail, Sequence[ByMove], bool, bool], Trace]
"""Trace one trail with the lots that exchanges brought; the last two say whether flows are needed, and whether the
lots of what was given, in order."""


def follow(
    trails: Mapping[str, Trail], exchanged: Sequence[Swap], run: Run, ordered: bool
) -> Iterator[tuple[Trail, Trace, Sequence[ByMove]]]:
    """Trace every trail, and again where value came in by exchange, until nothing more does.

    Yields each trail with its trace and the lots that came in by exchange, what a loss declares apart. `ordered`:
    whether under the rule lots have an order among themselves.
    Ends: each round settles at least the earliest exchange that was not settled, for value moves forward in time,
    and of crossings none is here by which it would come to itself again.
    """
    given: dict[str, dict[str, tuple[ByMove, ...]]] = {asset: {} for asset in trails}
    results: dict[str, Trace] = {}
    work = list(trails)
    while work:
        asset = work.pop(0)
        mine = [swap for swap in exchanged if swap.asset == asset]
        more = [claim for claims in given[asset].values() for claim in claims]
        results[asset] = run(trails[asset], more, bool(mine), False)
        if ordered and _mixed(results[asset], trails[asset], mine):
            results[asset] = run(trails[asset], more, True, True)
        reached = {swap.into for swap in mine} | {swap.asset for swap in mine if swap.refunds}
        for into in sorted(reached & trails.keys()):
            told = results[asset].given if ordered else {}
            claims = tuple(_carried(results[asset], told, trails[asset], trails[into], mine, into))
            if claims != given[into].get(asset, ()):
                given[into][asset] = claims
                work += [into] if into not in work else []
    for asset in trails:
        mine = [swap for swap in exchanged if swap.asset == asset and swap.crossed]
        more = [claim for claims in given[asset].values() for claim in claims]
        yield trails[asset], parted(results[asset], trails[asset], mine), more


def _lost(swap: Swap, ended: Mapping[int, Mapping[int, int]]) -> dict[int, int]:
    """What was given of each loss, in the order of losses."""
    lost: dict[int, int] = {}
    for seq in swap.out:
        for loss, amount in ended.get(seq, {}).items():
            lost[loss] = lost.get(loss, 0) + amount
    return dict(sorted(lost.items()))


def _mixed(result: Trace, trail: Trail, exchanged: Sequence[Swap]) -> bool:
    """Whether lots of several labels were given at once, so that their order can matter."""
    ended = _ended(result, trail.seqs)
    each = ((swap, _lost(swap, ended)) for swap in exchanged)
    return any(len(lost) + (sum(lost.values()) < swap.gross) > 1 for swap, lost in each if lost)


def _carried(
    result: Trace,
    given: Mapping[int, Sequence[Lot]],
    trail: Trail,
    target: Trail,
    exchanged: Sequence[Swap],
    into: str,
) -> Iterator[ByMove]:
    """The lots of what was given that go on in the asset bought, and in what was given back, in proportion."""
    ended = _ended(result, trail.seqs)
    places = {int(seq): place for place, seq in enumerate(target.seqs.tolist())}
    here = {int(seq): place for place, seq in enumerate(trail.seqs.tolist())} if given else {}
    for swap in exchanged:
        if into not in (swap.into, swap.asset) or not (lost := _lost(swap, ended)):
            continue
        came = [*(swap.back if into == swap.into else ()), *(swap.refunds if into == swap.asset else ())]
        had, whole = sum(amount for _, amount in came), sum(lost.values())
        if whole > swap.gross:  # a measure of exposure counts the same value for several losses
            parts = [(loss, had * min(amount, swap.gross) // swap.gross) for loss, amount in lost.items()]
            yield from (ByMove(places[seq], loss, min(part, room)) for seq, room in came for loss, part in parts)
            continue
        lots = [*lost.items(), *clean(swap.gross - whole)]
        if any(here.get(seq) in given for seq in swap.out):
            moves = (here[seq] for seq in swap.out)
            lots = joined(lot for move in moves for lot in given.get(move, clean(trail.moved(move))))
        # The law calls it tracing into a substitute (Foskett v McKeown [2001] 1 AC 102): the share of what was
        # given that was traced is the share of what was had, in the order in which it was given. Largest
        # remainder, so that no unit is lost or made.
        shared = zip((label for label, _ in lots), apportion(had, [size for _, size in lots]), strict=True)
        yield from _laid([*shared], came, places)


def _laid(lots: Sequence[Lot], came: Sequence[tuple[int, int]], places: Mapping[int, int]) -> Iterator[ByMove]:
    """The lots in their order on the movements that brought them, each filled in turn; clean ones behind the last
    that carries a loss are as the movement has them."""
    left = deque(lots)
    for seq, room in came:
        laid = front(left, room)
        while laid and laid[-1][0] == CLEAN:
            laid.pop()
        yield from (ByMove(places[seq], label, size) for label, size in laid if size)


def _ended(result: Trace, seqs: NDArray[np.int64]) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    for flow in result.flows or ():
        if flow.event is Event.END:
            found.setdefault(int(seqs[flow.move]), {})[flow.loss] = flow.amount
    return found
