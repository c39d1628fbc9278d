"""What a card prints: all four counts with bounds, and nothing of too few trials."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from recover.findings import cards
from recover.plugins import registry
from recover.sdk import Card
from recover_heuristics_account.deposits import DepositAddress
from recover_heuristics_account.hubs import Hub


def card(n: int | None, **counts: Any) -> Card:
    return Card(population="p", truth="t", n=n, **counts)


@pytest.mark.parametrize(
    ("right", "trials", "low", "high"),
    [
        (0, 10, "0.000", "0.278"),  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (1, 29, "0.006", "0.172"),
        (15, 148, "0.062", "0.160"),
        (81, 263, "0.255", "0.366"),
    ],
)
def test_bounds_are_those_of_the_literature(right: int, trials: int, low: str, high: str) -> None:
    assert cards.wilson(right, trials) == (low, high)


@pytest.mark.parametrize("n", [None, 0, 20, 49])
def test_too_few_trials_say_nothing(n: int | None) -> None:
    assert (cards.counts(card(n, tp=17)), cards.bounds(card(n, tp=17, fp=0, fn=0))) == ("", "")


def test_four_counts_stand_and_what_was_not_measured_is_said() -> None:
    said = cards.counts(card(50, tp=40, fp=1, fn=9))
    assert said == "n 50, true positive 40, false positive 1, true negative not measured, false negative 9"
    assert cards.bounds(card(60, tp=50, fp=1, fn=9)).startswith(
        "right where it speaks: 50 of 51, 0.980, from 0.897 to 0.997"
    )


def test_a_rate_of_too_few_trials_is_none_though_the_whole_has_enough() -> None:
    assert cards.bounds(card(60, tp=30, fp=17, fn=30)) == (
        "right where it speaks: not measured, of 47 trials; "
        "found of what there is: 30 of 60, 0.500, from 0.377 to 0.623"
    )


def test_a_truth_that_may_hold_addresses_of_the_case_says_nothing() -> None:
    real, made_up = card(438, tp=400, fp=3, chain="coin:1"), card(438, tp=400, fp=3)
    assert cards.fit(real, {"coin:1"}) is None
    assert cards.fit(real, {"coin:2"}) is real
    assert cards.fit(made_up, {"coin:1"}) is made_up


def test_the_card_of_deposit_addresses_is_what_the_script_measures() -> None:
    """With true negatives; a wallet that only ever pays one exchange is called wrongly, and counted so."""
    here = Path(__file__).parents[2] / "benchmarks"
    found = runpy.run_path(str(here / "accuracy_account.py"))["measure"]()
    counted, kinds = found
    made = DepositAddress.info.card
    assert made is not None
    assert {name: getattr(made, name) for name in counted} == counted
    assert min(counted.values()) > 0
    assert counted["n"] >= cards.LEAST
    assert kinds["faithful"]["fp"]
    assert not made.chain


def test_the_card_of_hubs_is_what_the_script_measures() -> None:
    """A loyal merchant and a person who gathers look like a service, and are counted as called wrongly."""
    here = Path(__file__).parents[2] / "benchmarks"
    counted, kinds = runpy.run_path(str(here / "accuracy_account.py"))["measure_hubs"]()
    made = Hub.info.card
    assert made is not None
    assert {name: getattr(made, name) for name in counted} == counted
    assert counted["n"] >= cards.LEAST
    assert kinds["loyal"]["fp"]
    assert kinds["merchant"]["tn"]


def test_every_heuristic_has_counts_or_says_why_it_has_none() -> None:
    for name, heuristic in registry.load().heuristics.items():
        made = heuristic.info.card
        assert made is not None, name
        assert made.n is not None or made.population.startswith("none"), name
