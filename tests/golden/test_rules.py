"""The worked examples of every tracing rule, as tables: input and expectation on one screen.

Accounts are written as events of one balance: `+60 V` is a credit that carries V (C: clean), `-50 X` a debit to X.
Coins are written as `inputs > outputs`: `C200,T300 C250 > 600 300`, inputs apart by spaces, lots of one by commas.
Fractions are exact: the amounts are multiplied by `scale`, chosen so that every share is a whole unit.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from recover.sdk import Error
from recover.tracing import account, backward, coins
from recover.tracing.claims import ByAddress, ByMove, Claims
from recover.tracing.limits import Limits, Reason
from recover.tracing.lots import CLEAN
from recover.tracing.moves import NOBODY, Kind, Moves
from recover.tracing.result import Event
from recover.tracing.rules import RULES, distribute, rule
from recover.tracing.transactions import OUTSIDE, Coins

T1 = "+100 C  +100 V1  -120 A  +50 C  -60 B"
T2 = "+100 V1  +50 V2  -75 A  +30 V3"
L1 = "+100 C  +60 V  +30 C  -50 X  +40 C  -150 Y  +70 C"
L2 = "+60 V1  +40 V2  -70 X  +50 C  -20 Y"
L3 = "+10 C  +5 V  -3 X  -1/2 gas"
L4 = "+1000 C  +500 V  -1500 P  +800 C  -300 Q"
L5 = "+100 C  +100 V  -120 X  +50 V  -60 Y  +30 C  -90 Z"

# ledger, rule, scale, what each place gets; what is not named got nothing
ACCOUNTS = [
    (T1, "fifo", 1, "A: C 100, V1 20; B: V1 60; left: V1 20, C 50"),
    (T1, "lifo", 1, "A: V1 100, C 20; B: C 60; left: C 70"),
    (T1, "prorata", 13, "A: C 60, V1 60; B: C 540/13, V1 240/13; left: V1 280/13, C 630/13"),
    (T1, "libr", 1, "A: C 100, V1 20; B: C 50, V1 10; left: V1 70"),
    (T1, "libr-fifo", 1, "A: C 100, V1 20; B: C 50, V1 10; left: V1 70"),
    (T1, "tainted_first", 1, "A: V1 100, C 20; B: C 60; left: C 70"),
    (T1, "poison", 1, "A: V1 120; B: V1 60; left: V1 70"),
    (T2, "fifo", 1, "A: V1 75; left: V1 25, V2 50, V3 30"),
    (T2, "lifo", 1, "A: V2 50, V1 25; left: V1 75, V3 30"),
    (T2, "prorata", 1, "A: V1 50, V2 25; left: V1 50, V2 25, V3 30"),
    (L1, "poison", 1, "X: V 50; Y: V 150; left: V 100"),
    (L1, "prorata", 19, "X: C 650/19, V 300/19; Y: C 2150/19, V 700/19; left: C 1760/19, V 140/19"),
    (L1, "fifo", 1, "X: C 50; Y: C 90, V 60; left: C 100"),
    (L1, "lifo", 1, "X: C 30, V 20; Y: C 110, V 40; left: C 100"),
    (L1, "tainted_first", 1, "X: V 50; Y: C 140, V 10; left: C 100"),
    (L1, "libr", 1, "X: C 50; Y: C 120, V 30; left: C 70, V 30"),
    (L1, "libr-fifo", 1, "X: C 50; Y: C 120, V 30; left: C 70, V 30"),
    (L2, "fifo", 1, "X: V1 60, V2 10; Y: V2 20; left: V2 10, C 50"),
    (L2, "lifo", 1, "X: V2 40, V1 30; Y: C 20; left: V1 30, C 30"),
    (L2, "prorata", 2, "X: V1 42, V2 28; Y: V1 9/2, V2 3, C 25/2; left: V1 27/2, V2 9, C 75/2"),
    (L2, "tainted_first", 1, "X: V1 60, V2 10; Y: V2 20; left: V2 10, C 50"),
    (L2, "libr", 1, "X: V1 42, V2 28; Y: C 20; left: V1 18, V2 12, C 30"),
    (L2, "libr-fifo", 1, "X: V1 60, V2 10; Y: C 20; left: V2 30, C 30"),
    (L3, "fifo", 2, "X: C 3; gas: C 1/2; left: C 13/2, V 5"),
    (L3, "lifo", 2, "X: V 3; gas: V 1/2; left: C 10, V 3/2"),
    (L3, "prorata", 6, "X: C 2, V 1; gas: C 1/3, V 1/6; left: C 23/3, V 23/6"),
    (L3, "tainted_first", 2, "X: V 3; gas: V 1/2; left: C 10, V 3/2"),
    (L3, "libr", 2, "X: C 3; gas: C 1/2; left: C 13/2, V 5"),
    *[(L4, id, 1, "P: C 1000, V 500; Q: C 300; left: C 500") for id in ("fifo", "lifo", "prorata", "libr")],
    *[(L4, id, 1, "P: C 1000, V 500; Q: C 300; left: C 500") for id in ("libr-fifo", "tainted_first")],
    (L4, "poison", 1, "P: V 1500; Q: C 300; left: C 500"),
    (L5, "fifo", 1, "X: C 100, V 20; Y: V 60; Z: V 70, C 20; left: C 10"),
    (L5, "lifo", 1, "X: V 100, C 20; Y: V 50, C 10; Z: C 90; left: C 10"),
    (L5, "prorata", 13, "X: C 60, V 60; Y: C 240/13, V 540/13; Z: C 603/13, V 567/13; left: C 67/13, V 63/13"),
    (L5, "tainted_first", 1, "X: V 100, C 20; Y: V 50, C 10; Z: C 90; left: C 10"),
    (L5, "libr", 1, "X: C 100, V 20; Y: V 60; Z: C 30, V 60; left: V 10"),
]

U1 = "T300 C700 > 400 590"
U2 = "C200,T300 C250 U250 > 600 300"
U3_CA = "C400 T600 > 500 495"
U3_AC = "T600 C400 > 500 495"
U4 = "T5002500 C5002500 C5000000 C5000000 C5000000 > 5000000 5000000 5000000 5000000 5000000"
U5 = "T1 C2 > 1 1"

# transaction, rule, scale, traced value in each output and, last, in the fee (T/U where two losses are in it)
COINS = [
    (U1, "poison", 1, "400 590 10"),
    (U1, "prorata", 1, "120 177 3"),
    (U1, "fifo", 1, "300 0 0"),
    (U1, "lifo", 1, "0 290 10"),
    (U1, "highest_out", 1, "0 300 0"),
    (U2, "poison", 1, "600/600 300/300 100/100"),
    (U2, "prorata", 1, "180/150 90/75 30/25"),
    (U2, "fifo", 1, "300/0 0/150 0/100"),
    (U2, "lifo", 1, "100/250 200/0 0/0"),
    (U2, "highest_out", 1, "300/250 0/0 0/0"),
    (U3_CA, "prorata", 1, "300 297 3"),
    (U3_AC, "prorata", 1, "300 297 3"),
    (U3_CA, "fifo", 1, "100 495 5"),
    (U3_AC, "fifo", 1, "500 100 0"),
    (U3_CA, "lifo", 1, "500 100 0"),
    (U3_AC, "lifo", 1, "100 495 5"),
    (U3_CA, "highest_out", 1, "500 100 0"),
    (U3_AC, "highest_out", 1, "500 100 0"),
    (U3_CA, "poison", 1, "500 495 5"),
    (U3_AC, "poison", 1, "500 495 5"),
    (U4, "prorata", 1667, " ".join(["1667500000"] * 5 + ["1667500"])),  # already times 1667
    (U4, "fifo", 1, "5000000 2500 0 0 0 0"),
    (U4, "lifo", 1, "0 0 0 0 4997500 5000"),
    (U4, "highest_out", 1, "5000000 2500 0 0 0 0"),
    (U5, "prorata", 3, "1 1 1"),  # already times 3: a third each
    (U5, "fifo", 1, "1 0 0"),
    (U5, "lifo", 1, "0 0 1"),
    (U5, "highest_out", 1, "1 0 0"),
]

# ledger, rule, scale, debit, its sources in the order of credits
BACKWARD = [
    (L1, "fifo", 1, "Y", [50, 60, 30, 10]),
    (L1, "lifo", 1, "Y", [70, 40, 0, 40]),
    (L1, "prorata", 57, "Y", [Fraction(3500, 57), Fraction(700, 19), Fraction(350, 19), Fraction(100, 3)]),
    (L1, "fifo", 1, "X", [50, 0, 0, 0]),
    (L1, "lifo", 1, "X", [0, 20, 30, 0]),
    (L1, "prorata", 57, "X", [Fraction(500, 19), Fraction(300, 19), Fraction(150, 19), 0]),
]

Places = dict[str, dict[str, Fraction]]


def _losses(ledger: str) -> list[str]:
    return sorted({word for word in ledger.split() if word.startswith("V")})


def _ledger(text: str, scale: int) -> tuple[Moves, Claims, Limits, list[str]]:
    """Address 0 is the account, 1 pays everything in; from 2 on, the places in the order of the text."""
    words = text.split()
    losses = _losses(text)
    places = list(dict.fromkeys(w for amount, w in zip(words[::2], words[1::2], strict=True) if amount[0] == "-"))
    src, dst, amounts, kind, begins = [], [], [], [], []
    for i, (amount, word) in enumerate(zip(words[::2], words[1::2], strict=True)):
        units = abs(Fraction(amount)) * scale
        assert units.denominator == 1
        credit = amount[0] == "+"
        src.append(1 if credit else 0)
        dst.append(0 if credit else NOBODY if word == "gas" else 2 + places.index(word))
        kind.append(Kind.FEE if word == "gas" else Kind.TRANSFER)
        amounts.append(int(units))
        if word in losses:
            begins.append(ByMove(i, losses.index(word), int(units)))
    size = 2 + len(places)
    moves = Moves(
        src=np.array(src, np.int32),
        dst=np.array(dst, np.int32),
        amount=np.array(amounts, np.int64),
        kind=np.array(kind, np.uint8),
    )
    limits = Limits(stop=np.zeros(size, np.uint8), known=np.arange(size) == 0)
    return moves, Claims(losses=len(losses), by_move=begins), limits, places


def _expected(text: str) -> Places:
    return {
        place.strip(): {lot.split()[0]: Fraction(lot.split()[1]) for lot in lots.split(",")}
        for place, lots in (part.split(":") for part in text.split(";"))
    }


def _found(ledger: str, id: str, scale: int) -> Places:
    """What the engine says each place got; clean value is what is left of the moves and the balance."""
    moves, claims, limits, places = _ledger(ledger, scale)
    trace = account.trace(moves, claims, limits, rule(id), exposure=True)
    whole = {place: Fraction(0) for place in [*places, "left"]}
    for src, dst, amount in zip(moves.src, moves.dst, moves.amount, strict=True):
        units = Fraction(int(amount), scale)
        if src == 0:
            whole["gas" if dst == NOBODY else places[dst - 2]] += units
        whole["left"] += units if dst == 0 else -units
    found: Places = {place: {} for place in whole}
    for end in trace.ends:
        place = (
            "left" if end.reason == Reason.REST else "gas" if end.reason == Reason.FEE else places[end.address - 2]
        )
        found[place][_losses(ledger)[end.loss]] = Fraction(end.amount, scale)
    for place, lots in found.items():
        clean = whole[place] - sum(lots.values())
        if clean:
            lots["C"] = clean
    return found


@pytest.mark.parametrize(("ledger", "id", "scale", "expected"), ACCOUNTS)
def test_account(ledger: str, id: str, scale: int, expected: str) -> None:
    assert _found(ledger, id, scale) == _expected(expected)


@pytest.mark.parametrize("ledger", [T1, T2, L1, L2, L5])
def test_prorata_rounds_within_its_stated_bound(ledger: str) -> None:
    """Unscaled, a figure differs from exact fractions by less than the number of debits before it."""
    exact = _found(ledger, "prorata", 19 * 13 * 6 * 2)
    rounded = _found(ledger, "prorata", 1)
    debits = 0
    for place, lots in exact.items():  # in the order of the debits, and what is left at last
        debits += place != "left"
        assert sum(lots.values()) == sum(rounded[place].values())
        for label, amount in lots.items():
            assert abs(rounded[place].get(label, 0) - amount) < debits


def _lots(text: str, scale: int, labels: str) -> list[tuple[int, int]]:
    return [(labels.find(lot[0]), int(lot[1:]) * scale) for lot in text.split(",")]


@pytest.mark.parametrize(("transaction", "id", "scale", "expected"), COINS)
def test_coins(transaction: str, id: str, scale: int, expected: str) -> None:
    left, right = transaction.split(" > ")
    inputs = [_lots(text, scale, "TU") for text in left.split()]
    outputs = [int(text) * scale for text in right.split()]
    fee = sum(size for lots in inputs for _, size in lots) - sum(outputs)
    made, rest = coins.spend(inputs, outputs, fee, rule(id))
    for lots, wanted in zip([*made, rest], expected.split(), strict=True):
        traced = [sum(size for label, size in lots if label == loss) for loss in (0, 1)]
        assert traced[: len(wanted.split("/"))] == [int(part) for part in wanted.split("/")]
        assert id == "poison" or all(size > 0 for _, size in lots)


def test_coins_keep_what_the_published_haircut_loses() -> None:
    """Published floor arithmetic loses the traced unit of U5's kind; largest remainder does not."""
    for traced, clean, outputs in ((1, 2, [1, 1]), (2, 1, [1, 1]), (1000, 2000, [1000, 1000, 999])):
        made, fee = coins.spend([[(0, traced)], [(CLEAN, clean)]], outputs, 1, rule("prorata"))
        assert sum(size for lots in [*made, fee] for label, size in lots if label == 0) == traced


