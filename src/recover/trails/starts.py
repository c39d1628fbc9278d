"""Starts: where each loss begins in one asset, by transaction or by address and period."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.sdk.view import Loss
from recover.tracing import ByAddress, ByMove


def concerns(loss: Loss, asset: str) -> bool:
    """Whether a loss is of this asset: one of its chain that it names or, where it names none, any of them."""
    return asset.startswith(loss.chain + "/") and (not loss.assets or asset in loss.assets)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """The rows of a table that hold one of some texts in one column: found in one pass, however many texts."""

    table: pa.Table
    order: NDArray[np.int64]
    bounds: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, table: pa.Table, column: str, texts: Iterable[str]) -> Rows:
        wanted = sorted(set(texts))
        at = pc.fill_null(pc.index_in(table.column(column), value_set=pa.array(wanted, pa.string())), -1)
        codes = at.to_numpy()
        here = np.flatnonzero(codes >= 0)
        order = here[np.argsort(codes[here], kind="stable")]
        edges = np.searchsorted(codes[order], np.arange(len(wanted) + 1)).tolist()
        return cls(table=table, order=order, bounds=dict(zip(wanted, pairwise(edges), strict=True)))

    def at(self, *texts: str) -> NDArray[np.int64]:
        """The numbers of the rows that hold any of these, in the order of the table."""
        found = [self.order[slice(*self.bounds[text])] for text in texts]
        return found[0] if len(found) == 1 else np.sort(np.concatenate([*found, self.order[:0]]))


def inflows(losses: Sequence[Loss], table: pa.Table, ledger: Numbered) -> Rows:
    """What arrived at each address of a loss, and at each that the same key opens."""
    return Rows.of(
        table, "dst", (name for loss in losses if loss.address for name in ledger.at(loss.chain, loss.address))
    )


def by_address(losses: Sequence[Loss], part: pa.Table, ledger: Numbered, asset: str) -> list[ByAddress]:
    """The losses by address as claims, one for each unbroken run of inflows inside the period.

    A block's time can lie before that of the block below it, so a period need not be one run.
    """
    found = []
    mine = [(number, loss) for number, loss in enumerate(losses) if loss.address and concerns(loss, asset)]
    came = inflows([loss for _, loss in mine], part, ledger)
    for number, loss in mine:
        for name in ledger.at(loss.chain, loss.address or ""):
            place = ledger.numbers[loss.chain, name]
            runs = _runs(loss, came.at(name), part)
            found += [ByAddress(place, number, first, last) for first, last in runs]
    return found


def _runs(loss: Loss, rows: NDArray[np.int64], part: pa.Table) -> Iterator[tuple[int, int]]:
    good = inside(loss, part.column("time").take(pa.array(rows)))
    good &= told(loss, part.column("memo").take(pa.array(rows)))
    edges = np.flatnonzero(np.diff(good.astype(np.int8), prepend=0, append=0))
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield int(rows[first]), int(rows[end - 1])


def arrived(loss: Loss, names: Sequence[str], came: Rows) -> bool:
    """Whether any movement pays what a loss by address claims, at `names`: its assets, in its period."""
    rows = came.table.select(["asset", "time", "memo", "excluded"]).take(pa.array(came.at(*names)))
    rows = rows.filter(pc.is_null(rows.column("excluded")))
    mine = [asset for asset in rows.column("asset").unique().to_pylist() if concerns(loss, asset)]
    rows = rows.filter(pc.is_in(rows.column("asset"), value_set=pa.array(mine, pa.string())))
    return bool((inside(loss, rows.column("time")) & told(loss, rows.column("memo"))).any())


def told(loss: Loss, memos: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which movements have the memo of a loss; all, where it names none."""
    if loss.memo is None:
        return np.ones(len(memos), np.bool_)
    said = pc.fill_null(pc.equal(memos, pa.scalar(loss.memo, memos.type)), False)
    found: NDArray[np.bool_] = said.to_numpy(zero_copy_only=False)
    return found


