"""Largest remainder: whole units, nothing lost, nobody a unit away from the exact share."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.laws.test_tracing import laws

from recover.tracing.lots import apportion


@laws
@given(st.lists(st.integers(0, 2**256), min_size=1, max_size=8), st.integers(0, 2**256))
def test_apportion_is_exact(weights: list[int], amount: int) -> None:
    """Parts sum to the amount, each is less than a unit from its quota, and a larger weight never gets less."""
    assume(sum(weights))
    parts = apportion(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
    ranked = sorted(zip(weights, parts, strict=True))
    assert all(a[1] <= b[1] or a[0] == b[0] for a, b in pairwise(ranked))
