"""Starts: where each loss begins in one asset, by transaction or by address and period."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.sdk.view import Loss
from recover.tracing import ByAddress, ByMove


def concerns(loss: Loss, asset: str) -> bool:
    """Whether a loss is of this asset: one of its chain that it names or, where it names none, any of them."""
    return asset.startswith(loss.chain + "/") and (not loss.assets or asset in loss.assets)


def by_address(losses: Sequence[Loss], part: pa.Table, ledger: Numbered, asset: str) -> list[ByAddress]:
    """The losses by address as claims, one for each unbroken run of inflows inside the period.

    A block's time can lie before that of the block below it, so a period need not be one run.
    """
    found = []
    times = part.column("time").to_pylist() if any(x.since or x.until for x in losses) else []
    receivers = part.column("dst")
    for number, loss in enumerate(losses):
        if not concerns(loss, asset):
            continue
        for name in ledger.at(loss.chain, loss.address or ""):
            inflows = np.flatnonzero(pc.fill_null(pc.equal(receivers, name), False).to_numpy()).tolist()
            place = ledger.numbers[loss.chain, name]
            found += [ByAddress(place, number, first, last) for first, last in _runs(loss, inflows, times)]
    return found


def _runs(loss: Loss, inflows: Sequence[int], times: Sequence[datetime | None]) -> Iterator[tuple[int, int]]:
    for inside, unbroken in groupby(inflows, key=lambda row: _inside(loss, times[row] if times else None)):
        rows = list(unbroken)
        if inside:
            yield rows[0], rows[-1]


def arrived(loss: Loss, names: Sequence[str], table: pa.Table) -> bool:
    """Whether any movement pays what a loss by address claims, at `names`: its assets, in its period."""
    rows = table.filter(pc.is_in(table.column("dst"), value_set=pa.array(names, pa.string())))
    listed = zip(*(rows.column(name).to_pylist() for name in ("asset", "time", "excluded")), strict=True)
    return any(why is None and concerns(loss, asset) and _inside(loss, time) for asset, time, why in listed)


def _inside(loss: Loss, time: datetime | None) -> bool:
    if loss.since is None and loss.until is None:
        return True
    # A movement whose time no exhibit shows cannot be said to lie in a period, so it is not claimed.
    if time is None:
        return False
    return (loss.since is None or time >= loss.since) and (loss.until is None or time <= loss.until)


def by_move(losses: Sequence[Loss], part: pa.Table, asset: str, follows: Callable[[str], bool]) -> list[ByMove]:
    """The losses by transaction as claims: what it moves, the fee apart, each unit once.

    `follows` says whether a trace goes on through an address. Raises Error when a loss is larger than what moved.
    """
    wanted = {loss.tx for loss in losses if loss.tx}
    if not wanted:
        return []
    here: dict[str, list[int]] = {}
    for row, (tx, kind) in enumerate(zip(*(part.column(c).to_pylist() for c in ("tx", "kind")), strict=True)):
        # The fee is the price of the transaction, and no part of what was taken.
        if tx in wanted and kind != "fee":
            here.setdefault(tx, []).append(row)
    moved = amounts.exact(part)
    found = []
    for number, loss in enumerate(losses):
        rows = here.get(loss.tx or "", [])
        if rows and concerns(loss, asset):
            kept = _kept(part.take(pa.array(rows)), [moved[row] for row in rows], follows)
            found += list(share(number, loss, rows, dict(zip(rows, kept, strict=True)), asset))
    return found


def _kept(part: pa.Table, moved: Sequence[int], follows: Callable[[str], bool]) -> list[int]:
    """How much of each movement of one transaction is claimed, so that nothing is counted twice.

    Through an address that the trace follows, the trace itself carries what was claimed before. At one that it
    does not follow, only what stays there after the transaction is claimed, and what it paid on is claimed where
    it came.
    """
    sides = list(zip(part.column("src").to_pylist(), part.column("dst").to_pylist(), strict=True))
    # What each address is left with by the whole transaction: a contract on the way passes on what it was paid.
    left: dict[str, int] = {}
    for (src, dst), amount in zip(sides, moved, strict=True):
        if src != dst:
            left[dst or ""] = left.get(dst or "", 0) + amount
            left[src or ""] = left.get(src or "", 0) - amount
    # What has already been claimed and can be paid on, at each address.
    carried: dict[str, int] = {}
    kept = []
    for (src, dst), amount in zip(sides, moved, strict=True):
        if src == dst:
            kept.append(0)
            continue
        used = min(amount, carried.get(src or "", 0))
        claimed = amount - used
        carried[src or ""] = carried.get(src or "", 0) - used
        if dst and not follows(dst):
            claimed = max(0, min(claimed, left[dst]))
            left[dst] -= claimed
        if dst:
            carried[dst] = carried.get(dst, 0) + (amount if follows(dst) else used)
        kept.append(claimed)
    return kept


def share(
    number: int, loss: Loss, rows: Sequence[int], moved: Sequence[int] | Mapping[int, int], asset: str
) -> Iterator[ByMove]:
    """How much of each of these moves a loss by transaction claims. Raises Error when it is more than there is."""
    left = sum(moved[row] for row in rows) if loss.amount is None else loss.amount
    total = sum(moved[row] for row in rows)
    if left > total:
        raise Error(
            "loss-too-large",
            f"Loss {loss.id} is larger than transaction {loss.tx}.",
            f"It claims {left} base units of {asset}, and the transaction moves {total}.",
            "Correct the amount in case.toml, or declare the other transactions too.",
        )
    for row in rows:
        # In the order of the ledger until the declared amount is used up.
        amount = min(left, moved[row])
        if amount:
            yield ByMove(row, number, amount)
        left -= amount
