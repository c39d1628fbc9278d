"""Deposit addresses by sweeps: what fires, what does not, and at which grade."""

from __future__ import annotations

import json

from recover.sdk import Assertion
from recover.testing import HeuristicKit, Rows, joined
from recover.testing.exhibits import rows
from recover_heuristics_utxo.deposits import DepositSweep
from recover_heuristics_utxo.testing import CHAIN, coins

HOT = Assertion(
    kind="label",
    chain=CHAIN,
    address="w:hot",
    grade="A",
    method="list",
    version="1",
    service="Example",
    role="hot-wallet",
)
PAID = (
    coins("T1", "w:ann 60", "w:d1 50", height=1),
    coins("T2", "w:ben 60", "w:d2 50", height=2),
    coins("T3", "w:cat 60", "w:d3 50", height=3),
    coins("T4", "w:ann 90", "w:d1 70", height=4),
)


def said(evidence: Rows) -> dict[str, tuple[str, str, tuple[str, ...], str]]:
    """Address -> (service, grade, sweeps, swept)."""
    found = rows(DepositSweep().assertions(evidence, HeuristicKit.scope))["assertions"]
    return {
        row["address"]: (
            row["service"],
            row["grade"],
            tuple(row["transactions"]),
            json.loads(row["params"])["swept"],
        )
        for row in found
    }


def ledger(*more: object) -> Rows:
    return joined(*PAID, *more, labels=[HOT])  # type: ignore[arg-type]


def test_two_sweeps_are_moderate_and_one_that_gathers_three_addresses_is_weak() -> None:
    evidence = ledger(
        coins("T5", "T1:0, T2:0, T3:0", "w:hot 140", height=5), coins("T6", "T4:0", "w:hot 65", height=6)
    )
    assert said(evidence) == {
        "w:d1": ("Example", "C", ("T5", "T6"), "120"),
        "w:d2": ("Example", "D", ("T5",), "50"),
        "w:d3": ("Example", "D", ("T5",), "50"),
    }


def test_one_sweep_of_two_addresses_says_nothing() -> None:
    assert said(ledger(coins("T5", "T2:0, T3:0", "w:hot 90", height=5))) == {}


def test_an_address_that_also_pays_elsewhere_is_none() -> None:
    evidence = ledger(
        coins("T5", "T1:0, T2:0, T3:0", "w:hot 140", height=5), coins("T6", "T4:0", "w:shop 65", height=6)
    )
    assert set(said(evidence)) == {"w:d2", "w:d3"}


def test_a_payment_with_change_is_no_sweep() -> None:
    evidence = ledger(coins("T5", "T1:0, T2:0, T3:0", "w:hot 140, w:chg 5", height=5))
    assert said(evidence) == {}


def test_a_labelled_address_is_no_deposit_address() -> None:
    evidence = ledger(
        coins("T5", "T1:0, T2:0, T3:0", "w:hot 140", height=5),
        coins("T6", "T5:0", "w:hot 130", height=6),
        coins("T7", "T6:0", "w:hot 120", height=7),
    )
    assert "w:hot" not in said(evidence)


class TestDepositSweep(HeuristicKit):
    heuristic = DepositSweep()
    evidence = ledger(
        coins("T5", "T1:0, T2:0, T3:0", "w:hot 140", height=5), coins("T6", "T4:0", "w:hot 65", height=6)
    )