def test_t2_pari_passu_differs_from_rolling() -> None:
    """Left of T2 is 105; in thirds of a half it is 630 units over contributions of 100, 50 and 30."""
    assert distribute(105 * 6, [100 * 6, 50 * 6, 30 * 6]) == [350, 175, 105]  # 175/3, 175/6, 35/2 times 6


def test_t3_distribution_is_exact() -> None:
    shares = distribute(105_000_000, [100_000_000, 50_000_000, 30_000_000])
    assert shares == [58_333_333, 29_166_667, 17_500_000]
    assert sum(shares) == 105_000_000


@pytest.mark.parametrize(("total", "claims"), [(-1, [1]), (1, [-1, 3]), (3, [1, 1])])
def test_distribution_refuses(total: int, claims: list[int]) -> None:
    with pytest.raises(Error) as caught:
        distribute(total, claims)
    assert caught.value.code.startswith("distribution-")


@pytest.mark.parametrize(("ledger", "id", "scale", "debit", "expected"), BACKWARD)
def test_backward(ledger: str, id: str, scale: int, debit: str, expected: list[Fraction]) -> None:
    moves, _, limits, _ = _ledger(ledger, scale)
    words = ledger.split()
    credits = [i for i, amount in enumerate(words[::2]) if amount[0] == "+"]
    found = backward.sources(moves, words[1::2].index(debit), limits, rule(id))
    amounts = {source.move: Fraction(source.amount, scale) for source in found}
    assert [amounts.get(i, 0) for i in credits[: len(expected)]] == expected
    assert sum(amounts.values()) == abs(Fraction(words[::2][words[1::2].index(debit)]))


