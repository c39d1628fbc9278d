"""The measures behind the cards, against published values."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parents[3] / "benchmarks" / "truths" / "measures.py"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"THE MEASURES ARE NOT TESTED: no {FILE.name} here")


@pytest.fixture(scope="module")
def measures() -> ModuleType:
    spec = spec_from_file_location("measures_of_benchmarks", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [
        (0, 50, 0, 0.07135),
        (0, 3000, 0, 0.00128),
        (1, 1000, 0.000177, 0.005643),
        (3, 3000, 0.00034, 0.00294),
        (5, 100, 0.0215, 0.1118),
        (8, 11, 0.43435, 0.90254),
        (10, 10, 0.7225, 1),
        (19, 20, 0.7639, 0.9911),
        (97, 100, 0.9155, 0.9897),
        (970, 1000, 0.9575, 0.9789),
        (28501, 28890, 0.98514, 0.98780),
        (1201, 33881, 0.03353, 0.03747),
    ],
)
def test_wilson_intervals(measures: ModuleType, found: int, of: int, low: float, high: float) -> None:
    assert measures.wilson(found, of) == pytest.approx((low, high), abs=6e-5)


def test_nothing_counted_is_not_measured(measures: ModuleType) -> None:
    assert measures.wilson(0, 0) == (0.0, 1.0)
    assert measures.rate(0, 0) == "not measured"


@pytest.mark.parametrize(("size", "limit"), [(381, 0.01), (3838, 0.001), (38411, 0.0001)])
def test_how_many_cases_without_an_error_show_a_limit(measures: ModuleType, size: int, limit: float) -> None:
    assert measures.wilson(0, size)[1] <= limit < measures.wilson(0, size - 1)[1]


def test_a_small_partition(measures: ModuleType) -> None:
    truth = {"1": "A", "2": "A", "3": "A", "4": "A", "5": "B", "6": "B", "7": "C"}
    predicted = {"1": "x", "2": "x", "3": "y", "4": "y", "5": "y", "6": "z", "7": "w"}
    found = measures.fit(truth, predicted)
    assert (found.pairs_right, found.pairs_said, found.pairs_true) == (2, 4, 7)
    assert found.b3_precision == pytest.approx(17 / 21)
    assert found.b3_recall == pytest.approx(4 / 7)
    assert found.coverage == {"A": 0.5, "B": 0.5, "C": 1.0}


def test_one_wrong_merge_halves_the_precision_of_pairs(measures: ModuleType) -> None:
    truth = {f"{who}{n}": who for who in "ab" for n in range(1000)}
    found = measures.fit(truth, dict.fromkeys(truth, "all"))
    assert found.pairs_right / found.pairs_said == pytest.approx(0.49975, abs=1e-5)


def test_an_item_without_a_cluster_is_alone(measures: ModuleType) -> None:
    found = measures.fit({"1": "A", "2": "A"}, {})
    assert (found.pairs_said, found.b3_precision, found.b3_recall) == (0, 1.0, 0.5)
