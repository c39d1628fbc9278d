"""Laws of tracing, on random ledgers of both kinds, against the one-token-per-unit simulator.

`RECOVER_EXAMPLES=10000 pytest tests/laws` runs so many ledgers for each law; the default keeps a test run short.
"""

from __future__ import annotations

import os
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.laws import simulator
from tests.laws.simulator import Chain, Ledger

from recover.tracing import account, backward, coins
from recover.tracing.claims import ByAddress, ByMove, Claims
from recover.tracing.limits import Limits, Reason
from recover.tracing.moves import Kind, Moves
from recover.tracing.result import Event, Trace
from recover.tracing.rules import RULES, rule
from recover.tracing.transactions import OUTSIDE, Coins

EXAMPLES = int(os.environ.get("RECOVER_EXAMPLES", "60"))
laws = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="RECOVER_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    database=None,
)
CONSERVING = [r.id for r in RULES.values() if r.pool and r.conserves]
ACCOUNT = [id for id in CONSERVING if "account" in RULES[id].models]
UTXO = [id for id in CONSERVING if "utxo" in RULES[id].models]
BLIND = [id for id in CONSERVING if RULES[id].blind]
LOSSES = 3


@st.composite
def ledgers(draw: st.DrawFn, claimed: bool = True) -> Ledger:
    """A few addresses that pay each other small amounts, some with a stop, some unknown, some named in a loss."""
    size = draw(st.integers(2, 5))
    party = st.integers(-1, size - 1)
    moves = draw(st.lists(st.tuples(party, party, st.integers(0, 9), st.booleans()), min_size=1, max_size=14))
    stop = draw(st.lists(st.sampled_from([0, 0, 0, 0, 1, 3]), min_size=size, max_size=size))
    known = draw(st.lists(st.sampled_from([True, True, True, False]), min_size=size, max_size=size))
    ledger = Ledger(moves=moves, stop=stop, known=known)
    if not claimed:
        return ledger
    open_moves = [i for i, (src, dst, *_) in enumerate(moves) if src != dst or src == -1]
    for _ in range(draw(st.integers(0, 3)) if open_moves else 0):
        move = draw(st.sampled_from(open_moves))
        ledger.by_move.append((move, draw(st.integers(0, LOSSES - 1)), draw(st.integers(0, moves[move][2]))))
    for _ in range(draw(st.integers(0, 2))):
        first = draw(st.integers(0, len(moves)))
        place = (
            draw(st.integers(0, size - 1)),
            draw(st.integers(0, LOSSES - 1)),
            first,
            draw(st.integers(first, 14)),
        )
        ledger.by_address.append(place)
    for _ in range(draw(st.integers(0, 2))):
        ledger.elections.append((draw(st.integers(0, len(moves) - 1)), draw(st.integers(0, LOSSES - 1))))
    return ledger


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Transactions that spend earlier outputs or outside ones; some mixes, some coinbases that open a block."""
    size = draw(st.integers(1, 4))
    chain = Chain(
        transactions=[],
        blocks=[],
        stop=draw(st.lists(st.sampled_from([0, 0, 0, 0, 1]), min_size=size, max_size=size)),
        known=draw(st.lists(st.booleans(), min_size=size, max_size=size)),
    )
    unspent: dict[int, int] = {}
    made: list[int] = []
    fees = 0
    block = 0
    for _ in range(draw(st.integers(1, 8))):
        if draw(st.booleans()) and unspent:
            chosen = draw(st.lists(st.sampled_from(sorted(unspent)), min_size=1, max_size=3, unique=True))
        else:
            chosen = []
        inputs: list[int | tuple[str, int]] = list(chosen)
        value = sum(unspent.pop(coin) for coin in chosen)
        for amount in draw(st.lists(st.integers(0, 9), min_size=0 if inputs else 1, max_size=2)):
            inputs.append(("new", amount))
            value += amount
        cuts = sorted(draw(st.lists(st.integers(0, value), min_size=1, max_size=3)))
        outputs = [b - a for a, b in zip([0, *cuts], cuts, strict=False)]
        fees += value - sum(outputs)
        owners = [draw(st.sampled_from([*range(size), *range(size), -1])) for _ in outputs]
        chain.transactions.append(
            (inputs, list(zip(owners, outputs, strict=True)), False, draw(st.sampled_from([0] * 5 + [3])))
        )
        chain.blocks.append(block)
        for amount in outputs:
            unspent[len(made)] = amount
            made.append(amount)
    count = len(made)
    if draw(st.booleans()):
        _close(draw, chain, fees, made)
    for _ in range(draw(st.integers(0, 3))):
        coin = draw(st.integers(0, count - 1))
        chain.by_coin.append((coin, draw(st.integers(0, LOSSES - 1)), draw(st.integers(0, made[coin]))))
    for _ in range(draw(st.integers(0, 1))):
        first = draw(st.integers(0, count))
        chain.by_address.append(
            (
                draw(st.integers(0, size - 1)),
                draw(st.integers(0, LOSSES - 1)),
                first,
                draw(st.integers(first, count)),
            )
        )
    return chain


def _close(draw: st.DrawFn, chain: Chain, fees: int, made: list[int]) -> None:
    """Adds the coinbase of the block at its end: the simulator and the engine sort it by themselves."""
    subsidy = draw(st.integers(0, 9))
    first = draw(st.integers(0, subsidy + fees))
    rest = draw(st.integers(0, subsidy + fees - first))
    outputs = [(0, first), (0, rest)]
    chain.transactions.append(([("new", subsidy)], outputs, True, 0))
    chain.blocks.append(0)
    made += [first, rest]


def engine(ledger: Ledger, wide: bool = False, times: int = 1) -> tuple[Moves, Claims, Limits]:
    """The same ledger as the engine reads it."""
    amounts = [amount * times for _, _, amount, _ in ledger.moves]
    moves = Moves(
        src=np.array([src for src, *_ in ledger.moves], np.int32),
        dst=np.array([dst for _, dst, *_ in ledger.moves], np.int32),
        amount=amounts if wide else np.array(amounts, np.int64),
        kind=np.array([Kind.FEE if fee else Kind.TRANSFER for *_, fee in ledger.moves], np.uint8),
    )
    claims = Claims(
        losses=LOSSES,
        by_move=[ByMove(move, loss, amount * times) for move, loss, amount in ledger.by_move],
        by_address=[ByAddress(*place) for place in ledger.by_address],
    )
    return moves, claims, Limits(stop=np.array(ledger.stop, np.uint8), known=np.array(ledger.known, np.bool_))


def coin_engine(chain: Chain) -> tuple[Coins, Claims, Limits]:
    outputs = [output for t in chain.transactions for output in t[1]]
    inputs = [place for t in chain.transactions for place in t[0]]
    paid = [outputs[place][1] if isinstance(place, int) else place[1] for place in inputs]
    ledger = Coins(
        input_start=np.cumsum([0] + [len(t[0]) for t in chain.transactions]),
        spends=np.array([place if isinstance(place, int) else OUTSIDE for place in inputs], np.int64),
        paid=np.array(paid, np.int64),
        output_start=np.cumsum([0] + [len(t[1]) for t in chain.transactions]),
        address=np.array([address for address, _ in outputs], np.int32),
        amount=np.array([amount for _, amount in outputs], np.int64),
        block=np.array(chain.blocks, np.int64),
        coinbase=np.array([t[2] for t in chain.transactions], np.bool_),
        mix=np.array([t[3] for t in chain.transactions], np.uint8),
    )
    claims = Claims(
        losses=LOSSES,
        by_move=[ByMove(*claim) for claim in chain.by_coin],
        by_address=[ByAddress(*place) for place in chain.by_address],
    )
    return ledger, claims, Limits(stop=np.array(chain.stop, np.uint8), known=np.array(chain.known, np.bool_))


def elections(ledger: Ledger, id: str) -> list[account.Election]:
    return [account.Election(*e) for e in ledger.elections] if RULES[id].elective else []


def follow(ledger: Ledger, id: str, **options: Any) -> Trace:
    """Traces a random ledger; oatway only where something is elected."""
    assume(not RULES[id].elective or ledger.elections)
    return account.trace(*engine(ledger, **options), rule(id), elections=elections(ledger, id), exposure=True)


def carried(trace: Trace) -> Counter[tuple[int, int]]:
    assert trace.flows is not None
    found: Counter[tuple[int, int]] = Counter()
    for flow in trace.flows:
        assert flow.amount > 0
        if flow.event is not Event.END:
            found[flow.move, flow.loss] += flow.amount
    return found


def ended(trace: Trace) -> Counter[tuple[int, int, str]]:
    names = {Reason.REST: "rest", Reason.UNCOLLECTED: "uncollected", Reason.FEE: "fee", Reason.BURN: "burn"}
    return Counter({(e.address, e.loss, names.get(e.reason, str(int(e.reason)))): e.amount for e in trace.ends})


@pytest.mark.parametrize("id", ACCOUNT)
@laws
@given(ledgers())
def test_accounts_agree_with_the_simulator(id: str, ledger: Ledger) -> None:
    trace = follow(ledger, id)
    if not RULES[id].elective:
        ledger.elections.clear()
    found = simulator.simulate(ledger, id)
    assert trace.starts == tuple(found.starts[loss] for loss in range(LOSSES))
    assert carried(trace) == found.carried
    assert ended(trace) == found.ends
    for address, amount in trace.openings:
        assert amount == found.openings[address]


@pytest.mark.parametrize("way", ["stop", "taintchain", "blocksci"])
@pytest.mark.parametrize("id", UTXO)
@laws
@given(chains())
def test_coins_agree_with_the_simulator(id: str, way: coins.Follow, chain: Chain) -> None:
    trace = coins.trace(*coin_engine(chain), rule(id), exposure=True, follow=way)
    found = simulator.spend(chain, id, way)
    assert trace.starts == tuple(found.starts[loss] for loss in range(LOSSES))
    assert carried(trace) == found.carried
    assert ended(trace) == found.ends


@pytest.mark.parametrize("id", ACCOUNT)
@laws
@given(ledgers())
def test_every_loss_is_accounted_for(id: str, ledger: Ledger) -> None:
    """Starts equal ends, by loss; every pool's own account closes; no amount is zero or negative."""
    trace = follow(ledger, id)
    sums: Counter[int] = Counter()
    held: Counter[tuple[int, int]] = Counter()
    for end in trace.ends:
        assert end.amount > 0
        assert end.transfers > 0
        assert end.first <= end.last
        sums[end.loss] += end.amount
        if end.reason == Reason.REST:
            held[end.address, end.loss] += end.amount
    assert trace.starts == tuple(sums[loss] for loss in range(LOSSES))
    assert trace.flows is not None
    balance: Counter[tuple[int, int]] = Counter()
    for flow in trace.flows:
        src, dst = ledger.moves[flow.move][:2]
        if flow.event is Event.MOVE:
            balance[src, flow.loss] -= flow.amount
            assert balance[src, flow.loss] >= 0
        balance[dst, flow.loss] += -flow.amount if flow.event is Event.END else flow.amount
    assert Counter({place: amount for place, amount in balance.items() if amount}) == held