def _coinbase_block() -> tuple[Coins, Claims, Limits]:
    """A coinbase of 5,150; U2, whose fee of 100 is all of the second loss under FIFO; a clean fee of 50.

    The inputs of U2 are made by three transactions of the block before.
    """
    before = [(500, 500), (250, 250), (250, 250)]
    coin_amounts = [made for _, made in before] + [5000, 150, 600, 300, 950]
    return (
        Coins(
            input_start=np.array([0, 1, 2, 3, 4, 7, 8]),
            spends=np.array([OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE, 0, 1, 2, OUTSIDE]),
            paid=np.array([500, 250, 250, 5000, 500, 250, 250, 1000]),
            output_start=np.array([0, 1, 2, 3, 5, 7, 8]),
            address=np.arange(8, dtype=np.int32),
            amount=np.array(coin_amounts),
            block=np.array([1, 1, 1, 2, 2, 2]),
            coinbase=np.array([False, False, False, True, False, False]),
        ),
        Claims(losses=2, by_move=[ByMove(0, 0, 300), ByMove(2, 1, 250)]),
        Limits(stop=np.zeros(8, np.uint8), known=np.ones(8, np.bool_)),
    )


@pytest.mark.parametrize(("follow", "outputs"), [("taintchain", (100, 0)), ("blocksci", (0, 100))])
def test_coinbase_orders(follow: coins.Follow, outputs: tuple[int, int]) -> None:
    """A claim takes the first clean units of its coin, so here U2's first input is T300, C200; the fee is the
    same."""
    ledger, claims, limits = _coinbase_block()
    trace = coins.trace(ledger, claims, limits, rule("fifo"), follow=follow)
    assert trace.flows is not None
    carried = {(f.move, f.loss): f.amount for f in trace.flows if f.event is Event.MOVE}
    assert (carried.get((3, 1), 0), carried.get((4, 1), 0)) == outputs
    assert carried[5, 0] == 300
    assert carried[6, 1] == 150


