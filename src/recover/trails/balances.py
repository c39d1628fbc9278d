"""Balances: one asset of an account chain as the engine takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.case.settings import Elected
from recover.declared import elections
from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.records import Gap
from recover.sdk.view import Loss
from recover.tracing import (
    NOBODY,
    ByMove,
    Claims,
    Election,
    Kind,
    Limits,
    Model,
    Moves,
    Rule,
    Trace,
)
from recover.tracing.account import prepare, run
from recover.tracing.reach import beyond, reach, within
from recover.trails import recalled
from recover.trails.starts import Payment, by_address, by_move, payments
from recover.trails.trail import Ended


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Balances:
    """One asset of an account chain: each address is a pool that lives through time, and a move goes between two.

    `plain` runs the reference engine on Python integers, where each pool can be watched.
    """

    asset: str
    seqs: NDArray[np.int64]
    claims: Claims
    moves: Moves
    limits: Limits
    names: Sequence[str]
    elections: tuple[Election, ...] = ()
    payments: tuple[Payment, ...] = ()
    model: Model = "account"
    gaps: tuple[Gap, ...] = ()
    plain: bool = False

    def trace(
        self, rule: Rule, more: Sequence[ByMove] = (), *, flows: bool, exposure: bool, given: bool = False
    ) -> Trace:
        claims = replace(self.claims, exchanged=more) if more else self.claims
        if self.plain:
            return self._plainly(rule, claims)
        # Elections stand in one asset only, so in all others an elective rule applies its own default.
        fitted = elections.fitted(rule, self.elections)
        chosen = self.elections if fitted.elective else ()
        how = {"flows": flows, "exposure": exposure, "given": given}
        return recalled.followed(self.moves, claims, self.limits, fitted, elected=chosen, **how)

    def moved(self, move: int) -> int:
        return int(self.moves.amount[move])

    @property
    def widest(self) -> Claims:
        """The claims for a reach in any order: a loss of a part of a payment can begin on each movement of it."""
        more = [ByMove(row, paid.loss, 0) for paid in self.payments for row in paid.rows]
        return replace(self.claims, by_move=(*self.claims.by_move, *more))

    def _plainly(self, rule: Rule, claims: Claims) -> Trace:
        chosen: dict[int, set[int]] = {}
        for move, loss in self.elections if rule.elective else ():
            chosen.setdefault(move, set()).add(loss)
        rows = reach(self.moves, claims, self.limits)
        moves, claims = within(self.moves, claims, rows)
        elected = {row: chosen[move] for row, move in enumerate(rows.tolist()) if move in chosen}
        plan = prepare(moves, claims, self.limits)
        return beyond(run(moves, plan, self.limits, rule, losses=claims.losses, flows=True, elected=elected), rows)

    @property
    def receivers(self) -> NDArray[np.int32]:
        return self.moves.dst

    def passed(self, result: Trace, found: Sequence[Ended]) -> Iterator[tuple[Ended, int, int]]:
        for end in found:
            if end.carried:
                yield end, int(self.moves.src[end.move]), end.carried
            if end.amount > end.carried:
                yield end, NOBODY, end.amount - end.carried

    def payer(self, move: int) -> int:
        return int(self.moves.src[move])

    def payers(self, move: int) -> tuple[int, ...]:
        payer = self.payer(move)
        return (payer,) if payer != NOBODY else ()

    def claiming(self, claims: Claims) -> Balances:
        return replace(self, claims=claims)

    def paid_on(self, rows: Sequence[int]) -> bool:
        receivers = {int(self.moves.dst[row]) for row in rows} - {NOBODY}
        return bool(np.isin(self.moves.src, sorted(receivers)).any())

    def stuck(self, result: Trace) -> dict[int, int]:
        return {}

    def unfollowed(self, result: Trace) -> Iterator[Gap]:
        return iter(())

    def ends(self, move: int) -> tuple[str | None, str | None]:
        src, dst = int(self.moves.src[move]), int(self.moves.dst[move])
        return self.names[src] if src >= 0 else None, self.names[dst] if dst >= 0 else None

    def inputs(self, move: int) -> int | None:
        return None

    def spent(self, move: int) -> Sequence[int] | None:
        return None

    def plainly(self, amount: list[int]) -> Balances:
        return replace(self, moves=replace(self.moves, amount=amount), plain=True)


def balances(
    ledger: Numbered,
    asset: str,
    losses: Sequence[Loss],
    sold: Mapping[Kind, NDArray[np.int64]],
    elected: Sequence[Elected],
    rows: NDArray[np.int64] | None = None,
) -> Balances:
    """One asset of an account chain, ready to trace; `rows` are its movements in another order than the ledger's.

    `sold` are the ledger rows by which value left this asset in an exchange, or through a bridge: it is not
    followed to their receiver.
    """
    if rows is None:
        rows = followed(ledger, asset)
    # What places a movement, and where it stands, was needed to order it: claims and moves read the rest.
    part = ledger.table.drop_columns(_PLACED).take(pa.array(rows))
    limits = Limits(stop=ledger.stop, known=ledger.known(asset))
    places = by_address(losses, part, ledger, asset)
    # A declared address is followed even where its history is not known whole: that is what the loss says, and the
    # unknown part is a gap.
    declared = {place.address for place in places}

    chain = asset.split("/", 1)[0]

    def follows(name: str) -> bool:
        number = ledger.numbers[chain, name]
        return not limits.stop[number] and (bool(limits.known[number]) or number in declared)

    seqs = part.column("seq").to_numpy()
    crossed = frozenset(np.flatnonzero(np.isin(seqs, sold.get(Kind.CROSSED, seqs[:0]))).tolist())
    paid = tuple(payments(losses, part, asset, follows, crossed))
    receivers = ledger.dst[rows]
    claims = Claims(losses=len(losses), by_move=by_move(paid, places, receivers), by_address=places)
    made = moves(part, ledger, rows)
    for what, rows_ in sold.items():
        if not len(rows_) or made.kind is None:
            continue
        gone = np.isin(seqs, rows_)
        kind, dst = made.kind.copy(), made.dst.copy()
        # What is given in an exchange goes on in the other asset, so it must not also arrive at the exchange's
        # contract.
        kind[gone], dst[gone] = what, -1
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
        payments=paid,
    )


_PLACED = ["chain", "spends_tx", "spends_index", "memo_raw", "excluded", "tie", "exhibit", "place"]


def followed(ledger: Numbered, asset: str) -> NDArray[np.int64]:
    """The rows of one asset that lots may pass: none with a reason in `excluded`, which stay in evidence."""
    mask = pc.and_(pc.equal(ledger.table.column("asset"), asset), pc.is_null(ledger.table.column("excluded")))
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))


def moves(part: pa.Table, ledger: Numbered, rows: NDArray[np.int64]) -> Moves:
    """One asset's movements for the engine, exact, in the order of `part`."""
    amount = part.column("amount")
    # A null means that the amount is past 64 bits, and stands in the column `wide`.
    exact: Any = amount.to_numpy() if not amount.null_count else amounts.exact(part)
    kinds = part.column("kind").combine_chunks().dictionary_encode()
    codes = {"fee": Kind.FEE, "burn": Kind.BURN}
    known = np.array([codes.get(k, Kind.TRANSFER) for k in kinds.dictionary.to_pylist()], np.uint8)
    kind = known[kinds.indices.to_numpy()] if len(kinds) else np.zeros(0, np.uint8)
    # A payment whose receiver no exhibit shows is an open end: that nobody is named is no sign that it was burned.
    kind[(kind == Kind.TRANSFER) & (ledger.dst[rows] < 0)] = Kind.OPEN
    return Moves(src=ledger.src[rows], dst=ledger.dst[rows], amount=exact, kind=kind)
