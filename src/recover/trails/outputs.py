"""Outputs: one asset of a coin chain as the engine takes it, transaction by transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.case import Case
from recover.declared import choice
from recover.declared.choice import Output
from recover.ledger.numbered import Numbered
from recover.sdk.records import Gap
from recover.sdk.values import Details, TxId
from recover.sdk.view import Loss
from recover.tracing import NOBODY, ByMove, Claims, Event, Limits, Model, Reason, Rule, Trace, coins
from recover.tracing.transactions import OUTSIDE, Coins
from recover.trails.grouped import Listed, ordered
from recover.trails.shares import shares
from recover.trails.starts import Payment, by_address, by_move, concerns, payment
from recover.trails.trail import Ended

_MOST = 20  # missing transactions that one transaction's gaps ask for

SPENT = "spent-unfollowed"
"""The code of the gap of a transaction that spends traced value and is not followed."""

CHANGE = "loss-is-change"
"""The code of the gap of a loss whose output looks like what came back to the payer."""

_WHY = {
    "amount": "no exhibit shows what another of its inputs was worth.",
    "disputed": "exhibits contradict each other about it.",
    "order": "it spends an output that exists only later, or in a circle.",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spending:
    """An asset of a coin chain; a move is an output.

    By transaction: `ids`, the numbers of the addresses whose coins it spends, in order, and why it cannot be
    followed, as (key of `_WHY`, the transaction to ask for); and by the first that spends a coin the `rivals` that
    spend it too. By output: the transaction that spends it, or one past the last. What went into a bridge is spent
    in a transaction of its own, which has no id and pays nobody.
    """

    asset: str
    seqs: NDArray[np.int64]
    claims: Claims
    coins: Coins
    limits: Limits
    ids: Sequence[str | None]
    owners: Sequence[tuple[int, ...]]
    spender: NDArray[np.int64]
    missing: Mapping[int, Sequence[tuple[str, str]]]
    rivals: Mapping[int, Sequence[int]] = field(default_factory=dict)
    payments: tuple[Payment, ...] = ()
    model: Model = "utxo"
    gaps: tuple[Gap, ...] = ()

    def trace(
        self, rule: Rule, more: Sequence[ByMove] = (), *, flows: bool, exposure: bool, given: bool = False
    ) -> Trace:
        claims = replace(self.claims, exchanged=more) if more else self.claims
        return coins.trace(self.coins, claims, self.limits, rule, flows=flows, exposure=exposure, given=given)

    def moved(self, move: int) -> int:
        return int(self.coins.amount[move])

    def claiming(self, claims: Claims) -> Spending:
        return replace(self, claims=claims)

    def paid_on(self, rows: Sequence[int]) -> bool:
        return any(int(self.spender[row]) < len(self.ids) for row in rows)

    @property
    def receivers(self) -> NDArray[np.int32]:
        return self.coins.address

    def first(self, t: int) -> int:
        """The first output of a transaction."""
        return int(self.coins.output_start[t])

    def passed(self, result: Trace, found: Sequence[Ended]) -> Iterator[tuple[Ended, int, int]]:
        """A transaction that gathers several addresses' coins pays an output with those that the rule takes."""
        paid: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for one in shares(self, result, {self._maker(end.move) for end in found if end.carried}):
            if not one.fee:
                paid.setdefault((one.move, one.loss), []).append((one.payer, one.amount))
        for end in found:
            for payer, part in paid[end.move, end.loss] if end.carried else ():
                yield end, payer, part
            if end.amount > end.carried:
                yield end, NOBODY, end.amount - end.carried

    def payer(self, move: int) -> int:
        """Nobody where a transaction spends coins of several, or of whom no exhibit names: it names no payer."""
        owners = self.owners[self._maker(move)]
        return owners[0] if len(owners) == 1 else NOBODY

    def payers(self, move: int) -> tuple[int, ...]:
        return tuple(owner for owner in self.owners[self._maker(move)] if owner != NOBODY)

    def ends(self, move: int) -> tuple[str | None, str | None]:
        spender = int(self.spender[move])
        return self.ids[self._maker(move)], self.ids[spender] if spender < len(self.ids) else None

    def inputs(self, move: int) -> int | None:
        maker = self._maker(move)
        return int(self.coins.input_start[maker + 1] - self.coins.input_start[maker])

    def spent(self, move: int) -> Sequence[int] | None:
        maker = self._maker(move)
        start, end = self.coins.input_start[maker : maker + 2].tolist()
        return [int(coin) for coin in self.coins.spends[start:end]]

    def plainly(self, amount: list[int]) -> Spending:
        return replace(self, coins=replace(self.coins, amount=amount))

    def _maker(self, move: int) -> int:
        """The transaction that made an output."""
        return int(np.searchsorted(self.coins.output_start, move, "right")) - 1

    def stuck(self, result: Trace) -> dict[int, int]:
        found: dict[int, int] = {}
        for flow in result.flows or ():
            if flow.event is Event.END and int(self.spender[flow.move]) in self.missing:
                at = int(self.receivers[flow.move])
                found[at] = found.get(at, 0) + flow.amount
        return found

    def unfollowed(self, result: Trace) -> Iterator[Gap]:
        """Each transaction that took traced value and cannot be followed, with the asks that would help."""
        ended = [flow.move for flow in result.flows or () if flow.event is Event.END]
        chain = self.asset.split("/", 1)[0]
        took = {int(self.spender[k]) for k in ended} & set(self.missing)
        for t in sorted(took | {rival for one in took for rival in self.rivals.get(one, ())}):
            for why, tx in self.missing.get(t, ())[:_MOST]:
                yield Gap(
                    code=SPENT,
                    subject=self.ids[t] or "",
                    why="Traced value was spent in this transaction, which cannot be followed: " + _WHY[why],
                    effect="What it paid on is not traced.",
                    fill=Details(tx=TxId(chain=chain, text=tx)) if tx else None,
                )


