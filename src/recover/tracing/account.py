"""Tracing over balances that live through time: account chains.

Value that arrives at a stop, or at an address whose history is not in the ledger and at which no loss is
declared, ends there: nothing is followed through it. Every other address holds a balance; where traced value has
arrived it holds a pool, in which its owner's clean value stands in its true place, the implied opening balance
first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from recover.sdk import Error
from recover.tracing import compiled
from recover.tracing.claims import WHOLE, Claims, Wanted, Wants, begin
from recover.tracing.limits import Limits, Reason
from recover.tracing.lots import CLEAN, Lot, Pool, clean, totals
from recover.tracing.moves import NOBODY, Kind, Moves, ints
from recover.tracing.reach import beyond, reach, within
from recover.tracing.result import Event, Tally, Trace
from recover.tracing.rule import Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Election(NamedTuple):
    """The claimant of `loss` elects that move `move` was made with the claimant's value (rule `oatway`)."""

    move: int
    loss: int


_ENDS = {
    Kind.TRANSFER: Reason.BURN,
    Kind.BURN: Reason.BURN,
    Kind.FEE: Reason.FEE,
    Kind.SWAP: Reason.SWAP,
    Kind.OPEN: Reason.OPEN,
    Kind.CROSSED: Reason.CROSSED,
}
"""Why value ends that nobody receives, by what its move is."""


_GIVES = frozenset({Kind.SWAP, Kind.CROSSED})


