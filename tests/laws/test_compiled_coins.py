"""Coins: the compiled path gives what the plain path gives, row for row, however small its buffers begin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.simulator import Chain
from tests.laws.test_tracing import chains, coin_engine, laws

from recover.tracing import ByMove, Claims, Limits, Reason, Trace, coins, compiled
from recover.tracing.moves import ints
from recover.tracing.rules import RULES, rule
from recover.tracing.transactions import OUTSIDE, Coins

pytestmark = pytest.mark.slow

pytest.importorskip("numba", reason="numba is not installed: the compiled path is not tested")

IDS = [id for id in compiled.RULES if RULES[id].conserves]


def same(held: Coins, claims: Claims, limits: Limits, id: str) -> Trace:
    """Both paths, with flows and without; the plain result."""
    assert compiled.fits_coins(held, claims, rule(id))
    wants = claims.wants(coins.without_change(held), len(limits))
    plain = coins.plain(held, claims, limits, rule(id), flows=True, follow="stop")
    for flows in (True, False):
        fast = compiled.run_coins(held, claims, wants, limits, rule(id), flows=flows)
        assert (fast.rule, fast.starts) == (plain.rule, plain.starts)
        assert list(fast.ends) == list(plain.ends)
        assert fast.overlaps == plain.overlaps
        assert list(fast.openings) == []
        assert (fast.flows is None) != flows
        if fast.flows is not None:
            assert list(fast.flows) == list(plain.flows or ())
    return plain


def times(held: Coins, claims: Claims, factor: int, wide: bool) -> tuple[Coins, Claims]:
    """The same with every amount so many times as large."""
    paid, amount = ([value * factor for value in ints(column)] for column in (held.paid, held.amount))
    columns: Any = (paid, amount) if wide else (np.array(paid, np.int64), np.array(amount, np.int64))
    begins = [ByMove(c.move, c.loss, c.amount * factor) for c in claims.by_move]
    return replace(held, paid=columns[0], amount=columns[1]), replace(claims, by_move=begins)


@pytest.mark.parametrize("id", IDS)
@laws
@given(chains(), st.sampled_from([1, 10**6 + 3, 2**45 - 1]))
def test_compiled_is_plain(id: str, chain: Chain, factor: int) -> None:
    held, claims, limits = coin_engine(chain)
    same(*times(held, claims, factor, wide=False), limits, id)


@pytest.mark.parametrize("id", IDS)
@laws
@given(chains(), st.sampled_from([1, 2**61 - 1, 2**64 + 13, 2**96 - 17]))
def test_compiled_is_plain_on_wide_amounts(id: str, chain: Chain, factor: int) -> None:
    held, claims, limits = coin_engine(chain)
    same(*times(held, claims, factor, wide=True), limits, id)


def crowd(losses: int, steps: int, seed: int) -> tuple[Coins, Claims, Limits]:
    """Transactions of up to 40 inputs and outputs over few addresses; one in nine mixes, one address stops."""
    rng = np.random.default_rng(seed)
    unspent: list[tuple[int, int]] = []
    spends: list[int] = []
    paid: list[int] = []
    address: list[int] = []
    amount: list[int] = []
    used, made, mix = [0], [0], []
    for step in range(steps):
        taken = [unspent.pop(int(rng.integers(0, len(unspent)))) for _ in range(min(len(unspent), 1 + step % 40))]
        taken += [(OUTSIDE, int(rng.integers(10, 10**12)))]
        spends += [coin for coin, _ in taken]
        paid += [value for _, value in taken]
        whole = sum(value for _, value in taken)
        cuts = np.sort(rng.integers(0, whole, 1 + int(rng.integers(1, 40))))
        for value in np.diff(cuts, prepend=0).tolist():
            unspent.append((len(amount), value))
            address.append(int(rng.integers(-1, 6)))
            amount.append(value)
        used.append(len(spends))
        made.append(len(amount))
        mix.append(int(Reason.MIXER) if step % 9 == 8 else 0)
    held = Coins(
        input_start=np.array(used, np.int64),
        spends=np.array(spends, np.int64),
        paid=np.array(paid, np.int64),
        output_start=np.array(made, np.int64),
        address=np.array(address, np.int32),
        amount=np.array(amount, np.int64),
        mix=np.array(mix, np.uint8),
    )
    chosen = rng.integers(0, len(amount) // 2, losses).tolist()
    begins = [ByMove(coin, loss, amount[coin] - loss % 2) for loss, coin in enumerate(chosen) if amount[coin] > 1]
    limits = Limits(stop=np.array([0, 0, 0, 0, 0, 1], np.uint8), known=np.array([1, 1, 0, 1, 1, 1], np.bool_))
    return held, Claims(losses=losses, by_move=begins), limits


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("small", [1, 4096])
def test_buffers_grow(id: str, small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from recover.tracing.compiled import buffers, purse

    monkeypatch.setattr(buffers, "SMALL", small)
    monkeypatch.setattr(purse, "SMALL", small)
    for losses, steps in ((1, 30), (60, 120)):
        held, claims, limits = crowd(losses, steps, losses)
        found = same(held, claims, limits, id)
        if losses > 1:
            assert {end.reason for end in found.ends} >= {Reason.MIXER, Reason.SERVICE}
        same(*times(held, claims, 10**18, wide=True), limits, id)


def test_what_does_not_fit_takes_the_plain_path() -> None:
    held, claims, _ = crowd(3, 10, 3)
    assert compiled.fits_coins(held, claims, rule("fifo"))
    assert not compiled.fits_coins(*times(held, claims, 2**100, wide=True), rule("fifo"))
    assert not compiled.fits_coins(held, claims, rule("poison"))
    assert not compiled.fits_coins(held, claims, rule("highest_out"))


def test_many_outputs_take_the_compiled_path(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    real: Any = compiled.run_coins

    def watched(*given: Any, **options: Any) -> Trace:
        taken.append("compiled")
        return real(*given, **options)  # type: ignore[no-any-return]

    monkeypatch.setattr(compiled, "run_coins", watched)
    held, claims, limits = crowd(5, 40, 5)
    few = coins.trace(held, claims, limits, rule("prorata"))
    assert not taken
    monkeypatch.setattr(compiled, "MOVES", 200)
    assert list(coins.trace(held, claims, limits, rule("prorata")).ends) == list(few.ends)
    assert taken == ["compiled"]
    coins.trace(held, claims, limits, rule("highest_out"), exposure=True)
    assert taken == ["compiled"]