def spending(
    ledger: Numbered,
    asset: str,
    losses: Sequence[Loss],
    mixes: Mapping[str, int],
    crossed: Collection[int] = (),
    *,
    case: Case,
    unit: Callable[[int], str],
) -> Spending:
    """One asset of a coin chain, ready to trace; `mixes` gives a `Reason` for each transaction to stop in.

    `crossed` are the ledger's rows of the outputs that went into bridges: whoever spends them spends the bridge's.

    Raises Error for a loss by transaction that does not say which of several outputs it means.
    """
    table = ledger.table
    wanted = pc.and_(pc.equal(table.column("asset"), asset), _kept(table.column("excluded")))
    # Fees are left out: the engine gives the fee what the outputs leave, and a listed one would count it twice.
    wanted = pc.and_(wanted, pc.is_in(table.column("kind"), value_set=pa.array(["input", "output", "reward"])))
    rows = np.flatnonzero(wanted.to_numpy(zero_copy_only=False))
    listed = Listed.of(table.take(pa.array(rows)), ledger.src[rows])
    order = ordered(listed)
    gone = np.flatnonzero(np.isin(table.column("seq").to_numpy()[rows], sorted(crossed)))
    made = _Columns(listed, order, mixes, frozenset(gone.tolist()))
    outs = np.array(made.outs, np.int64)
    taken = table.take(pa.array(rows[outs]))
    paid = tuple(_by_output(losses, taken, asset, made, case, unit))
    places = by_address(losses, taken, ledger, asset)
    receivers = ledger.dst[rows[outs]]
    claims = Claims(losses=len(losses), by_move=by_move(paid, places, receivers), by_address=places)
    return Spending(
        asset=asset,
        seqs=taken.column("seq").to_numpy(),
        claims=claims,
        payments=paid,
        coins=made.coins(receivers),
        limits=Limits(stop=ledger.stop, known=ledger.known(asset)),
        ids=made.ids,
        owners=made.owners,
        spender=made.spender(),
        missing=made.missing,
        rivals=made.rivals,
        gaps=tuple(made.gaps),
    )


def _kept(excluded: pa.ChunkedArray) -> pa.ChunkedArray:
    """Disputed transactions stay, so that value spent in them is not taken to be unspent."""
    return pc.or_(pc.is_null(excluded), pc.fill_null(pc.equal(excluded, "contradicted"), False))


