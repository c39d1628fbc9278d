"""Ties that the chain records between two accounts: leads, with how often a pair is so tied at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recover.sdk import Assertion, Event, Scope
from recover.testing import HeuristicKit, Rows, Transfer, ledger
from recover_heuristics_account.ties import AccountMaker, RelayedOwner, ResourceLender, SharedControl, _Tie

CHAIN = "tally:1"
COIN = f"{CHAIN}/slip44:1"
MOVES = [Transfer(src=s, dst=d, amount=1, asset=COIN, chain=CHAIN) for s, d in (("a", "b"), ("c", "d"))]


def event(kind: str, address: str, other: str | None, tx: str = "T1") -> Event:
    return Event(kind=kind, chain=CHAIN, tx=tx, contract="", address=address, other=other)


def label(address: str) -> Assertion:
    return Assertion(
        kind="label", chain=CHAIN, address=address, grade="B", method="m", version="1", service="Shop"
    )


def ask(heuristic: _Tie, found: Rows, **parameters: int) -> list[dict[str, Any]]:
    batches = heuristic.assertions(found, Scope(parameters=parameters))
    return [row for batch in batches for row in batch.tables()["assertions"].to_pylist()]


@pytest.mark.parametrize(
    ("heuristic", "events", "ends"),
    [
        (SharedControl(), [event("control", "a", "k")], [("a", "k", "D")]),
        (SharedControl(), [event("sign", "a", "k")], [("a", "k", "D")]),
        (ResourceLender(), [event("delegate", "lender", "a")], [("a", "lender", "E")]),
        (AccountMaker(), [event("activate", "maker", "a")], [("a", "maker", "E")]),
        (RelayedOwner(), [event("relay", "free", "owner")], [("free", "owner", "B")]),
        (ResourceLender(), [event("undelegate", "lender", "a")], []),
        (SharedControl(), [event("control-lost", "a", None)], []),
        (SharedControl(), [event("control", "a", "a")], []),
    ],
)
def test_a_tie_is_told_of_the_account_and_never_the_other_way(
    heuristic: _Tie, events: list[Event], ends: list[tuple[str, str, str]]
) -> None:
    found = ask(heuristic, ledger(MOVES, events=events))
    assert [(r["address"], r["other"], r["grade"]) for r in found] == ends
    assert {r["kind"] for r in found} <= {"same-owner"}


def test_beside_each_tie_stands_how_often_a_pair_is_so_tied() -> None:
    events = [event("delegate", "x", "a"), event("delegate", "x", "a", "T2"), event("delegate", "y", "b")]
    found = ask(ResourceLender(), ledger(MOVES, events=events))
    # Six accounts are named: four that paid or were paid, and two that lent. 6 x 5 / 2 pairs, of which two are
    # tied.
    assert [json.loads(r["params"]) for r in found] == [
        {"linked": 2, "pairs": 15, "seen": 2, "tied": 1},
        {"linked": 2, "pairs": 15, "seen": 1, "tied": 1},
    ]


@pytest.mark.parametrize("heuristic", [ResourceLender(), AccountMaker()])
def test_who_does_it_for_many_is_a_service(heuristic: _Tie) -> None:
    events = [event(heuristic.kinds[0], "many", f"a{n}") for n in range(11)]
    assert ask(heuristic, ledger(MOVES, events=events)) == []
    assert len(ask(heuristic, ledger(MOVES, events=events[1:]))) == 10
    assert len(ask(heuristic, ledger(MOVES, events=events), most=11)) == 11


@pytest.mark.parametrize("named", ["lender", "a"])
def test_a_service_on_either_side_ties_nothing(named: str) -> None:
    found = ledger(MOVES, events=[event("delegate", "lender", "a")], labels=[label(named)])
    assert ask(ResourceLender(), found) == []


class TestSharedControl(HeuristicKit):
    heuristic = SharedControl()
    evidence = ledger(MOVES, events=[event("control", "a", "k"), event("sign", "b", "k")])


class TestResourceLender(HeuristicKit):
    heuristic = ResourceLender()
    evidence = ledger(MOVES, events=[event("delegate", "x", "a"), event("delegate", "y", "b")])


class TestAccountMaker(HeuristicKit):
    heuristic = AccountMaker()
    evidence = ledger(MOVES, events=[event("activate", "x", "a"), event("activate", "y", "b")])


class TestRelayedOwner(HeuristicKit):
    heuristic = RelayedOwner()
    evidence = ledger(MOVES, events=[event("relay", "a", "x"), event("relay", "b", "y")])
