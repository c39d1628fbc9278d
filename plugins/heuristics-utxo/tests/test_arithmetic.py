"""Link counts, the conservation bound and segments, against published values and plain loops."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from recover_heuristics_utxo import segments
from recover_heuristics_utxo.boltzmann import MOST, links, perfect
from recover_heuristics_utxo.conservation import bound

PERFECT = [3, 16, 131, 1496, 22482, 426833, 9934563, 277006192, 9085194458]


@pytest.mark.parametrize(("size", "mappings"), list(enumerate(PERFECT, 2)))
def test_equal_inputs_and_outputs_have_the_published_number_of_mappings(size: int, mappings: int) -> None:
    assert perfect(size) == mappings
    counted = links([5] * size, [5] * size)
    assert counted is not None
    assert counted.mappings == mappings
    assert counted.certain == ()


def test_no_coins_have_one_mapping() -> None:
    assert [perfect(0), perfect(1)] == [1, 1]


@pytest.mark.parametrize(
    ("inputs", "outputs", "mappings", "matrix"),
    [
        ((10, 4), (8, 3, 2, 1), 2, ((2, 1, 2, 1), (1, 2, 1, 2))),
        ((5, 5), (3, 2, 3, 2), 5, ((3, 3, 3, 3), (3, 3, 3, 3))),
        ((10, 6), (7, 3, 5, 1), 2, ((2, 2, 1, 1), (1, 1, 2, 2))),
    ],
)
def test_small_transactions(
    inputs: tuple[int, ...], outputs: tuple[int, ...], mappings: int, matrix: tuple[tuple[int, ...], ...]
) -> None:
    found = links(inputs, outputs)
    assert found is not None
    assert (found.mappings, found.matrix) == (mappings, matrix)


def test_the_certain_links_are_those_that_every_mapping_has() -> None:
    found = links((10, 4), (8, 3, 2, 1))
    assert found is not None
    assert found.certain == ((0, 0), (0, 2), (1, 1), (1, 3))


def test_a_fee_widens_the_groups() -> None:
    """Without the fee only the whole fits; with it 10 may pay 9."""
    found = links((10, 4), (9, 4), lost=1)
    assert found is not None
    assert found.mappings == 2
    assert links((10, 4), (9, 4)) is None


def test_a_maker_that_earns_is_a_group_only_where_gains_are_allowed() -> None:
    """A taker pays two makers 1 each and a fee of 1; all take 5,000, and the rest is change."""
    inputs, outputs = (11_500, 7_013, 6_029), (5_000, 5_000, 5_000, 6_497, 2_014, 1_030)
    narrow = links(inputs, outputs, lost=1)
    assert narrow is not None
    assert narrow.mappings == 1
    wide = links(inputs, outputs, lost=3, gained=1)
    assert wide is not None
    assert wide.mappings > 1
    assert not any(j < 3 for _, j in wide.certain)
    assert {(0, 3), (1, 4), (2, 5)} <= set(wide.certain)


def _slow(inputs: tuple[int, ...], outputs: tuple[int, ...], fee: int) -> int:
    """Every pair of partitions, by recursion over single coins."""
    if not inputs:
        return int(not outputs)
    first, rest = inputs[0], range(1, len(inputs))
    found = 0
    for size in range(len(inputs)):
        for more in combinations(rest, size):
            paid = first + sum(inputs[i] for i in more)
            left = tuple(v for i, v in enumerate(inputs) if i and i not in more)
            for count in range(1, len(outputs) + 1):
                for group in combinations(range(len(outputs)), count):
                    if 0 <= paid - sum(outputs[j] for j in group) <= fee:
                        others = tuple(v for j, v in enumerate(outputs) if j not in group)
                        found += _slow(left, others, fee)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_counting_over_values_equals_counting_over_coins(seed: int) -> None:
    draw = np.random.default_rng(seed)
    outputs = tuple(draw.integers(1, 5, 5).tolist())
    cut = int(draw.integers(1, 4))
    fee = int(draw.integers(0, 3))
    inputs = tuple(sum(part) for part in (outputs[:cut], outputs[cut:4], outputs[4:]) if part)
    inputs = (inputs[0] + fee, *inputs[1:])
    found = links(inputs, outputs, lost=fee)
    assert found is not None
    assert found.mappings == _slow(inputs, outputs, fee)


def test_above_the_caps_there_is_no_answer() -> None:
    assert links([5] * (MOST + 1), [5] * (MOST + 1)) is None
    assert links([1], [1] * (MOST + 1)) is None
    assert links(range(100, 112), range(100, 112)) is None


@pytest.mark.parametrize(
    ("others", "equal", "denomination", "forced", "margin"),
    [
        (4_288_844_202, 7, 774_840_978, 2, 360_201_666),
        (2_843_986_847, 1, 5_431_783_009, 1, 2_587_796_162),
        (100, 2, 50, 0, 0),
        (99, 2, 50, 1, 1),
        (0, 3, 50, 3, 50),
    ],
)
def test_what_the_others_could_not_have_funded(
    others: int, equal: int, denomination: int, forced: int, margin: int
) -> None:
    found = bound(others, equal, denomination)
    assert (found.forced, found.margin) == (forced, margin)


def test_a_denomination_is_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        bound(1, 1, 0)


@pytest.mark.parametrize("seed", range(5))
def test_segments_equal_plain_loops(seed: int) -> None:
    draw = np.random.default_rng(seed)
    first = np.append(0, np.cumsum(draw.integers(0, 4, 20))).astype(np.int64)
    values = draw.integers(-1, 5, first[-1]).astype(np.int64)
    parts = [values[a:b].tolist() for a, b in pairwise(first)]
    assert segments.total(first, values).tolist() == [sum(p) for p in parts]
    assert segments.least(first, values, -9).tolist() == [min(p, default=-9) for p in parts]
    assert segments.most(first, values, -9).tolist() == [max(p, default=-9) for p in parts]
    assert segments.heads(first, values, -9).tolist() == [p[0] if p else -9 for p in parts]
    several = [len({v for v in p if v >= 0}) + sum(v < 0 for v in p) for p in parts]
    assert segments.distinct(20, segments.owners(first), values).tolist() == several
