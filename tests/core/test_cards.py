"""What a card prints: all four counts with bounds, and nothing of too few trials."""

from __future__ import annotations

import runpy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from recover.case.settings import Settings
from recover.findings import cards
from recover.plugins import registry
from recover.sdk import Card, Tally
from recover_heuristics_account.deposits import DepositAddress
from recover_heuristics_account.hubs import Hub

HERE = Path(__file__).parents[2]
SETTINGS = Settings(title="t", examiner="e", agency="a", rule="fifo", opened=datetime(2026, 1, 1, tzinfo=UTC))


def card(*grades: Tally, n: int | None = 500, **counts: Any) -> Card:
    return Card(population="p", truth="t", n=n, grades=grades, **counts)


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


def test_a_rate_is_of_one_grade_and_never_of_all() -> None:
    """A sure grade does not lend its rate to a weak one; over all grades there are counts alone."""
    made = card(Tally(grade="C", right=164, wrong=17), Tally(grade="D", right=40, wrong=12), fn=24)
    assert cards.rate(made, "C") == "right 164 of 181, 0.906, from 0.855 to 0.941, unknown 0"
    assert cards.rate(made, "D") == "right 40 of 52, 0.769, from 0.639 to 0.863, unknown 0"
    assert cards.rate(made, "E") == "not measured, as none of its answers had this grade"
    assert cards.by_grade(made) == tuple(f"grade {grade}: {cards.rate(made, grade)}" for grade in "CD")
    pooled = f"{cards.counts(made)} {cards.found(made)}"
    assert "over all grades" in pooled
    assert "at any grade" in pooled
    assert "0." not in pooled
    assert "204 of 233" not in pooled


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        (Tally(grade="C", right=49, wrong=0), "not measured, right 49, wrong 0, unknown 0"),
        (Tally(grade="C", right=49, wrong=0, unknown=90), "not measured, right 49, wrong 0, unknown 90"),
        (Tally(grade="C", right=900, unknown=7), "not measured, right 900, wrong not measured, unknown 7"),
        (Tally(grade="C", right=50, wrong=0), "right 50 of 50, 1.000, from 0.929 to 1.000, unknown 0"),
    ],
)
def test_a_grade_of_too_few_trials_has_counts_and_no_rate(tally: Tally, told: str) -> None:
    """What is unknown is no trial, and where errors could not be seen there is none."""
    assert cards.rate(card(tally, Tally(grade="B", right=900, wrong=0)), "C") == told


def test_a_grade_given_for_a_reason_that_no_trial_had_has_no_rate() -> None:
    made = card(Tally(grade="D", right=40, wrong=12, met=("Fewer than 2 sweeps.",)))
    said = "9.20% of its outflow went to wallets labelled Crypto.com in 1 transfer."
    for note in (f"{said} Fewer than 2 sweeps.", f"{said} Fewer than 5 sweeps."):
        assert cards.rate(made, "D", note).startswith("right 40 of 52")
    for other in ("Unlabelled hubs take the rest of its outflow.", "901 distinct senders: it may be another's."):
        for note in (f"{said} {other}", f"{said} {other} Fewer than 2 sweeps."):
            told = cards.rate(made, "D", note)
            assert told.startswith("not measured, as it has this grade for a reason that no trial had")
            assert "0." not in told
    assert cards.by_grade(made)[0].endswith(", given there for: Fewer than 2 sweeps.")


def test_a_rate_says_of_which_chain_it_is() -> None:
    made = card(
        Tally(grade="D", right=60, wrong=0, chain="coin:1"),
        Tally(grade="D", right=0, wrong=60, chain="coin:2"),
        chains=("coin:1", "coin:2"),
    )
    assert cards.rate(made, "D") == (
        "right 60 of 60, 1.000, from 0.940 to 1.000, unknown 0 (on coin:1) and "
        "right 0 of 60, 0.000, from 0.000 to 0.060, unknown 0 (on coin:2)"
    )
    assert cards.by_grade(made)[1].startswith("grade D on coin:2: right 0 of 60")


