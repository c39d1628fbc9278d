"""Candidates by amount, rate and time: what fits, in which order, with what was measured of chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from plugins.bridges.tests.common import (
    BASE,
    ETH,
    GIVEN,
    GOT,
    OTHER,
    RELAYER,
    TOKEN,
    A,
    B,
    Records,
    U,
    V,
    came,
    erc20,
    own,
)
from plugins.bridges.tests.made import id, log, pay, who
from plugins.bridges.tests.scenes import a35, f35
from plugins.bridges.tests.test_traps import ask

from recover.sdk import Log
from recover_bridges import across, nearness
from recover_bridges.across import Across
from recover_bridges.nearness import Payment, chance, ranked

NOW = datetime(2026, 1, 1, tzinfo=UTC)
C, D = id("c"), id("d")


def payment(amount: int, after: timedelta) -> Payment:
    return Payment(tx="t", asset="x", amount=amount, time=NOW + after, who="w")


@pytest.mark.parametrize(
    ("amount", "after", "fits"),
    [
        (1_000, timedelta(0), True),
        (990, timedelta(days=10), True),
        (1_000, -timedelta(hours=1), True),
        (989, timedelta(0), False),
        (1_001, timedelta(0), False),
        (1_000, timedelta(days=10, seconds=1), False),
        (1_000, -timedelta(hours=1, seconds=1), False),
    ],
)
def test_what_fits(amount: int, after: timedelta, fits: bool) -> None:
    one = payment(amount, after)
    assert ranked(1_000, NOW, [one]) == ([one] if fits else [])


def test_the_nearest_by_rate_stands_first_then_by_time() -> None:
    late, soon = payment(1_000, timedelta(days=2)), payment(1_000, timedelta(hours=1))
    less = payment(995, timedelta(0))
    assert ranked(1_000, NOW, [less, late, soon]) == [soon, late, less]


def test_chance_is_stated_where_it_was_measured_on_fifty_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "2241 pairs of this bridge whose keys were hidden" in chance("nomad")
    for pairs, said in ((49, "not measured"), (50, "Of 50 pairs")):
        found = {"toy": {"pairs": pairs, "fits": 9, "first": 8, "other": 7}}
        monkeypatch.setattr(nearness, "_measured", lambda found=found: found)
        assert said in chance("toy")
    assert "not measured" in chance("across")


def test_an_open_departure_has_the_payments_that_fit_as_candidates_and_no_more() -> None:
    other: Records = [
        pay(BASE, C, RELAYER, V, erc20(BASE, OTHER), GOT - 1),
        pay(BASE, D, RELAYER, who("9"), erc20(BASE, OTHER), GOT),  # to another
        pay(BASE, id("e"), RELAYER, V, erc20(BASE, who("8")), GOT),  # in another asset than was promised
        pay(BASE, id("f"), RELAYER, V, erc20(BASE, OTHER), GOT // 2),
    ]
    rows = ask(Across(), a35(), [came(BASE)], other)
    assert [(r["to_tx"], r["level"], r["grade"], r["received"]) for r in rows if r["to_tx"]] == [
        (B, "3", "D", str(GOT)),
        (C, "3", "D", str(GOT - 1)),
    ]
    (open_,) = [r for r in rows if not r["to_tx"]]
    assert (open_["level"], open_["transactions"], open_["sent"]) == ("1", [A], str(GIVEN))
    assert rows[-1]["note"].startswith("Candidate 2 of 2 by rate and time. ")
    # What a key joins has no candidates, nor is what another's key joins one.
    assert [r["to_tx"] for r in ask(Across(), a35(), f35(), other)] == [B]
    rows = ask(Across(), a35(), a35(8, tx=C), f35(8, tx=D))
    assert [r["to_tx"] for r in rows if r["transactions"][0] == A] == [""]


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(
    ("more", "back"),
    [
        ({}, True),
        ({"amounts": [GIVEN - 1, 5]}, False),
        ({"refunded": [RELAYER, V]}, False),
        ({"token": OTHER}, False),
        ({"refunded": []}, False),
    ],
)
def test_what_a_bundle_of_refunds_paid_the_depositor_is_a_candidate(
    number: int, more: dict[str, object], back: bool
) -> None:
    """It names no deposit: that it is this one's, after its last moment, a person has to accept."""
    pool = own("across", "pool", ETH)
    said = {"amounts": [GIVEN, 5], "refunded": [U, RELAYER], "token": TOKEN, "chain": 1} | more
    bundle: Records = [
        pay(ETH, C, pool, U, erc20(ETH, TOKEN), GIVEN),
        log(across.BUNDLES[number], ETH, C, pool, 2, **said),
    ]
    rows = ask(Across(), a35(), bundle)
    found = [(r["to_tx"], r["level"], r["refund"], r["other"], r["received"]) for r in rows if r["to_tx"]]
    assert found == ([(C, "3", True, U, str(GIVEN))] if back else [])
    assert not back or "It names no deposit." in rows[-1]["note"]
    assert [r["to_tx"] for r in ask(Across(), a35(), f35(), bundle)] == [B], "what was filled has no candidate"
    foreign = [replace(r, contract=who("d")) if isinstance(r, Log) else r for r in bundle]
    assert [r["to_tx"] for r in ask(Across(), a35(), foreign)] == [""]
    late = [
        replace(r, data=r.data.replace(f"{99:064x}", f"{2**32 - 1:064x}")) if isinstance(r, Log) else r
        for r in a35()
    ]
    assert [r["to_tx"] for r in ask(Across(), late, bundle)] == [""], "it could still have been filled"
