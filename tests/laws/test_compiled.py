"""The compiled path gives what the plain path gives, row for row, however small its buffers begin."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.simulator import Ledger
from tests.laws.test_tracing import LOSSES, engine, laws, ledgers

from recover.tracing import ByMove, Claims, Limits, Moves, Trace, account, compiled
from recover.tracing.rules import RULES, rule

pytestmark = pytest.mark.slow

pytest.importorskip("numba", reason="numba is not installed: the compiled path is not tested")


@pytest.fixture(scope="module", autouse=True)
def _nothing_stale() -> None:
    """numba renews what it keeps by the file of the outer function only: drop what is older than any of ours."""
    folder = Path(compiled.__file__).parent
    newest = max(path.stat().st_mtime for path in folder.glob("*.py"))
    for kept in (folder / "__pycache__").glob("*.nb*"):
        if kept.stat().st_mtime < newest:
            kept.unlink()


def same(moves: Moves, claims: Claims, limits: Limits, id: str) -> Trace:
    """Both paths, with flows and without; the plain result."""
    assert compiled.fits(moves, claims, rule(id))
    plan = account.prepare(moves, claims, limits)
    plain = account.run(moves, plan, limits, rule(id), losses=claims.losses, flows=True)
    for flows in (True, False):
        fast = compiled.run(moves, claims, limits, rule(id), flows=flows)
        assert fast.rule == plain.rule
        assert fast.starts == plain.starts
        assert list(fast.ends) == list(plain.ends)
        assert list(fast.openings) == list(plain.openings)
        assert fast.overlaps == plain.overlaps
        assert (fast.flows is None) != flows
        if fast.flows is not None:
            assert list(fast.flows) == list(plain.flows or ())
    return plain


@pytest.mark.parametrize("id", compiled.RULES)
@laws
@given(ledgers(), st.sampled_from([1, 1, 10**6 + 3, 2**45 - 1, 2**53 - 1]))
def test_compiled_is_plain(id: str, ledger: Ledger, times: int) -> None:
    """Amounts up to 2**57, so that products pass 2**64 and quotients pass what a float holds."""
    same(*engine(ledger, times=times), id)


WIDE = [id for id in compiled.RULES if RULES[id].conserves]
"""The rules whose compiled path takes amounts of more than 64 bits."""


@pytest.mark.parametrize("id", WIDE)
@laws
@given(ledgers(), st.sampled_from([1, 10**12 + 39, 2**61 - 1, 2**64 + 13, 2**96 - 17, 2**106 - 1]))
def test_compiled_is_plain_on_wide_amounts(id: str, ledger: Ledger, times: int) -> None:
    """Amounts up to 2**111 in two limbs: sums that carry, products that pass 2**128, remainders of every size."""
    same(*engine(ledger, wide=True, times=times), id)


@pytest.mark.parametrize("bits", [31, 60, 64, 65, 90, 111])
def test_shares_of_wide_amounts_are_exact(bits: int) -> None:
    """Pools of many odd lots, at widths around those where the division changes its digits."""
    moves, claims, limits = crowd(12, 300, bits)
    rng = random.Random(bits)
    amount = [rng.getrandbits(rng.randint(1, bits)) | 1 for _ in range(len(moves))]
    begins = [ByMove(c.move, c.loss, amount[c.move]) for c in claims.by_move[:12]]
    wide = Moves(src=moves.src, dst=moves.dst, amount=amount)
    for id in ("prorata", "libr"):
        same(wide, Claims(losses=12, by_move=begins), limits, id)


def crowd(losses: int, moves: int, seed: int) -> tuple[Moves, Claims, Limits]:
    """Many losses in few addresses, with amounts of every size, so that pools hold hundreds of lots."""
    rng = np.random.default_rng(seed)
    size = 6
    src = rng.integers(-1, size, moves).astype(np.int32)
    dst = rng.integers(-1, size, moves).astype(np.int32)
    src[:losses], dst[:losses] = -1, rng.integers(0, size - 1, losses)
    amount = np.exp(rng.uniform(0, 34, moves)).astype(np.int64)
    begins = [ByMove(i, int(rng.integers(0, losses)), int(amount[i])) for i in range(losses)]
    begins += [ByMove(i, int(rng.integers(0, losses)), int(amount[i]) // 2) for i in range(0, losses, 3)]
    stop = np.array([0] * (size - 1) + [1], np.uint8)
    return (
        Moves(src=src, dst=dst, amount=amount),
        Claims(losses=losses, by_move=begins),
        Limits(stop=stop, known=np.ones(size, np.bool_)),
    )


@pytest.mark.parametrize("id", compiled.RULES)
@pytest.mark.parametrize("small", [1, 4096])
def test_buffers_grow(id: str, small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begun with room for nothing, and with room for all."""
    from recover.tracing.compiled import buffers

    monkeypatch.setattr(buffers, "SMALL", small)
    for losses, moves in ((1, 50), (63 if id == "poison" else 150, 900)):
        moved, claims, limits = crowd(losses, moves, losses)
        found = same(moved, claims, limits, id)
        assert len(found.ends) > losses // 2
        if id in WIDE:
            large = Moves(src=moved.src, dst=moved.dst, amount=np.asarray(moved.amount).tolist())
            assert list(same(large, claims, limits, id).ends) == list(found.ends)


def test_reading_ahead_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger with more addresses than fit in a cache takes another way through the same moves."""
    from recover.tracing.compiled import kernels

    moves, claims, limits = crowd(20, 900, 5)
    size = kernels.FAR + 1
    wide = Limits(
        stop=np.pad(limits.stop, (0, size - len(limits))), known=np.pad(limits.known, (0, size - len(limits)))
    )
    near, far = (compiled.run(moves, claims, each, rule("fifo"), flows=True) for each in (limits, wide))
    assert list(near.flows or ()) == list(far.flows or ())
    assert list(near.ends) == list(far.ends)


def test_what_does_not_fit_takes_the_plain_path() -> None:
    src, dst = np.array([-1, 0], np.int32), np.array([0, 1], np.int32)
    claims = Claims(losses=1, by_move=[ByMove(0, 0, 1)])
    for amount, fits in (([1, 1], True), ([2**59, 1], True), ([2**60, 2**60], False)):
        moves = Moves(src=src, dst=dst, amount=np.array(amount, np.int64))
        assert compiled.fits(moves, claims, rule("fifo")) is fits
    for large, fits in (([1, 1], True), ([2**116, 2**116 - 1], True), ([2**116, 2**116], False)):
        moves = Moves(src=src, dst=dst, amount=large)
        assert compiled.fits(moves, claims, rule("prorata")) is fits
        assert not compiled.fits(moves, claims, rule("poison"))
    moves = Moves(src=src, dst=dst, amount=np.array([1, 1], np.int64))
    assert [compiled.fits(moves, Claims(losses=n), rule("poison")) for n in (63, 64)] == [True, False]
    assert all(not compiled.fits(moves, claims, RULES[id]) for id in RULES if id not in compiled.RULES)


def test_many_moves_take_the_compiled_path(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    real: Any = compiled.run

    def watched(*given: Any, **options: Any) -> Trace:
        taken.append("compiled")
        return real(*given, **options)  # type: ignore[no-any-return]

    monkeypatch.setattr(compiled, "run", watched)
    ledger = crowd(LOSSES, 200, 3)
    few = account.trace(*ledger, rule("prorata"))
    assert not taken
    monkeypatch.setattr(compiled, "MOVES", 1)  # of those within reach of a loss
    assert list(account.trace(*ledger, rule("prorata")).ends) == list(few.ends)
    assert taken == ["compiled"]