class _Columns:
    """The engine's columns, transaction by transaction."""

    def __init__(
        self, listed: Listed, order: Sequence[int], mixes: Mapping[str, int], gone: Collection[int]
    ) -> None:
        self.listed, self.order = listed, order
        self.ids: list[str | None] = [listed.ids[t] for t in order]
        self.outs = [row for t in order for row in listed.outs[t]]
        self.output_start = [0]
        self.coin: dict[tuple[str, int | None], int] = {}
        count = 0
        for t in order:
            for row in listed.outs[t]:  # a disputed output is there in each version
                self.coin.setdefault((listed.ids[t], listed.leg[row]), count)
                count += 1
            self.output_start.append(count)
        self.taken: dict[int, int] = {}
        self.rivals: dict[int, list[int]] = {}
        self.crossed = {k for k, row in enumerate(self.outs) if row in gone}
        self.maker = {tx: t for t, tx in enumerate(listed.ids)}
        self.spends: list[int] = []
        self.paid: list[int] = []
        self.input_start = [0]
        self.mix = [mixes.get(listed.ids[t], 0) for t in order]
        self.owners: list[tuple[int, ...]] = []
        self.missing: dict[int, list[tuple[str, str]]] = {}
        self.gaps: list[Gap] = []
        for number, t in enumerate(order):
            self._transaction(number, t)
        for coin in sorted(self.crossed):
            self.ids.append(None)
            self._input(coin, listed.amount[self.outs[coin]] or 0)
            self.input_start.append(len(self.spends))
            self.output_start.append(count)
            self.mix.append(Reason.CROSSED)
            self.owners.append(())

    def _transaction(self, number: int, t: int) -> None:
        listed, brought = self.listed, 0
        why = [("disputed", "")] if t in listed.disputed else []
        for row in listed.ins[t]:
            coin = self.coin.get(listed.spends[row], OUTSIDE)
            # An output that only comes later in this order cannot pay for this transaction.
            if coin >= self.output_start[number]:
                why.append(("order", ""))
                coin = OUTSIDE
            # Two transactions that spend one output contradict each other, and only one of them can be in the
            # chain.
            if coin != OUTSIDE and coin in self.taken:
                why.append(("disputed", ""))
                self.rivals.setdefault(self.taken[coin], []).append(number)
                coin = OUTSIDE
            self.taken.setdefault(coin, number)
            worth = listed.amount[row] if coin == OUTSIDE else listed.amount[self.outs[coin]]
            # One input of unknown worth leaves the share of every other one open, under every rule but one, so
            # value stops here.
            if worth is None:
                why.append(("amount", listed.spends[row][0]))
            self._timed(t, listed.spends[row][0])
            self._input(OUTSIDE if coin in self.crossed else coin, worth or 0)
            brought += worth or 0
        # The pool must hold what the outputs take, or the last of them would be paid with nothing.
        short = sum(listed.amount[row] or 0 for row in listed.outs[t]) - brought
        if short > 0:  # new coins, or what an input is worth that no exhibit shows: clean
            self._input(OUTSIDE, short)
        self.input_start.append(len(self.spends))
        # A shown input without an address, or one that is not shown, is of somebody: of whom, nobody can say.
        owners = dict.fromkeys(max(listed.payer[row], NOBODY) for row in listed.ins[t])
        self.owners.append(tuple(owners if short <= 0 or not owners else {**owners, NOBODY: None}))
        if why:
            self.missing[number] = list(dict.fromkeys(why))
            self.mix[number] = Reason.UNCOLLECTED

    def _input(self, coin: int, worth: int) -> None:
        self.spends.append(coin)
        self.paid.append(worth)

    def _timed(self, t: int, funding: str) -> None:
        """An output cannot be spent in a lower block than its own: one of the heights is wrong."""
        listed = self.listed
        before = listed.height[self.maker[funding]] if funding in self.maker else None
        here = listed.height[t]
        if before is not None and here is not None and here < before:
            self.gaps.append(
                Gap(
                    code="spend-before-funding",
                    subject=listed.ids[t],
                    why=f"It stands in block {here} and spends an output of {funding}, in block {before}.",
                    effect="One of the two heights is wrong. It is followed in the order of its coins.",
                )
            )

    def paid_from(self, number: int) -> frozenset[str]:
        """The addresses that one transaction spends from."""
        rows = self.listed.ins[self.order[number]]
        return frozenset(name for row in rows if (name := self.listed.src[row]))

    def spender(self) -> NDArray[np.int64]:
        found = np.full(len(self.outs), len(self.ids), np.int64)
        spends = np.array(self.spends, np.int64)
        by = np.repeat(np.arange(len(self.ids)), np.diff(self.input_start))
        found[spends[spends != OUTSIDE]] = by[spends != OUTSIDE]
        return found

    def coins(self, address: NDArray[np.int32]) -> Coins:
        return Coins(
            input_start=np.array(self.input_start, np.int64),
            spends=np.array(self.spends, np.int64),
            paid=np.array(self.paid, np.int64),
            output_start=np.array(self.output_start, np.int64),
            address=address.astype(np.int32),
            amount=np.array([self.listed.amount[row] for row in self.outs], np.int64),
            mix=np.array(self.mix, np.uint8),
        )


def _by_output(
    losses: Sequence[Loss], taken: pa.Table, asset: str, made: _Columns, case: Case, unit: Callable[[int], str]
) -> list[Payment]:
    """Losses by transaction, each of one output; one that looks like the payer's own change is a gap.

    Raises Error where it could be several."""
    place = {tx: t for t, tx in enumerate(made.ids)}
    moved, receivers = taken.column("amount").to_pylist(), taken.column("dst").to_pylist()
    legs = taken.column("leg").to_pylist()
    found: list[Payment] = []
    for number, loss in enumerate(losses):
        t = place.get(loss.tx or "")
        if t is None or not concerns(loss, asset):
            continue
        rows = {legs[k]: k for k in range(made.output_start[t], made.output_start[t + 1])}
        outputs = [Output(index=n, address=receivers[k], amount=moved[k]) for n, k in sorted(rows.items())]
        own = made.paid_from(t)
        here = choice.meant(loss, outputs, own)
        if len(here) != 1:
            raise choice.which(loss, here, unit, case.typed)
        if doubt := choice.change(here[0], outputs, own, unit):
            effect = f"The figures of loss {loss.id} rest on this choice."
            made.gaps.append(Gap(code=CHANGE, subject=f"{loss.tx}:{here[0].index}", why=doubt, effect=effect))
        k = rows[here[0].index]
        found.append(payment(number, loss, [k], [moved[k]], asset))
    return found