@pytest.mark.parametrize("id", BLIND)
@laws
@given(ledgers(claimed=False), st.data())
def test_forward_is_backward_transposed(id: str, ledger: Ledger, data: st.DataObject) -> None:
    """What source s sends to move m, traced forward alone, is what m has from s, read backward."""
    moves, _, limits = engine(ledger)
    target = data.draw(st.integers(0, len(moves) - 1))
    found = backward.sources(moves, target, limits, rule(id))
    assert sum(source.amount for source in found) == moves.amount[target]
    origins = simulator.simulate(ledger, id).origins.get(target)
    if id != "prorata" and origins is not None:
        named = Counter({("opening", s.address) if s.move < 0 else s.move: s.amount for s in found if s.amount})
        assert named == origins
    for source in found:
        if source.move in (backward.OPENING, target) or not source.amount:
            continue
        claims = Claims(losses=1, by_move=[ByMove(source.move, 0, int(moves.amount[source.move]))])
        forward = carried(account.trace(moves, claims, limits, rule(id)))[target, 0]
        bound = 2 * target if id == "prorata" else 0  # both directions round, at each debit by less than a unit
        assert abs(forward - source.amount) <= bound


@pytest.mark.parametrize("id", BLIND)
@laws
@given(chains(), st.data())
def test_coins_forward_is_backward_transposed(id: str, chain: Chain, data: st.DataObject) -> None:
    ledger, _, limits = coin_engine(chain)
    target = data.draw(st.integers(0, len(ledger.address) - 1))
    found = backward.coin_sources(ledger, target, limits, rule(id))
    assert sum(source.amount for source in found) == ledger.amount[target]
    if id == "prorata":
        return
    chain.by_coin.clear()
    chain.by_address.clear()
    starts = ledger.input_start.tolist()
    spender = [t for t in range(len(ledger)) for _ in range(starts[t], starts[t + 1])]
    named = Counter(
        {
            (spender[s.input], s.input - starts[spender[s.input]]) if s.coin < 0 else ("coin", s.coin): s.amount
            for s in found
        }
    )
    assert named == simulator.spend(chain, id, "stop").origins[target]


