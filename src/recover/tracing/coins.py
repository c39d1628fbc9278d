"""Tracing over transactions that spend outputs: coin chains.

Each transaction is one pool that lives for a moment: its inputs, in order, are put in; its outputs, in order,
and then the fee are taken out. Only coins that carry traced value are kept; all others are clean without being
stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from recover.sdk import Error
from recover.tracing import compiled
from recover.tracing.claims import WHOLE, Claims, Wanted, begin
from recover.tracing.limits import Limits, Reason
from recover.tracing.lots import Lot, clean, totals
from recover.tracing.moves import NOBODY, Moves, ints
from recover.tracing.result import Event, Tally, Trace
from recover.tracing.rule import Rule
from recover.tracing.transactions import OUTSIDE, Coins

Follow: TypeAlias = Literal["stop", "taintchain", "blocksci"]
"""What happens to a fee: it ends the trace, or goes on into the block's coinbase, whose pool begins with the
fees in their order (taintchain) or with the subsidy (blocksci). The two published orders give different
answers."""


def spend(
    inputs: Sequence[Sequence[Lot]], outputs: Sequence[int], fee: int, rule: Rule
) -> tuple[list[list[Lot]], list[Lot]]:
    """Which lots each output and the fee take from the inputs, in one transaction.

    The fee comes last, so it takes what is left. Raises Error unless inputs = outputs + fee.
    """
    pool = rule.fresh()
    # That the fee comes last is a convention, and the figures of most rules rest on it.
    whole = sum(outputs) + fee
    for lots in inputs:
        pool.put(lots, sum(size for _, size in lots) if rule.conserves else 0)
    if not rule.conserves:  # its lots count the same value for several losses, so they do not sum to anything
        pool.put((), whole)
    if pool.balance != whole:
        raise Error(
            "transaction-unbalanced",
            f"A transaction spends {pool.balance} and pays {sum(outputs)} and a fee of {fee}.",
            "What goes in has to come out.",
            "Check the amounts of its inputs and outputs.",
        )
    order = range(len(outputs))
    filled: list[list[Lot]] = [[] for _ in outputs]
    # The order of inputs and outputs is the spender's choice, and changes fifo and lifo: the rules say so of
    # themselves. Only TIHO goes by size, ties to the lower number.
    for i in sorted(order, key=lambda i: (-outputs[i], i)) if rule.highest else order:
        filled[i] = pool.take(outputs[i])
    return filled, pool.take(fee)


def trace(
    coins: Coins,
    claims: Claims,
    limits: Limits,
    rule: Rule,
    *,
    flows: bool = True,
    exposure: bool = False,
    follow: Follow = "stop",
    given: bool = False,
) -> Trace:
    """Follows every loss through the transactions under one rule; a move, in claims and results, is an output.

    Many outputs take the compiled path, to the same result; but where the lots `given` into bridges are asked for.

    An output to an address that is also among its transaction's inputs is change: no loss by address begins
    there. In a transaction with `mix`, and at addresses with a stop, value ends; what comes out is clean. A fee
    has no output: it is noted at the first one of its transaction. `exposure` as in `account.trace`. Raises
    Error for unusable input (all problems at once, by transaction), for a rule that may not be used so, and,
    code `conservation`, if the result does not add up.
    """
    rule.demand("utxo", exposure)
    problems = limits.problems() or coins.problems(len(limits)) or _followable(coins, follow)
    problems = problems or claims.problems(_received(coins), len(limits))
    if problems:
        raise Error(
            "trace-input",
            "\n".join(problems),
            "A trace needs transactions in order, whose inputs exist, are spent once and cover the outputs.",
            "Correct the records named.",
        )
    # Fees followed into a coinbase take the plain path: a block is then worked out in another order.
    if (
        not given
        and len(coins.address) >= compiled.MOVES
        and follow == "stop"
        and compiled.fits_coins(coins, claims, rule)
    ):
        wants = claims.wants(without_change(coins), len(limits))
        return compiled.run_coins(coins, claims, wants, limits, rule, flows=flows)
    return plain(coins, claims, limits, rule, flows=flows, follow=follow)


def plain(coins: Coins, claims: Claims, limits: Limits, rule: Rule, *, flows: bool, follow: Follow) -> Trace:
    """The plain path: exact at any width. Its input was checked."""
    chain = _Chain(coins, claims, limits, rule, flows, follow)
    for t in _order(coins, follow):
        chain.step(t)
    return chain.close()


def _received(coins: Coins) -> Moves:
    import numpy as np

    return Moves(src=np.full(len(coins.address), NOBODY, np.int32), dst=coins.address, amount=coins.amount)


def without_change(coins: Coins) -> Moves:
    """The outputs as moves, where an output to one of its transaction's own inputs' addresses is a self
    transfer."""
    import numpy as np

    known = coins.spends != OUTSIDE
    spender = np.repeat(np.arange(len(coins)), np.diff(coins.input_start))[known]
    # Room for -1: an output that none can spend must not be taken for an address of the transaction before.
    base = int(coins.address.max(initial=0)) + 2
    pays = np.unique(spender * base + coins.address[coins.spends[known]])
    own = np.isin(coins.makers() * base + coins.address, pays)
    src = np.where(own, coins.address, NOBODY).astype(np.int32)
    return Moves(src=src, dst=coins.address, amount=coins.amount)


def _followable(coins: Coins, follow: Follow) -> list[str]:
    """What is missing to follow fees into the coinbase."""
    import numpy as np

    if follow == "stop":
        return []
    if coins.block is None or coins.coinbase is None:
        return ["Fees cannot be followed: the columns block and coinbase are needed for it."]
    if bool((np.diff(coins.block) < 0).any()):
        return ["The transactions are not in the order of their blocks."]
    minted = np.flatnonzero(coins.coinbase)
    blocks, times = np.unique(coins.block[minted], return_counts=True)
    found = [f"Block {b} has {n} coinbase transactions." for b, n in zip(blocks, times, strict=True) if n > 1]
    # A coinbase may pay the subsidy and the fees of its block. Its own fee counts below zero by what it took.
    room: dict[int, int] = dict.fromkeys(blocks.tolist(), 0)
    for block, fee in zip(coins.block.tolist(), coins.fees(), strict=True):
        if block in room:
            room[block] += fee
    return (found + [f"The coinbase of block {b} pays {-r} more than allowed." for b, r in room.items() if r < 0])[
        :20
    ]


def _order(coins: Coins, follow: Follow) -> list[int]:
    """A coinbase stands first in its block and is filled by the fees of the others, so it is worked out last."""
    import numpy as np

    if follow == "stop" or coins.block is None or coins.coinbase is None:
        return list(range(len(coins)))
    order: list[int] = np.lexsort((np.arange(len(coins)), coins.coinbase, coins.block)).tolist()
    return order


class _Chain:
    """The coins that carry traced value, while a run lasts."""

    def __init__(
        self, coins: Coins, claims: Claims, limits: Limits, rule: Rule, flows: bool, follow: Follow
    ) -> None:
        self.coins, self.limits, self.rule, self.follow = coins, limits, rule, follow
        self.tally = Tally(claims.losses, flows)
        self.amounts = ints(coins.amount)
        self.held: dict[int, list[Lot]] = {}
        self.fees: dict[int, list[Lot]] = {}
        self.declared, self.turns = {place.address for place in claims.by_address}, claims.turns
        self.asked: dict[int, list[Wanted]] = {}
        wants = claims.wants(without_change(coins), len(limits))
        rows = zip(*(c.tolist() for c in (wants.move, wants.loss, wants.came)), ints(wants.amount), strict=True)
        for coin, loss, came, amount in rows:
            asked = int(coins.amount[coin]) if amount == WHOLE else amount
            self.asked.setdefault(coin, []).append((loss, asked, came))
        self.claimed = set(coins.makers()[wants.move].tolist())
        self.minted: set[int] = set()
        if follow != "stop" and coins.block is not None and coins.coinbase is not None:
            self.minted.update(coins.block[coins.coinbase].tolist())
        self.inputs, self.outputs = coins.input_start.tolist(), coins.output_start.tolist()

    def step(self, t: int) -> None:
        """One transaction: its inputs are spent, its outputs and fee filled."""
        rows = range(self.inputs[t], self.inputs[t + 1])
        brought = [coin for coin in self.coins.spends[rows.start : rows.stop].tolist() if coin in self.held]
        made = range(self.outputs[t], self.outputs[t + 1])
        # All that enters a mix ends here, and what comes out is clean: the outputs are alike by design, and a rule
        # would pick one by its place in the list, or share among strangers.
        if brought and self.coins.mix is not None and self.coins.mix[t]:
            self._stop(brought, int(self.coins.mix[t]))
            brought = []
        lots: Sequence[list[Lot]] = [[] for _ in made]
        if brought:
            lots = self._spend(t, rows, made)
        elif self._mints(t):
            lots = self._mint(t, made)
        elif t not in self.claimed:
            return
        for coin, part in zip(made, lots, strict=True):
            self._arrive(coin, part or clean(int(self.coins.amount[coin])))

    def _spend(self, t: int, rows: range, made: range) -> list[list[Lot]]:
        # A coin that is not held carries no loss. It goes in as one clean lot all the same: what a rule takes
        # depends on where clean value stands.
        inputs = [self.held.pop(int(self.coins.spends[i]), []) or clean(int(self.coins.paid[i])) for i in rows]
        outputs = [self.amounts[k] for k in made]
        lots, rest = spend(inputs, outputs, self._fee(t), self.rule)
        traced = totals(rest)
        if traced and self._block(t) in self.minted:
            self.fees[t] = rest
        elif traced:
            self.tally.end(NOBODY, Reason.FEE, made.start, traced)
        return lots

    def _mints(self, t: int) -> bool:
        return bool(self.fees) and self.coins.coinbase is not None and bool(self.coins.coinbase[t])

    def _mint(self, t: int, made: range) -> list[list[Lot]]:
        """A coinbase whose block paid traced fees. What the miner left unclaimed is burned."""
        assert self.coins.block is not None
        blocks = self.coins.block
        others = range(int(blocks.searchsorted(blocks[t])), int(blocks.searchsorted(blocks[t], "right")))
        fees = [self.fees.get(i) or clean(self._fee(i)) for i in others if i != t]
        subsidy = clean(self._fee(t) + sum(int(self.coins.amount[k]) for k in made))
        self.fees.clear()
        # Fees in the order of transactions; the subsidy after them or before them, as published.
        inputs = [*fees, subsidy] if self.follow == "taintchain" else [subsidy, *fees]
        # With the coinbase's own fee, which is below zero by what it took: the sum is what the miner left
        # unclaimed.
        tail = sum(self._fee(i) for i in others)
        lots, rest = spend(inputs, [int(self.coins.amount[k]) for k in made], tail, self.rule)
        lost = totals(rest)
        if lost:
            self.tally.end(NOBODY, Reason.BURN, made.start, lost)
        return lots

    def _fee(self, t: int) -> int:
        paid = self.coins.paid[self.inputs[t] : self.inputs[t + 1]]
        made = self.coins.amount[self.outputs[t] : self.outputs[t + 1]]
        return sum(map(int, paid)) - sum(map(int, made))

    def _block(self, t: int) -> int:
        return NOBODY if self.coins.block is None else int(self.coins.block[t])

    def _stop(self, brought: Sequence[int], reason: int) -> None:
        for coin in brought:
            lots = self.held.pop(coin)
            carried = totals(lots)
            if reason == Reason.CROSSED:
                self.tally.given[coin] = lots
            self.tally.flow(coin, Event.END, carried)
            self.tally.end(int(self.coins.address[coin]), reason, coin, carried)

    def _arrive(self, coin: int, lots: list[Lot]) -> None:
        moved = totals(lots)
        lots, started, overlaps = begin(lots, coin, self.asked.get(coin, ()), self.rule.conserves, self.turns)
        self.tally.overlaps += overlaps
        if started:
            self.tally.begin(coin, started, moved)
        if moved:
            self.tally.flow(coin, Event.MOVE, moved)
        carried = totals(lots)
        address = int(self.coins.address[coin])
        reason = int(Reason.BURN if address == NOBODY else self.limits.stop[address])
        if carried and reason:
            self.tally.flow(coin, Event.END, carried)
            self.tally.end(address, reason, coin, carried)
        elif carried:
            self.held[coin] = lots

    def close(self) -> Trace:
        for coin, lots in self.held.items():
            address = int(self.coins.address[coin])
            known = bool(self.limits.known[address]) or address in self.declared
            if not known:
                self.tally.flow(coin, Event.END, totals(lots))
            self.tally.end(address, Reason.REST if known else Reason.UNCOLLECTED, coin, totals(lots))
        # A mix or the end of the ledger ends coins that came long before, so rows are not in order yet.
        if self.tally.rows is not None:
            self.tally.rows.sort()
        return self.tally.trace(self.rule.id, {}, self.rule.conserves, isinstance(self.coins.amount, list))