def test_coinbase_default_stops_at_the_fee() -> None:
    ledger, claims, limits = _coinbase_block()
    ends = list(coins.trace(ledger, claims, limits, rule("fifo")).ends)
    assert [(e.loss, e.amount) for e in ends if e.reason == Reason.FEE] == [(1, 100)]
    assert {e.reason for e in ends} == {Reason.FEE, Reason.REST}


@pytest.mark.parametrize(("follow", "burned"), [("taintchain", 0), ("blocksci", 100)])
def test_coinbase_unclaimed_tail_burns(follow: coins.Follow, burned: int) -> None:
    """The miner takes 20 of 150 in fees: the tail is clean subsidy (fees first) or the fees (subsidy first)."""
    ledger, claims, limits = _coinbase_block()
    amount = ledger.amount.copy()
    amount[4] = 20
    short = Coins(**{name: getattr(ledger, name) for name in Coins.__slots__} | {"amount": amount})
    ends = list(coins.trace(short, claims, limits, rule("fifo"), follow=follow).ends)
    assert sum(e.amount for e in ends if e.reason == Reason.BURN) == (burned and 80)


def test_oatway_takes_the_elected_debit_and_libr_elsewhere() -> None:
    """Own 100, victim 100; shares bought for 100 (elected), then 100 dissipated."""
    moves, claims, limits, places = _ledger("+100 C  +100 V  -100 shares  -100 gone", 1)
    elected = [account.Election(2, 0)]
    with_election = account.trace(moves, claims, limits, rule("oatway"), elections=elected)
    without = account.trace(moves, claims, limits, rule("libr"))
    assert [(places[e.address - 2], e.amount) for e in with_election.ends] == [("shares", 100)]
    assert [(places[e.address - 2], e.amount) for e in without.ends] == [("gone", 100)]