@laws
@given(ledgers(claimed=False), st.data())
def test_prorata_stays_within_its_stated_bound(ledger: Ledger, data: st.DataObject) -> None:
    """Against exact fractions: less than one unit for each debit before, that debit included."""
    entries = [i for i, (src, dst, *_) in enumerate(ledger.moves) if src == -1 != dst]
    assume(entries)
    chosen = data.draw(st.lists(st.sampled_from(entries), min_size=1, max_size=3, unique=True))
    ledger.by_move = [(move, loss, ledger.moves[move][2]) for loss, move in enumerate(chosen)]
    found = carried(follow(ledger, "prorata"))
    wanted, debits = simulator.exact(ledger)
    for place in found.keys() | wanted.keys():
        error = abs(found[place] - wanted.get(place, Fraction(0)))
        assert error < debits[place[0]] or error == 0


@pytest.mark.parametrize("id", ACCOUNT)
@laws
@given(ledgers(), st.randoms(use_true_random=False))
def test_numbering_and_order_of_claims_change_nothing(id: str, ledger: Ledger, random: Any) -> None:
    """Addresses are renumbered and claims listed in another order: the figures stay where they were."""
    before = follow(ledger, id)
    new = list(range(len(ledger.stop)))
    random.shuffle(new)
    place = {old: new[old] for old in range(len(new))} | {-1: -1}
    moved = Ledger(
        moves=[(place[src], place[dst], amount, fee) for src, dst, amount, fee in ledger.moves],
        stop=[ledger.stop[new.index(i)] for i in range(len(new))],
        known=[ledger.known[new.index(i)] for i in range(len(new))],
        by_move=random.sample(ledger.by_move, len(ledger.by_move)),
        by_address=[(place[a], *rest) for a, *rest in random.sample(ledger.by_address, len(ledger.by_address))],
        elections=random.sample(ledger.elections, len(ledger.elections)),
    )
    after = follow(moved, id)
    assert before.starts == after.starts
    assert carried(before) == carried(after)
    assert {(place[a], *rest): v for (a, *rest), v in ended(before).items()} == ended(after)


