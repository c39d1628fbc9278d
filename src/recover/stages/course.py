"""Courses: one asset's movements and the claims on them, ready for the engine that fits its chain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.case.settings import Elected
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.sdk.records import Gap
from recover.sdk.view import Loss
from recover.stages import elections
from recover.stages.numbered import Numbered
from recover.tracing import ByAddress, ByMove, Claims, Election, Kind, Limits, Model, Moves, Rule, Trace, trace
from recover.tracing.account import prepare, run


class Course(Protocol):
    """One asset, in one order. A move's number is its place here; `seqs` gives its row in the ledger."""

    @property
    def asset(self) -> str: ...

    @property
    def model(self) -> Model: ...

    @property
    def seqs(self) -> NDArray[np.int64]: ...

    @property
    def claims(self) -> Claims: ...

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be followed whatever the rule."""
        ...

    def trace(self, rule: Rule, more: Sequence[ByMove] = (), *, flows: bool, exposure: bool) -> Trace:
        """Follow the claims, and `more` that came in by exchange from another asset."""
        ...

    def payer(self, move: int) -> int:
        """The number of the address that made a move which nobody received; -1 where none is shown."""
        ...

    def unfollowed(self, result: Trace) -> Iterator[Gap]:
        """What `result` could not follow, beyond what its ends say."""
        ...

    def ends(self, move: int) -> tuple[str | None, str | None]:
        """The pools that a move leaves and fills: names of addresses, or of transactions on a coin chain."""
        ...

    def inputs(self, move: int) -> int | None:
        """How many inputs fill the pool that a move leaves; None on an account chain."""
        ...

    def plainly(self, amount: list[int]) -> Course:
        """The same course with these objects as its amounts, which the pools see as they are."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Balances:
    """An asset of an account chain."""

    asset: str
    seqs: NDArray[np.int64]
    claims: Claims
    moves: Moves
    limits: Limits
    names: Sequence[str]
    elections: tuple[Election, ...] = ()
    model: Model = "account"
    gaps: tuple[Gap, ...] = ()
    plain: bool = False

    def trace(self, rule: Rule, more: Sequence[ByMove] = (), *, flows: bool, exposure: bool) -> Trace:
        claims = replace(self.claims, by_move=(*self.claims.by_move, *more)) if more else self.claims
        if self.plain:
            return self._plainly(rule, claims)
        fitted = elections.fitted(rule, self.elections)
        chosen = self.elections if fitted.elective else ()
        return trace(self.moves, claims, self.limits, fitted, flows=flows, exposure=exposure, elections=chosen)

    def _plainly(self, rule: Rule, claims: Claims) -> Trace:
        chosen: dict[int, set[int]] = {}
        for move, loss in self.elections if rule.elective else ():
            chosen.setdefault(move, set()).add(loss)
        plan = prepare(self.moves, claims, self.limits)
        return run(self.moves, plan, self.limits, rule, losses=claims.losses, flows=True, elected=chosen)

    def payer(self, move: int) -> int:
        return int(self.moves.src[move])

    def unfollowed(self, result: Trace) -> Iterator[Gap]:
        return iter(())

    def ends(self, move: int) -> tuple[str | None, str | None]:
        src, dst = int(self.moves.src[move]), int(self.moves.dst[move])
        return self.names[src] if src >= 0 else None, self.names[dst] if dst >= 0 else None

    def inputs(self, move: int) -> int | None:
        return None

    def plainly(self, amount: list[int]) -> Balances:
        return replace(self, moves=replace(self.moves, amount=amount), plain=True)