def inside(loss: Loss, times: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which of these moments lie in the period of a loss; all, where it names none."""
    good = np.ones(len(times), np.bool_)
    for limit, holds in ((loss.since, pc.greater_equal), (loss.until, pc.less_equal)):
        if limit is not None:
            # A movement whose time no exhibit shows cannot be said to lie in a period, so it is not claimed.
            said = pc.fill_null(holds(times, pa.scalar(limit, times.type)), False)
            good &= said.to_numpy(zero_copy_only=False)
    return good


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What a loss by transaction is of: the moves of its transaction in their order, and how much of each can be
    claimed. `amount` is what the loss declares, None for all of it."""

    loss: int
    rows: tuple[int, ...]
    kept: tuple[int, ...]
    amount: int | None

    @property
    def whole(self) -> int:
        return sum(self.kept)


def payments(
    losses: Sequence[Loss],
    part: pa.Table,
    asset: str,
    follows: Callable[[str], bool],
    crossed: Collection[int] = frozenset(),
) -> list[Payment]:
    """The payment of each loss by transaction: what it moves, the fee apart, each unit once.

    `follows` says whether a trace goes on through an address; `crossed` are the rows that it follows through a
    bridge, whoever they paid. Raises Error when a loss is larger than what moved.
    """
    wanted = {loss.tx for loss in losses if loss.tx}
    if not wanted:
        return []
    here = Rows.of(part, "tx", wanted)
    # Read in one go: a look into the table for each of fifty thousand losses takes longer than the trace.
    mine = part.select(["kind", "src", "dst", "amount", "wide"]).take(pa.array(here.order))
    cells = (mine.column(name).to_pylist() for name in ("kind", "src", "dst"))
    said = dict(zip(here.order.tolist(), zip(*cells, amounts.exact(mine), strict=True), strict=True))
    found = []
    for number, loss in enumerate(losses):
        if not loss.tx or not concerns(loss, asset):
            continue
        # The fee is the price of the transaction, and no part of what was taken.
        rows = [row for row in here.at(loss.tx).tolist() if said[row][0] != "fee"]
        if rows:
            sides, moved = [said[row][1:3] for row in rows], [said[row][3] for row in rows]
            kept = _kept(sides, moved, follows, [row in crossed for row in rows])
            found.append(payment(number, loss, rows, kept, asset))
    return found


def _kept(
    sides: Sequence[tuple[str | None, str | None]],
    moved: Sequence[int],
    follows: Callable[[str], bool],
    over: Sequence[bool],
) -> list[int]:
    """How much of each movement of one transaction is claimed, so that nothing is counted twice.

    Through an address that the trace follows, the trace itself carries what was claimed before. At one that it
    does not follow, only what stays there after the transaction is claimed, and what it paid on is claimed where
    it came. What went `over` a bridge goes on on its other side: what the bridge then pays or burns is no more.
    """
    # What each address is left with by the whole transaction: a contract on the way passes on what it was paid.
    left: dict[str, int] = {}
    for (src, dst), amount in zip(sides, moved, strict=True):
        if src != dst:
            left[dst or ""] = left.get(dst or "", 0) + amount
            left[src or ""] = left.get(src or "", 0) - amount
    # What has already been claimed and can be paid on, at each address.
    carried: dict[str, int] = {}
    kept = []
    for (src, dst), amount, crosses in zip(sides, moved, over, strict=True):
        if src == dst:
            kept.append(0)
            continue
        used = min(amount, carried.get(src or "", 0))
        claimed = amount - used
        carried[src or ""] = carried.get(src or "", 0) - used
        if dst and not (crosses or follows(dst)):
            claimed = max(0, min(claimed, left[dst]))
            left[dst] -= claimed
        if dst:
            carried[dst] = carried.get(dst, 0) + (amount if crosses or follows(dst) else used)
        kept.append(claimed)
    return kept


def payment(number: int, loss: Loss, rows: Sequence[int], kept: Sequence[int], asset: str) -> Payment:
    """One loss of these moves. Raises Error when it is more than there is."""
    made = Payment(loss=number, rows=tuple(rows), kept=tuple(kept), amount=loss.amount)
    if made.amount is not None and made.amount > made.whole:
        raise Error(
            "loss-too-large",
            f"Loss {loss.id} is larger than transaction {loss.tx}.",
            f"It claims {loss.amount} base units of {asset}, and the transaction moves {made.whole}.",
            f"Take it back (recover loss CASE --drop {loss.id}) and declare it with its right amount, or declare "
            "the other transactions too.",
        )
    return made


def by_move(
    found: Iterable[Payment], places: Sequence[ByAddress], receivers: NDArray[np.int32]
) -> tuple[ByMove, ...]:
    """The claims of these losses, in the order declared. Each takes the first part of its payment that no loss
    declared before it claims (`places`, at the `receivers` of the moves, among them), and of what is claimed only
    what it declares beyond that.
    """
    found = tuple(found)
    before = taken(found, places, receivers)
    gone: dict[int, int] = {}
    made = []
    for one in found:
        left = [
            0 if before.get(row, one.loss) < one.loss else max(0, whole - gone.get(row, 0))
            for row, whole in zip(one.rows, one.kept, strict=True)
        ]
        first = {c.move: c.amount for c in laid(one.rows, left, [(one.loss, one.amount)])}
        more = one.whole if one.amount is None else one.amount
        rest = [whole - first.get(row, 0) for row, whole in zip(one.rows, one.kept, strict=True)]
        beyond = {c.move: c.amount for c in laid(one.rows, rest, [(one.loss, more - sum(first.values()))])}
        for row in one.rows:
            if amount := first.get(row, 0) + beyond.get(row, 0):
                gone[row] = gone.get(row, 0) + amount
                made.append(ByMove(row, one.loss, amount))
    return tuple(made)


def taken(found: Iterable[Payment], places: Sequence[ByAddress], receivers: NDArray[np.int32]) -> dict[int, int]:
    """By move of a payment, the first loss by address that takes what it brings: a loss declared after has nothing
    of that, whichever part it is."""
    first: dict[int, int] = {}
    for row in sorted({row for one in found for row in one.rows}):
        at = int(receivers[row])
        mine = [p.loss for p in places if p.address == at and p.first <= row <= p.last]
        if mine:
            first[row] = min(mine)
    return first


def laid(
    rows: Sequence[int], kept: Sequence[int], parts: Sequence[tuple[int | None, int | None]]
) -> Iterator[ByMove]:
    """One part of a payment after the other over its moves; a part of nobody is passed over, and None is all."""
    left = dict(zip(rows, kept, strict=True))
    for loss, amount in parts:
        more = sum(left.values()) if amount is None else amount
        for row in rows:
            taken = min(more, left[row])
            left[row] -= taken
            more -= taken
            if taken and loss is not None:
                yield ByMove(row, loss, taken)
