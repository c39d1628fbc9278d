"""Tracing over balances that live through time: account chains.

Value that arrives at a stop, or at an address whose history is not in the ledger and at which no loss is
declared, ends there: nothing is followed through it. Only addresses that can hold traced value get a pool; all
others pay clean value. A pool holds its owner's clean value in its true order too, the implied opening balance
first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from recover.sdk import Error
from recover.tracing.claims import WHOLE, Claims, Wants, begin
from recover.tracing.limits import Limits, Reason
from recover.tracing.lots import CLEAN, Lot, Pool, clean, totals
from recover.tracing.moves import NOBODY, Kind, Moves
from recover.tracing.result import Event, Opening, Tally, Trace
from recover.tracing.rule import Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Election(NamedTuple):
    """The claimant of `loss` elects that move `move` was made with the claimant's value (rule `oatway`)."""

    move: int
    loss: int


class _Elective(Protocol):
    def elect(self, amount: int, losses: Collection[int]) -> list[Lot]: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What a run needs to know before it starts, whatever the rule.

    `rows` are the moves that touch a pool or a claim. `pools` marks the addresses that get one.
    """

    rows: NDArray[np.int64]
    pools: NDArray[np.bool_]
    wants: Wants
    openings: Mapping[int, int]


def trace(
    moves: Moves,
    claims: Claims,
    limits: Limits,
    rule: Rule,
    *,
    flows: bool = True,
    exposure: bool = False,
    elections: Sequence[Election] = (),
) -> Trace:
    """Follows every loss through the moves under one rule.

    `exposure` allows a rule that cannot back a claim figure. `elections` are for `oatway`, and required by it.
    Raises Error for unusable input (all problems at once), for a rule that may not be used so, and, code
    `conservation`, if the result does not add up. Rules: `recover.tracing.rules`.
    """
    rule.demand("account", exposure)
    check(moves, claims, limits)
    chosen = _elected(rule, elections, len(moves), claims.losses)
    return run(
        moves, prepare(moves, claims, limits), limits, rule, losses=claims.losses, flows=flows, elected=chosen
    )


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
    """Finds which addresses can hold traced value under any rule, and which moves matter to them."""
    import numpy as np

    wants = claims.wants(moves)
    declared = np.zeros(len(limits), np.bool_)
    declared[np.array([place.address for place in claims.by_address], np.int64)] = True
    followed = (limits.stop == Reason.REST) & (limits.known | declared)
    claimed = np.zeros(len(moves), np.bool_)
    claimed[wants.move] = True
    pools = _reach(moves, claimed, followed)
    spare = np.append(pools, False)  # address -1 reads the last cell
    rows = np.flatnonzero(spare[moves.src] | spare[moves.dst] | claimed)
    return Plan(rows=rows, pools=pools, wants=wants, openings=openings(moves, rows, pools))


def _reach(moves: Moves, claimed: NDArray[np.bool_], followed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    import numpy as np

    follow = np.append(followed, False).tolist()
    hot = bytearray(len(followed) + 1)
    for src, dst, start in zip(moves.src.tolist(), moves.dst.tolist(), claimed.tolist(), strict=True):
        if (start or hot[src]) and follow[dst]:
            hot[dst] = 1
    return np.frombuffer(hot, np.bool_)[:-1]


def openings(moves: Moves, rows: NDArray[np.int64], pools: NDArray[np.bool_]) -> dict[int, int]:
    """By address with a pool, how far the running balance falls below zero."""
    running = dict.fromkeys(pools.nonzero()[0].tolist(), 0)
    lowest = dict(running)
    for src, dst, amount in zip(*_columns(moves, rows), strict=True):
        if src == dst:
            continue
        if src in running:
            running[src] -= amount
            lowest[src] = min(lowest[src], running[src])
        if dst in running:
            running[dst] += amount
    return {address: -low for address, low in lowest.items() if low < 0}


def _columns(moves: Moves, rows: NDArray[np.int64]) -> tuple[list[int], list[int], list[int]]:
    amount = moves.amount
    picked = [amount[i] for i in rows.tolist()] if isinstance(amount, list) else amount[rows].tolist()
    return moves.src[rows].tolist(), moves.dst[rows].tolist(), picked


def _elected(rule: Rule, elections: Sequence[Election], moves: int, losses: int) -> dict[int, set[int]]:
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
) -> Trace:
    """The plain path: exact at any width, one pass over the rows of `plan`. `opened` labels opening balances."""
    ledger = _Ledger(moves, plan, limits, rule, losses, flows, elected or {}, opened or {})
    for row, src, dst, amount in zip(plan.rows.tolist(), *_columns(moves, plan.rows), strict=True):
        if src != dst or src == NOBODY:
            ledger.step(row, src, dst, amount)
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
        self.kind, self.stop = moves.kind, limits.stop
        self.wide = isinstance(moves.amount, list)
        self.tally = Tally(losses, flows)
        self.pools: dict[int, Pool] = {a: rule.fresh() for a in plan.pools.nonzero()[0].tolist()}
        for address, amount in plan.openings.items():
            label = opened.get(address, CLEAN)
            self.pools[address].put([(label, amount)], amount)
            if label != CLEAN:
                self.tally.starts[label] += amount
        self.asked = [*plan.wants.move.tolist(), -1]
        self.next = 0

    def step(self, row: int, src: int, dst: int, amount: int) -> None:
        """One move: debit, then what begins here, then credit."""
        lots = self._debit(row, src, amount)
        moved = carried = totals(lots)
        if self.asked[self.next] == row:
            lots = self._begin(row, lots, amount)
            carried = totals(lots)
        if moved:
            self.tally.flow(row, Event.MOVE, moved)
        pool = self.pools.get(dst)
        if pool is not None:
            pool.put(lots, amount)
            if carried:
                self.tally.hold(dst, row, carried)
        elif carried:
            self.tally.flow(row, Event.END, carried)
            self.tally.end(dst if dst != NOBODY else src, self._reason(row, dst), row, carried)

    def _debit(self, row: int, src: int, amount: int) -> list[Lot]:
        pool = self.pools.get(src)
        if pool is None:
            return clean(amount)
        if row in self.elected:
            return cast(_Elective, pool).elect(amount, self.elected[row])
        return pool.take(amount)

    def _begin(self, row: int, lots: list[Lot], amount: int) -> list[Lot]:
        wanted: list[Lot] = []
        while self.asked[self.next] == row:
            asked = self.plan.wants.amount[self.next]
            wanted.append((self.plan.wants.loss[self.next], amount if asked == WHOLE else asked))
            self.next += 1
        lots, started, overlaps = begin(lots, row, wanted, self.rule.conserves)
        self.tally.overlaps += overlaps
        if started:
            self.tally.flow(row, Event.START, started)
        return lots

    def _reason(self, row: int, dst: int) -> int:
        if dst == NOBODY:
            return Reason.FEE if self.kind is not None and self.kind[row] == Kind.FEE else Reason.BURN
        return int(self.stop[dst]) or Reason.UNCOLLECTED

    def close(self) -> Trace:
        for address, pool in self.pools.items():
            self.tally.rest(address, totals(pool.lots()))
        openings = tuple(Opening(address, amount) for address, amount in sorted(self.plan.openings.items()))
        return self.tally.trace(self.rule.id, openings, self.rule.conserves, self.wide)