def test_rules_refuse_what_they_are_not_for() -> None:
    moves, claims, limits, _ = _ledger(L1, 1)
    for id, code in (
        ("poison", "rule-no-claim"),
        ("pari_passu", "rule-distributes"),
        ("highest_out", "rule-model"),
        ("oatway", "election-missing"),
    ):
        with pytest.raises(Error) as caught:
            account.trace(moves, claims, limits, rule(id))
        assert caught.value.code == code
    for id in ("libr", "tainted_first", "poison", "oatway"):
        with pytest.raises(Error, match="cannot be read backward"):
            backward.sources(moves, 3, limits, rule(id))


def test_an_unknown_rule_names_the_nearest() -> None:
    with pytest.raises(Error, match="nearest is tainted_first"):
        rule("tainted-first")
    with pytest.raises(Error, match="no tracing rule 'zzz'"):
        rule("zzz")


def test_every_rule_describes_itself() -> None:
    assert list(RULES) == [r.id for r in RULES.values()]
    for described in RULES.values():
        for text in (
            described.law,
            described.title,
            described.source,
            described.used_when,
            described.refused_when,
        ):
            assert text
        assert described.claim or described.refused_when


def test_by_address_starts_only_what_carries_nothing() -> None:
    """Two wallets are named; the first pays the second: that part keeps its loss, the rest begins there."""
    moves = Moves(  # 2 pays 0, 0 pays 1 together with 2's second payment, 1 pays the exchange 3
        src=np.array([2, 0, 2, 1], np.int32),
        dst=np.array([0, 1, 1, 3], np.int32),
        amount=np.array([70, 50, 30, 80]),
    )
    claims = Claims(losses=2, by_address=[ByAddress(0, 0, 0, 3), ByAddress(1, 1, 0, 3)])
    limits = Limits(stop=np.array([0, 0, 0, 1], np.uint8), known=np.array([True, True, False, False]))
    trace = account.trace(moves, claims, limits, rule("fifo"))
    assert trace.starts == (70, 30)
    assert [tuple(e) for e in trace.ends] == [
        (0, 0, Reason.REST, 20, 1, 0, 0),
        (3, 0, Reason.SERVICE, 50, 1, 3, 3),
        (3, 1, Reason.SERVICE, 30, 1, 3, 3),
    ]
    assert [tuple(o) for o in trace.overlaps] == [(1, 1, 0, 50)]