class _Elective(Protocol):
    def elect(self, amount: int, losses: Collection[int]) -> list[Lot]: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What a run needs to know before it starts, whatever the rule.

    `followed` says, by address, whether value is followed through it; `openings` what it held before the ledger
    begins.
    """

    wants: Wants
    followed: NDArray[np.bool_]
    openings: Mapping[int, int]
    turns: Mapping[int, Mapping[int, int]] = field(default_factory=dict)


def trace(
    moves: Moves,
    claims: Claims,
    limits: Limits,
    rule: Rule,
    *,
    flows: bool = True,
    exposure: bool = False,
    elections: Sequence[Election] = (),
    given: bool = False,
) -> Trace:
    """Follows every loss through the moves under one rule. Many moves take the compiled path, to the same result;
    but where the lots `given` in exchanges are asked for.

    `exposure` allows a rule that cannot back a claim figure. `elections` are for `oatway`, and required by it.
    Raises Error for unusable input (all problems at once), for a rule that may not be used so, and, code
    `conservation`, if the result does not add up. Rules: `recover.tracing.rules`.
    """
    # One rule from the first move to the last, declared before the run: in D'Aloia v Persons Unknown [2024] EWHC
    # 2342 (Ch) the tracing evidence failed for want of a clear, coherent method that the other side could follow.
    rule.demand("account", exposure)
    check(moves, claims, limits)
    chosen = _elected(rule, elections, len(moves), claims.losses)
    rows = reach(moves, claims, limits)
    moves, claims = within(moves, claims, rows)
    # Elections have no compiled path: `compiled.fits` knows no rule that takes them.
    if not given and compiled.worth(len(moves)) and compiled.fits(moves, claims, rule):
        return beyond(compiled.run(moves, claims, limits, rule, flows=flows), rows)
    plan = prepare(moves, claims, limits)
    listed = enumerate(rows.tolist()) if chosen else ()
    elected = {row: chosen[move] for row, move in listed if move in chosen}
    return beyond(run(moves, plan, limits, rule, losses=claims.losses, flows=flows, elected=elected), rows)


def check(moves: Moves, claims: Claims, limits: Limits) -> None:
    """Raises Error with up to 20 problems of the input."""
    problems = limits.problems() or moves.problems(len(limits)) or claims.problems(moves, len(limits))
    if problems:
        raise Error(
            "trace-input",
            "\n".join(problems),
            "A trace needs whole columns, amounts that are not negative, and claims within their moves.",
            "Correct the records named.",
        )


def prepare(moves: Moves, claims: Claims, limits: Limits) -> Plan:
    """The claims move by move, where value is followed, and the implied opening balances."""
    # Where a loss is declared value is followed though the history may be incomplete, or no trace would begin;
    # what that leaves open is a gap.
    followed = (limits.stop == Reason.REST) & (limits.known | claims.declared(len(limits)))
    wants, opened = claims.wants(moves, len(limits)), openings(moves, len(limits))
    return Plan(wants=wants, followed=followed, openings=opened, turns=claims.turns)


def openings(moves: Moves, addresses: int) -> dict[int, int]:
    """By address, how far the running balance falls below zero, where it does."""
    # The least opening that keeps every balance at zero or above: a pool that goes below zero would pay out value
    # that no lot stands for.
    running = [0] * (addresses + 1)  # nobody, -1, is the last cell
    lowest: dict[int, int] = {}
    for src, dst, amount in zip(moves.src.tolist(), moves.dst.tolist(), ints(moves.amount), strict=True):
        if src == dst:
            continue
        left = running[src] = running[src] - amount
        if left < 0 and left < lowest.get(src, 0):
            lowest[src] = left
        running[dst] += amount
    lowest.pop(NOBODY, None)
    return {address: -low for address, low in sorted(lowest.items())}


def _elected(rule: Rule, elections: Sequence[Election], moves: int, losses: int) -> dict[int, set[int]]:
    # Neither is ignored in silence: an election that changes nothing, or the rule without one, would print a
    # method that was not applied.
    if bool(elections) != rule.elective:
        raise Error(
            "election-missing" if rule.elective else "election-unused",
            f"The rule {rule.id} {'needs' if rule.elective else 'takes no'} elections.",
            "An election names the debits that a claimant treats as made with the claimant's value (Re Oatway).",
            "Name the elected moves." if rule.elective else "Declare the rule oatway, or drop the elections.",
        )
    chosen: dict[int, set[int]] = {}
    for move, loss in elections:
        if not (0 <= move < moves and 0 <= loss < losses):
            raise Error(
                "election-unknown",
                f"An election names move {move} and loss {loss}.",
                f"There are {moves} moves and {losses} losses.",
                "Name a move and a loss of this trace.",
            )
        chosen.setdefault(move, set()).add(loss)
    return chosen


def run(
    moves: Moves,
    plan: Plan,
    limits: Limits,
    rule: Rule,
    *,
    losses: int,
    flows: bool,
    elected: Mapping[int, Collection[int]] | None = None,
    opened: Mapping[int, int] | None = None,
    until: int | None = None,
) -> Trace:
    """The plain path: exact at any width, one pass over the moves before `until`.

    `opened` gives opening balances a label. A move between two balances without a pool is two additions.
    """
    ledger = _Ledger(moves, plan, limits, rule, losses, flows, elected or {}, opened or {})
    balance, pools, asked = ledger.balance, ledger.pools, ledger.asked
    columns = moves.src[:until].tolist(), moves.dst[:until].tolist(), ints(moves.amount[:until])
    for row, (src, dst, amount) in enumerate(zip(*columns, strict=True)):
        if src == dst != NOBODY:
            continue
        # Most moves carry nothing and meet no claim: they stay two additions, whatever the rule.
        if src in pools or dst in pools or row == asked[-1]:
            ledger.step(row, src, dst, amount)
        else:
            balance[src] -= amount
            balance[dst] += amount
    return ledger.close()


class _Ledger:
    """The pools while a run lasts."""

    def __init__(
        self,
        moves: Moves,
        plan: Plan,
        limits: Limits,
        rule: Rule,
        losses: int,
        flows: bool,
        elected: Mapping[int, Collection[int]],
        opened: Mapping[int, int],
    ) -> None:
        self.plan, self.rule, self.elected = plan, rule, elected
        self.kind, self.stop, self.followed = moves.kind, limits.stop, plan.followed
        self.wide = isinstance(moves.amount, list)
        self.tally = Tally(losses, flows)
        self.balance = [0] * (len(limits) + 1)  # of addresses without a pool; nobody, -1, is the last cell
        self.pools: dict[int, Pool] = {}
        for address, amount in plan.openings.items():
            label = opened.get(address, CLEAN)
            if label == CLEAN:
                self.balance[address] = amount
            else:
                self.pools[address] = rule.fresh()
                self.pools[address].put([(label, amount)], amount)
                self.tally.starts[label] += amount
        # Reversed, to be taken from the end. NOBODY below the last is no row, so that an empty list needs no test.
        self.asked = [NOBODY, *plan.wants.move.tolist()[::-1]]  # the last is the next
        wants = plan.wants
        self.wanted = [*zip(wants.loss.tolist(), ints(wants.amount), wants.came.tolist(), strict=True)][::-1]

    def step(self, row: int, src: int, dst: int, amount: int) -> None:
        """One move: debit, then what begins here, then credit."""
        # The debit first: a claim turns what arrives, so that value which already carries a lot keeps it.
        lots = self._debit(row, src, amount)
        moved = carried = totals(lots)
        if self.asked[-1] == row:
            lots = self._begin(row, lots, amount, moved)
            carried = totals(lots)
        if moved:
            self.tally.flow(row, Event.MOVE, moved)
        if dst != NOBODY and self.followed[dst]:
            self._credit(dst, row, lots, amount, carried)
        elif carried:
            self.tally.flow(row, Event.END, carried)
            if dst == NOBODY and self.kind is not None and self.kind[row] in _GIVES:
                self.tally.given[row] = lots
            self.tally.end(dst if dst != NOBODY else src, self._reason(row, dst), row, carried)

    def _debit(self, row: int, src: int, amount: int) -> list[Lot]:
        pool = self.pools.get(src)
        if pool is None:
            self.balance[src] -= amount
            return clean(amount)
        chosen = self.elected.get(row)
        lots = cast(_Elective, pool).elect(amount, chosen) if chosen else pool.take(amount)
        # Without a loss in it the order of lots means nothing, and the pool is a number again.
        if not pool.traced:
            self.balance[src] = pool.balance
            del self.pools[src]
        return lots

    def _credit(self, dst: int, row: int, lots: list[Lot], amount: int, carried: dict[int, int]) -> None:
        pool = self.pools.get(dst)
        if pool is None and not carried:
            self.balance[dst] += amount
            return
        if pool is None:
            pool = self.pools[dst] = self.rule.fresh()
            # What was here before is older than what comes now: it goes in first, as one clean lot.
            pool.put(clean(self.balance[dst]), self.balance[dst])
        pool.put(lots, amount)
        if carried:
            self.tally.hold(dst, row, carried)

    def _begin(self, row: int, lots: list[Lot], amount: int, moved: dict[int, int]) -> list[Lot]:
        wanted: list[Wanted] = []
        while self.asked[-1] == row:
            self.asked.pop()
            loss, asked, came = self.wanted.pop()
            # Kept in the order declared: on one move the earlier loss takes first.
            wanted.append((loss, amount if asked == WHOLE else asked, came))
        lots, started, overlaps = begin(lots, row, wanted, self.rule.conserves, self.plan.turns)
        self.tally.overlaps += overlaps
        if started:
            self.tally.begin(row, started, moved)
        return lots

    def _reason(self, row: int, dst: int) -> int:
        if dst == NOBODY:
            return _ENDS[Kind(self.kind[row])] if self.kind is not None else Reason.BURN
        # Not followed and yet no stop: the history of this address is not here.
        return int(self.stop[dst]) or Reason.UNCOLLECTED

    def close(self) -> Trace:
        for address, pool in self.pools.items():
            self.tally.rest(address, totals(pool.lots()))
        # Only openings that traced value met can matter to a figure; the others say nothing.
        reached = {address for _, address, reason in self.tally.ends if reason == Reason.REST}
        openings = {address: amount for address, amount in self.plan.openings.items() if address in reached}
        return self.tally.trace(self.rule.id, openings, self.rule.conserves, self.wide)