def test_nothing_measured_says_nothing_but_that() -> None:
    for none in (None, card(n=None)):
        assert (cards.counts(none), cards.found(none), cards.by_grade(none)) == ("", "", ())
        assert cards.rate(none, "C") == "not measured"
    assert cards.by_grade(card(fn=5)) == ("no answer at any grade: no rate",)


def test_four_counts_stand_and_what_was_not_measured_is_said() -> None:
    said = cards.counts(card(Tally(grade="C", right=40, wrong=1), n=50, fn=9))
    assert said == (
        "over all grades: n 50, true positive 40, false positive 1, true negative not measured, false negative 9"
    )
    twice = cards.counts(card(Tally(grade="D", right=45, wrong=61), n=438, fn=393, tn=0, abstain=332))
    assert twice.endswith("false negative 393 (61 of them false positives too), abstained 332")


def test_a_truth_that_may_hold_addresses_of_the_case_says_nothing() -> None:
    real, made_up = card(chains=("coin:1", "coin:3")), card()
    for made, chains, told in (
        (real, {"coin:1"}, None),
        (real, {"coin:2", "coin:3"}, None),
        (real, {"coin:2"}, real),
        (made_up, {"coin:1"}, made_up),
    ):
        assert cards.fit(replace(DepositAddress.info, card=made), chains, SETTINGS) is told


def test_a_rule_that_is_asked_otherwise_than_it_was_measured_has_no_card() -> None:
    info = replace(DepositAddress.info, card=card())
    for value, told in ((2, info.card), (1, None)):
        assert cards.fit(info, (), replace(SETTINGS, parameters={info.id: {"sweeps": value}})) is told
    assert cards.fit(info, (), replace(SETTINGS, parameters={"another": {"sweeps": 1}})) is info.card


def test_the_card_of_deposit_addresses_is_what_the_script_measures() -> None:
    """With true negatives; a wallet that only ever pays one exchange is called wrongly, and counted so."""
    counted, kinds = runpy.run_path(str(HERE / "benchmarks/accuracy_account.py"))["measure"]()
    made = DepositAddress.info.card
    assert made is not None
    assert replace(made, measured="", by="") == counted
    assert {one.grade for one in counted.grades} == {"C", "D"}
    assert all(one.right and one.wrong and one.n >= cards.LEAST for one in counted.grades)
    assert kinds["faithful"]["fp"]
    assert not made.chains


def test_the_card_of_hubs_is_what_the_script_measures() -> None:
    """A loyal merchant and a person who gathers look like a service, and are counted as called wrongly."""
    counted, kinds = runpy.run_path(str(HERE / "benchmarks/accuracy_account.py"))["measure_hubs"]()
    made = Hub.info.card
    assert made is not None
    assert replace(made, measured="", by="") == counted
    assert kinds["loyal"]["fp"]
    assert kinds["merchant"]["tn"]


def test_every_heuristic_has_counts_or_says_why_it_has_none() -> None:
    for name, heuristic in registry.load().heuristics.items():
        made = heuristic.info.card
        assert made is not None, name
        assert made.n is not None or made.population.startswith("none"), name


def test_the_document_has_every_card_by_grade() -> None:
    """The tables in the document are the cards' own; whoever measures again copies what the scripts print."""
    document = (HERE / "docs/design/accuracy.md").read_text("utf-8")
    known = {name: one.info.card for name, one in registry.load().heuristics.items()}
    measured = {name: one for name, one in known.items() if one is not None and one.n is not None}
    table = runpy.run_path(str(HERE / "benchmarks/truths/cards.py"))["table"]
    due = [line for line in table(measured).splitlines() if line.startswith("| `")]
    assert len(due) >= len(measured)
    assert sorted(line for line in document.splitlines() if line.startswith("| `")) == sorted(due)


def test_a_measurement_counts_each_grade_by_itself() -> None:
    tallies = runpy.run_path(str(HERE / "benchmarks/truths/cards.py"))["tallies"]
    said = [("C", True), ("D", False), ("C", None), ("D", False), ("C", True)]
    assert tallies(said) == (
        Tally(grade="C", right=2, wrong=0, unknown=1),
        Tally(grade="D", right=0, wrong=2, unknown=0),
    )
    assert [one.n for one in tallies(said, chain="coin:1", judged=False)] == [None, None]
