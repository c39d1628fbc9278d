"""Source of funds: where the value of one move or output came from.

Traced forward, with every credit under a label of its own, and read from the other end. So it is the exact
transpose of forward, for the rules that do not look at what is traced (`Rule.blind`). For the others there is no
such thing: whose money leaves first depends on whose is claimed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from recover.sdk import Error
from recover.tracing.account import Plan, check, openings, run
from recover.tracing.claims import ByMove, Claims
from recover.tracing.coins import spend
from recover.tracing.limits import Limits, Reason
from recover.tracing.lots import Lot, totals
from recover.tracing.moves import NOBODY, Moves
from recover.tracing.result import Event
from recover.tracing.rule import Model, Rule
from recover.tracing.transactions import OUTSIDE, Coins

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OPENING = -1
"""In place of a move: what the address held before the ledger begins."""


class Source(NamedTuple):
    """`amount` of the value asked about came in by move `move`, at `address`; or was there before (`OPENING`)."""

    move: int
    address: int
    amount: int


class CoinSource(NamedTuple):
    """`amount` of the value asked about came in by input row `input`, from an output outside of the ledger; or,
    where `input` is -1, it appears with output `coin`: out of a coinbase, a mix or an address with a stop."""

    input: int
    coin: int
    amount: int


def sources(moves: Moves, move: int, limits: Limits, rule: Rule) -> list[Source]:
    """Where the value of one move came from, in the order of its sources; they sum to the move's amount.

    Goes back through addresses that are followed and known, to the moves that brought value from anywhere else,
    and to opening balances. Raises Error for a rule that cannot be read backward, and for unusable input.
    """
    _demand(rule, "account")
    check(moves, Claims(losses=0), limits)
    if not 0 <= move < len(moves):
        raise Error("trace-input", f"There is no move {move}.", f"There are {len(moves)}.", "Name one of them.")
    followed = limits.known & (limits.stop == Reason.REST)
    src = int(moves.src[move])
    if src == NOBODY or not followed[src] or src == moves.dst[move]:
        return [Source(move, int(moves.dst[move]), int(moves.amount[move]))]
    through = _ancestors(moves, move, followed)
    return _read(moves, move, through, rule)


def _demand(rule: Rule, model: Model) -> None:
    rule.demand(model, exposure=True)
    if not rule.blind:
        raise Error(
            "rule-forward-only",
            f"The rule {rule.id} cannot be read backward.",
            "Under it, what leaves first depends on which value is claimed, and a source of funds has no claims.",
            "Use fifo, lifo or prorata, or trace the claimed value forward.",
        )


def _ancestors(moves: Moves, move: int, followed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The followed addresses whose value can have been in the move's source by then."""
    import numpy as np

    follow = np.append(followed, False).tolist()
    need = bytearray(len(followed) + 1)
    need[int(moves.src[move])] = 1
    # From the move back to the start: an address matters from when something that matters was paid out of it.
    for src, dst in zip(moves.src[:move][::-1].tolist(), moves.dst[:move][::-1].tolist(), strict=True):
        if need[dst] and follow[src]:
            need[src] = 1
    return np.frombuffer(need, np.bool_)[:-1]


def _read(moves: Moves, move: int, through: NDArray[np.bool_], rule: Rule) -> list[Source]:
    import numpy as np

    spare = np.append(through, False)
    before = openings(moves, len(through))  # over the whole ledger, as forward has it
    held = {address: amount for address, amount in before.items() if through[address]}
    entries = np.flatnonzero(spare[moves.dst[:move]] & ~spare[moves.src[:move]]).tolist()
    opened = {address: len(entries) + k for k, address in enumerate(sorted(held))}
    claims = Claims(
        losses=len(entries) + len(opened),
        by_move=[ByMove(i, label, int(moves.amount[i])) for label, i in enumerate(entries)],
    )
    plan = Plan(wants=claims.wants(moves, len(through)), followed=through, openings=held)
    # What is not needed stops at once: it cannot reach the move, and would only be carried along.
    limits = Limits(stop=np.where(through, Reason.REST, Reason.LIMIT).astype(np.uint8), known=through)
    found = run(moves, plan, limits, rule, losses=claims.losses, flows=True, opened=opened, until=move + 1)
    # The labels that the move carries are its sources, by amount.
    brought = {f.loss: f.amount for f in found.flows or () if f.move == move and f.event is Event.MOVE}
    places = [(i, int(moves.dst[i])) for i in entries] + [(OPENING, address) for address in sorted(held)]
    return [Source(*places[label], amount) for label, amount in sorted(brought.items())]


def coin_sources(coins: Coins, coin: int, limits: Limits, rule: Rule) -> list[CoinSource]:
    """Where the value of one output came from; the sources sum to its amount.

    Goes back to inputs from outside of the ledger, in their order, then to outputs behind which nothing is
    followed. Raises Error for a rule that cannot be read backward, and for unusable input.
    """
    _demand(rule, "utxo")
    problems = limits.problems() or coins.problems(len(limits))
    if problems or not 0 <= coin < len(coins.address):
        raise Error(
            "trace-input",
            "\n".join(problems) or f"There is no output {coin}.",
            "A source of funds is read from whole transactions in order.",
            "Correct the records named.",
        )
    makers = coins.makers()
    if _appears(coins, int(makers[coin])):
        return [CoinSource(OUTSIDE, coin, int(coins.amount[coin]))]
    first = len(coins.spends)  # labels below are input rows, from here on coins
    held: dict[int, list[Lot]] = {}
    for t in _needed(coins, makers, int(makers[coin]), limits):
        rows = range(int(coins.input_start[t]), int(coins.input_start[t + 1]))
        made = range(int(coins.output_start[t]), int(coins.output_start[t + 1]))
        inputs = []
        for i in rows:
            spent = int(coins.spends[i])
            label = i if spent == OUTSIDE else first + spent
            paid = int(coins.paid[i])
            inputs.append(held.pop(spent) if spent in held else [(label, paid)] if paid else [])
        outputs = [int(coins.amount[k]) for k in made]
        lots, _ = spend(inputs, outputs, sum(int(coins.paid[i]) for i in rows) - sum(outputs), rule)
        held |= {k: part for k, part in zip(made, lots, strict=True) if k == coin or not _stops(coins, k, limits)}
    return [
        CoinSource(label, OUTSIDE, amount) if label < first else CoinSource(OUTSIDE, label - first, amount)
        for label, amount in sorted(totals(held[coin]).items())
    ]


def _needed(coins: Coins, makers: NDArray[np.int64], last: int, limits: Limits) -> list[int]:
    """The transactions through which the last one's value can have come, in order."""
    found = {last}
    stack = [last]
    while stack:
        t = stack.pop()
        for coin in coins.spends[coins.input_start[t] : coins.input_start[t + 1]].tolist():
            if coin == OUTSIDE or _stops(coins, coin, limits):
                continue
            maker = int(makers[coin])
            if maker not in found and not _appears(coins, maker):
                found.add(maker)
                stack.append(maker)
    return sorted(found)


def _appears(coins: Coins, t: int) -> bool:
    """Whether nothing is followed through this transaction."""
    mixed = coins.mix is not None and bool(coins.mix[t])
    return mixed or (coins.coinbase is not None and bool(coins.coinbase[t]))


def _stops(coins: Coins, coin: int, limits: Limits) -> bool:
    return coins.address[coin] == NOBODY or bool(limits.stop[coins.address[coin]])