def balances(
    ledger: Numbered,
    asset: str,
    losses: Sequence[Loss],
    sold: NDArray[np.int64],
    elected: Sequence[Elected],
    turn: bool,
) -> Balances:
    """The course of one asset of an account chain; `turn` reverses the assumed order of ties.

    `sold` are the ledger rows by which value left this asset in an exchange: it is not followed to their receiver.
    """
    rows = followed(ledger, asset)
    part = ledger.table.take(pa.array(rows))
    if turn:
        order = reversed_ties(part)
        rows, part = rows[order], part.take(pa.array(order))
    limits = Limits(stop=ledger.stop, known=ledger.known(asset))
    places = by_address(losses, part, ledger, asset)
    declared = {place.address for place in places}

    def follows(name: str) -> bool:
        number = ledger.numbers[name]
        return not limits.stop[number] and (bool(limits.known[number]) or number in declared)

    claims = Claims(losses=len(losses), by_move=by_move(losses, part, asset, follows), by_address=places)
    seqs = part.column("seq").to_numpy()
    made = moves(part, ledger, rows)
    if len(sold) and made.kind is not None:
        gone = np.isin(seqs, sold)
        kind, dst = made.kind.copy(), made.dst.copy()
        kind[gone], dst[gone] = Kind.SWAP, -1
        made = replace(made, kind=kind, dst=dst)
    chosen = tuple(elections.rows(elected, losses, part, asset))
    return Balances(
        asset=asset,
        seqs=seqs,
        claims=claims,
        moves=made,
        limits=limits,
        names=ledger.names,
        elections=chosen,
    )


def followed(ledger: Numbered, asset: str) -> NDArray[np.int64]:
    """The rows of one asset that lots may pass."""
    mask = pc.and_(pc.equal(ledger.table.column("asset"), asset), pc.is_null(ledger.table.column("excluded")))
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))


def reversed_ties(part: pa.Table) -> NDArray[np.int64]:
    """Row order with every group of assumed ties turned round."""
    tie = pc.fill_null(part.column("tie"), -1).to_numpy()
    order = np.arange(len(tie))
    edges = np.append(np.flatnonzero(np.diff(tie, prepend=-2) != 0), len(tie))
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if tie[start] >= 0 and end - start > 1:
            order[start:end] = order[start:end][::-1]
    return order


def moves(part: pa.Table, ledger: Numbered, rows: NDArray[np.int64]) -> Moves:
    """One asset's movements for the engine, exact, in the order of `part`."""
    amount = part.column("amount")
    exact: Any = amount.to_numpy() if not amount.null_count else amounts.exact(part)
    kinds = part.column("kind").to_pylist()
    codes = {"fee": Kind.FEE, "burn": Kind.BURN}
    kind = np.fromiter((codes.get(k, Kind.TRANSFER) for k in kinds), np.uint8, len(kinds))
    return Moves(src=ledger.src[rows], dst=ledger.dst[rows], amount=exact, kind=kind)


def concerns(loss: Loss, asset: str) -> bool:
    return asset in loss.assets if loss.assets else asset.startswith(loss.chain + "/")


def by_address(losses: Sequence[Loss], part: pa.Table, ledger: Numbered, asset: str) -> list[ByAddress]:
    """The losses by address as claims, one for each unbroken run of inflows inside the period.

    A block's time can lie before that of the block below it, so a period need not be one run.
    """
    found = []
    times = part.column("time").to_pylist() if any(x.since or x.until for x in losses) else []
    receivers = part.column("dst")
    for number, loss in enumerate(losses):
        place = ledger.numbers.get(loss.address or "")
        if place is None or not concerns(loss, asset):
            continue
        inflows = np.flatnonzero(pc.fill_null(pc.equal(receivers, loss.address), False).to_numpy()).tolist()
        found += [ByAddress(place, number, first, last) for first, last in _runs(loss, inflows, times)]
    return found


def _runs(loss: Loss, inflows: Sequence[int], times: Sequence[datetime | None]) -> Iterator[tuple[int, int]]:
    for inside, unbroken in groupby(inflows, key=lambda row: _inside(loss, times[row] if times else None)):
        rows = list(unbroken)
        if inside:
            yield rows[0], rows[-1]


def _inside(loss: Loss, time: datetime | None) -> bool:
    if loss.since is None and loss.until is None:
        return True
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
    left: dict[str, int] = {}
    for (src, dst), amount in zip(sides, moved, strict=True):
        if src != dst:
            left[dst or ""] = left.get(dst or "", 0) + amount
            left[src or ""] = left.get(src or "", 0) - amount
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
        amount = min(left, moved[row])
        if amount:
            yield ByMove(row, number, amount)
        left -= amount
