"""Sharing a pool: to the unit, and whatever the order in which claims come, are merged or are split."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.test_tracing import laws

from recover.allocation.levels import Part, share
from recover.allocation.modes import MODES, Stake, allocate
from recover.sdk import Error

Paid = dict[str, int]


def gives(mode: str, pool: int, stakes: list[Stake], before: Paid | None = None) -> Paid:
    return {one.claimant: one.share for one in allocate(mode, pool, stakes, before)}


@pytest.mark.parametrize("mode", MODES)
def test_the_published_vector(mode: str) -> None:
    """105,000,000 over claims of 100, 50 and 30 million; without anything else to tell them apart, by every
    mode."""
    stakes = [Stake(claimant=name, amount=n * 10**6) for name, n in (("a", 100), ("b", 50), ("c", 30))]
    assert gives(mode, 105_000_000, stakes) == {"a": 58_333_333, "b": 29_166_667, "c": 17_500_000}


THREE = [
    Stake(claimant="a", amount=100, received=40, traced=0, rank=2),
    Stake(claimant="b", amount=100, received=0, traced=50, rank=1),
    Stake(claimant="c", amount=100, received=0, traced=10, rank=2),
]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("prorata_loss", {"a": 40, "b": 40, "c": 40}),  # what came back does not lower a share
        ("prorata_net", {"a": 28, "b": 46, "c": 46}),  # 60 : 100 : 100 of 120 is 27.69, 46.15, 46.15
        ("rising_tide", {"a": 13, "b": 53, "c": 54}),  # all rise to 53 1/3: 13 1/3, 53 1/3, 53 1/3
        ("traced_first", {"a": 18, "b": 65, "c": 37}),  # 50 and 10, then 60 over 60 : 50 : 90
        ("statutory_priority", {"a": 7, "b": 100, "c": 13}),  # b whole, then 20 over 60 : 100
    ],
)
def test_each_mode_worked_by_hand(mode: str, expected: Paid) -> None:
    found = gives(mode, 120, THREE)
    assert sum(found.values()) == 120
    if mode == "rising_tide":  # three equal remainders, one unit left: to the larger claim, then by name, so to a
        expected = {"a": 14, "b": 53, "c": 53}
    assert found == expected


claims = st.lists(
    st.builds(
        Stake,
        claimant=st.sampled_from("abcdefg"),
        amount=st.integers(0, 10**6),
        received=st.integers(0, 10**5),
        traced=st.integers(0, 10**6),
        rank=st.integers(1, 3),
    ),
    min_size=1,
    max_size=12,
)


@laws
@given(st.sampled_from(list(MODES)), st.integers(0, 10**7), claims, st.randoms(use_true_random=False))
def test_neither_order_nor_division_of_claims_matters(
    mode: str, pool: int, stakes: list[Stake], chance: random.Random
) -> None:
    split = []
    for one in stakes:
        cut = chance.randint(0, one.amount), chance.randint(0, one.received), chance.randint(0, one.traced)
        split.append(Stake(claimant=one.claimant, amount=cut[0], received=cut[1], traced=cut[2], rank=one.rank))
        rest = one.amount - cut[0], one.received - cut[1], one.traced - cut[2]
        split.append(Stake(claimant=one.claimant, amount=rest[0], received=rest[1], traced=rest[2], rank=one.rank))
    chance.shuffle(split)
    assert gives(mode, pool, split) == gives(mode, pool, stakes)


@laws
@given(st.sampled_from(list(MODES)), st.integers(0, 10**7), claims)
def test_nothing_is_lost_and_nobody_gets_more_than_was_lost(mode: str, pool: int, stakes: list[Stake]) -> None:
    shares = allocate(mode, pool, stakes)
    open_before = sum(one.open + one.share for one in shares)
    assert sum(one.share for one in shares) == min(pool, open_before)
    for one in shares:
        assert one.share >= 0
        assert one.open >= 0


@laws
@given(st.sampled_from(["prorata_loss", "prorata_net"]), st.integers(0, 10**6), st.integers(0, 10**6), claims)
def test_two_distributions_come_to_one(mode: str, first: int, second: int, stakes: list[Stake]) -> None:
    """An interim and a final distribution give each what one of both would have given, but for a unit each."""
    whole = gives(mode, first + second, stakes)
    paid = gives(mode, first, stakes)
    rest = gives(mode, second, stakes, paid)
    assert all(abs(paid[name] + rest[name] - whole[name]) <= 1 for name in whole)
    assert sum(rest.values()) + sum(paid.values()) == sum(whole.values())


parts = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 60), st.integers(0, 50)), min_size=1, max_size=7
).map(lambda rows: [Part(name=str(n), weight=w, before=b, cap=c) for n, (w, b, c) in enumerate(rows)])


@laws
@given(st.integers(0, 400), parts)
def test_the_level_is_the_one_that_halving_finds(pool: int, given_: list[Part]) -> None:
    """An independent way to the level: halving an interval in exact fractions."""

    def at(level: Fraction) -> list[Fraction]:
        return [
            min(max(level * p.weight - p.before, Fraction(0)), Fraction(p.cap)) if p.weight else Fraction(0)
            for p in given_
        ]

    low, high = Fraction(0), Fraction(200)
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(at(middle)) < pool else (low, middle)
    found, exact = share(pool, given_), at(high)
    assert sum(found) == min(pool, sum(p.cap for p in given_ if p.weight))
    assert all(abs(a - b) < 1 + Fraction(1, 10**9) for a, b in zip(found, exact, strict=True))


def test_ten_thousand_claims_shuffled_merged_and_split() -> None:
    chance = random.Random(20)
    stakes = [
        Stake(
            claimant=f"V-{chance.randrange(8000):05d}",
            amount=chance.randrange(1, 10**12),
            received=chance.randrange(10**10),
            traced=chance.randrange(10**11),
            rank=1 + n % 2,
        )
        for n in range(10_000)
    ]
    shuffled = stakes[:]
    chance.shuffle(shuffled)
    sums: dict[tuple[str, int], Counter[str]] = {}
    for one in stakes:
        line = sums.setdefault((one.claimant, one.rank), Counter())
        line.update(amount=one.amount, received=one.received, traced=one.traced)
    merged = [Stake(claimant=name, rank=rank, **line) for (name, rank), line in sums.items()]
    for mode in MODES:
        whole = gives(mode, 10**15 + 7, stakes)
        assert whole == gives(mode, 10**15 + 7, shuffled) == gives(mode, 10**15 + 7, merged)
        assert sum(whole.values()) == 10**15 + 7


def test_what_cannot_be_shared_is_said() -> None:
    with pytest.raises(Error) as caught:
        allocate("prorata_los", 1, THREE)
    assert caught.value.code == "mode-unknown"
    assert "prorata_loss" in caught.value.what
    with pytest.raises(Error) as caught:
        allocate("rising_tide", 1, [Stake(claimant="a", amount=1, received=-1)])
    assert caught.value.code == "allocation-negative"
