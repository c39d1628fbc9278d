"""Routes on small random ledgers, against a plain queue of pieces that keep every movement they went through."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from recover.tracing import ByMove, Claims, Event, Kind, Limits, rules
from recover.tracing.account import prepare, run
from recover.tracing.coins import plain
from recover.tracing.moves import Moves
from recover.tracing.result import Trace
from recover.tracing.transactions import OUTSIDE, Coins
from recover.trails import routes
from recover.trails.routes import Asked, Origins

Piece = tuple[int | None, tuple[int, ...], int]
"""The loss, every movement gone through since it began, and how much."""

ADDRESSES, STOP, MOVES = 6, 5, 40


def asked(amounts: list[int]) -> list[int]:
    found: list[int] = []
    for row, amount in enumerate(amounts):
        found.append(Asked(amount))
        cast(Asked, found[-1]).row = row
    return found


def ledger(seed: int) -> tuple[list[tuple[int, int, int]], list[ByMove]]:
    """Payments between five wallets and a service, and some of them whole or in part of two losses."""
    dice = random.Random(seed)
    moves = []
    for _ in range(MOVES):
        src, dst = dice.sample(range(ADDRESSES), 2)
        moves.append((src, dst, dice.randint(0, 20)))
    claims = [
        ByMove(row, dice.randrange(2), dice.randint(0, moves[row][2])) for row in sorted(dice.sample(range(20), 4))
    ]
    return moves, [claim for claim in claims if claim.amount]


def engine(moves: list[tuple[int, int, int]], claims: list[ByMove], rule_id: str) -> tuple[Origins, Trace]:
    rule = rules.rule(rule_id)
    origins = Origins(rule.fresh, lambda move: None, np.array([move[1] for move in moves], np.int32))
    columns = Moves(
        src=np.array([m[0] for m in moves], np.int32),
        dst=np.array([m[1] for m in moves], np.int32),
        amount=asked([m[2] for m in moves]),
        kind=np.full(len(moves), Kind.TRANSFER, np.uint8),
    )
    stop = np.zeros(ADDRESSES, np.uint8)
    stop[STOP] = 1
    limits = Limits(stop=stop, known=np.ones(ADDRESSES, np.bool_))
    plan = prepare(columns, Claims(losses=2, by_move=claims), limits)
    return origins, run(columns, plan, limits, replace(rule, pool=origins.pool), losses=2, flows=True)


def cut(held: list[Piece], amount: int, last: bool) -> list[Piece]:
    """Takes from the front, or from the back."""
    taken: list[Piece] = []
    while amount:
        loss, way, size = held.pop(-1 if last else 0)
        part = min(size, amount)
        if size > part:
            held.insert(len(held) if last else 0, (loss, way, size - part))
        taken.append((loss, way, part))
        amount -= part
    return taken


def begun(pieces: list[Piece], loss: int, amount: int) -> list[Piece]:
    made: list[Piece] = []
    for who, way, size in pieces:
        part = min(size, amount) if who is None else 0
        amount -= part
        made += [(loss, (), part)] * bool(part) + [(who, way, size - part)] * (size > part)
    return made


def replayed(
    moves: list[tuple[int, int, int]], claims: list[ByMove], last: bool = False
) -> dict[int, dict[tuple[int, tuple[int, ...]], int]]:
    """By movement: what of each loss it carried, by all the movements until then, itself included."""
    least: dict[int, int] = defaultdict(int)
    running: dict[int, int] = defaultdict(int)
    for src, dst, amount in moves:
        running[src] -= amount
        least[src] = min(least[src], running[src])
        running[dst] += amount
    held: dict[int, list[Piece]] = {a: [(None, (), -least[a])] if least[a] else [] for a in range(ADDRESSES)}
    found: dict[int, dict[tuple[int, tuple[int, ...]], int]] = {}
    for row, (src, dst, amount) in enumerate(moves):
        pieces = cut(held[src], amount, last)
        for claim in (c for c in claims if c.move == row):
            pieces = begun(pieces, claim.loss, claim.amount)
        on = [(loss, way if loss is None else (*way, row), size) for loss, way, size in pieces]
        sums = found.setdefault(row, {})
        for loss, way, size in on:
            if loss is not None:
                sums[loss, way] = sums.get((loss, way), 0) + size
        # What a service pays on is nobody's here.
        held[dst] += [(None, (), amount)] * bool(amount) if dst == STOP else on
    return found


@pytest.mark.parametrize("rule", ["fifo", "lifo"])
def test_every_way_is_that_of_a_plain_queue(rule: str) -> None:
    longest = 0
    for seed in range(60):
        moves, claims = ledger(seed)
        origins, result = engine(moves, claims, rule)
        truth = replayed(moves, claims, rule == "lifo")
        starts = {(f.move, f.loss): f.amount for f in result.flows or () if f.event is Event.START}
        for row in range(len(moves)):
            for loss in (0, 1):
                sums = origins.ways([row], loss, {row: starts.get((row, loss), 0)})
                told = {(loss, origins.told(way, size).moves): size for way, size in sums.items()}
                assert told == {key: size for key, size in truth[row].items() if key[0] == loss}, (seed, row)
                longest = max([longest, *(len(way) for _, way in told)])
        final = [row for row, move in enumerate(moves) if move[1] == STOP]
        sums = origins.ways(final, 0, {row: starts.get((row, 0), 0) for row in final})
        best = origins.best(sums)
        whole = {way: n for row in final for (loss, way), n in truth[row].items() if loss == 0}
        assert (best is None) is (not whole)
        if best is not None:
            assert len(best[0].moves) == min(map(len, whole))
            assert whole[best[0].moves] == best[0].amount
            assert best[1].amount == max(whole.values()) == whole[best[1].moves]
    assert longest > 4


@pytest.mark.parametrize("rule", ["prorata", "libr", "libr-fifo", "tainted_first"])
def test_under_every_rule_the_ways_sum_to_what_a_movement_carried(rule: str) -> None:
    for seed in range(20):
        moves, claims = ledger(seed)
        origins, result = engine(moves, claims, rule)
        for flow in result.flows or ():
            if flow.event is Event.MOVE:
                assert sum(size for _, size in origins.pieces[flow.move][flow.loss]) == flow.amount
        for row in origins.pieces:
            for way, _size in (piece for pieces in origins.pieces[row].values() for piece in pieces):
                hops = (*origins.told(way, 1).moves, row)
                assert all(a < b and moves[a][1] == moves[b][0] for a, b in itertools.pairwise(hops))


def test_a_wallet_that_was_empty_in_between_joins_nothing() -> None:
    # 50 in and out to another, then 30 in and out to the service: only the 30 came to the service.
    moves = [(0, 1, 50), (1, 2, 50), (0, 1, 30), (1, STOP, 30)]
    for rule in ("fifo", "lifo", "prorata", "libr", "libr-fifo", "tainted_first"):
        origins, _ = engine(moves, [ByMove(0, 0, 50), ByMove(2, 0, 30)], rule)
        best = origins.best(origins.ways([3], 0, {}))
        assert best is not None
        assert [(way.moves, way.amount) for way in best] == [((2, 3), 30)] * 2


def test_too_many_ways_are_never_told_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "PIECES", 3)
    with pytest.raises(routes.TooMany):
        engine(*ledger(1), "prorata")


def test_coins_go_the_way_of_their_outputs() -> None:
    # Two coins of one loss, 4 and 6, in one transaction with outputs of 7 and 3; the 7 goes on to the service.
    coins = Coins(
        input_start=np.array([0, 1, 2, 4, 5]),
        spends=np.array([OUTSIDE, OUTSIDE, 0, 1, 2]),
        paid=np.array([4, 6, 4, 6, 7]),
        output_start=np.array([0, 1, 2, 4, 5]),
        address=np.array([0, 1, 2, 3, STOP], np.int32),
        amount=asked([4, 6, 7, 3, 7]),
    )
    inputs = {0: [OUTSIDE], 1: [OUTSIDE], 2: [0, 1], 3: [0, 1], 4: [2]}
    stop = np.zeros(ADDRESSES, np.uint8)
    stop[STOP] = 1
    rule = rules.rule("fifo")
    origins = Origins(rule.fresh, inputs.__getitem__, coins.address)
    claims = Claims(losses=1, by_move=[ByMove(0, 0, 4), ByMove(1, 0, 6)])
    limits = Limits(stop=stop, known=np.ones(ADDRESSES, np.bool_))
    plain(coins, claims, limits, replace(rule, pool=origins.pool), flows=True, follow="stop")
    told = {w.moves: w.amount for way, n in origins.ways([4], 0, {}).items() for w in [origins.told(way, n)]}
    assert told == {(0, 2, 4): 4, (1, 2, 4): 3}
    assert [(origins.told(way, n).moves, n) for way, n in origins.ways([3], 0, {}).items()] == [((1, 3), 3)]