@pytest.mark.parametrize("id", ACCOUNT)
@laws
@given(ledgers())
def test_wide_amounts_give_the_same_figures(id: str, ledger: Ledger) -> None:
    """As exact integers: the same; 2**240 times as large: so many times the figures, where nothing is rounded."""
    plain = follow(ledger, id)
    same = follow(ledger, id, wide=True)
    assert list(plain.flows or ()) == list(same.flows or ())
    assert list(plain.ends) == list(same.ends)
    times = 2**240
    large = follow(ledger, id, wide=True, times=times)
    if id not in ("prorata", "libr", "oatway"):
        assert large.starts == tuple(amount * times for amount in plain.starts)
        assert carried(large) == Counter({place: amount * times for place, amount in carried(plain).items()})


@pytest.mark.parametrize("id", CONSERVING)
@laws
@given(
    st.lists(st.tuples(st.integers(-1, LOSSES - 1), st.integers(1, 2**200), st.integers(0, 2**200)), max_size=12)
)
def test_pools_hold_no_negative_lot(id: str, events: list[tuple[int, int, int]]) -> None:
    """Puts and takes of any size: lots are positive, what is taken is what was asked, and nothing is lost."""
    pool = rule(id).fresh()
    balance: Counter[int] = Counter()
    for label, size, debit in events:
        pool.put([(label, size)], size)
        balance[label] += size
        taken = pool.take(min(debit, pool.balance))
        assert sum(amount for _, amount in taken) == min(debit, sum(balance.values()))
        for label_taken, amount in taken:
            balance[label_taken] -= amount
        assert all(amount > 0 for _, amount in [*taken, *pool.lots()])
        left: Counter[int] = Counter()
        for label_left, amount in pool.lots():
            left[label_left] += amount
        assert left == +balance
        assert pool.balance == sum(balance.values())


@laws
@given(ledgers())
def test_poison_is_never_less_than_any_rule(ledger: Ledger) -> None:
    """Exposure of one loss bounds every rule's figure for it from above."""
    ledger.by_move = [(move, 0, amount) for move, _, amount in ledger.by_move[:1]]
    ledger.by_address = [(address, 0, first, last) for address, _, first, last in ledger.by_address]
    exposure = carried(follow(ledger, "poison"))
    for id in ("fifo", "lifo", "prorata", "libr", "tainted_first"):
        for place, amount in carried(follow(ledger, id)).items():
            assert amount <= exposure[place]
