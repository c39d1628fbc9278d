"""A crowd's wallet: seen by its first pages, and only where nothing else tells of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recover.sdk import Assertion, Coverage, Scope
from recover.testing import HeuristicKit, Rows, Transfer, ledger
from recover_heuristics_account.crowds import Crowd

CHAIN = "eip155:1"
TOKEN = f"{CHAIN}/erc20:0x{'a' * 40}"
START = datetime(2026, 1, 1, tzinfo=UTC)
LABEL = Assertion(kind="label", chain=CHAIN, address="W", grade="B", method="m", version="1", service="Exchange")
SMALL = {"transfers": 8, "others": 4}


def used(by: int, times: int = 2, **more: Any) -> Rows:
    """A wallet W that `by` others pay and are paid by in turn, `times` each; beside it two who pay each other."""
    moves = [(f"u{n}", "W") if k % 2 else ("W", f"u{n}") for k in range(times) for n in range(by)]
    moves += [("a", "b"), ("b", "a")] * 10
    rows = [
        Transfer(src=s, dst=d, amount=5, asset=TOKEN, chain=CHAIN, time=START + timedelta(hours=h))
        for h, (s, d) in enumerate(moves)
    ]
    return ledger(rows, **more)


def ask(found: Rows, **parameters: int) -> list[tuple[str, dict[str, Any]]]:
    batches = Crowd().assertions(found, Scope(parameters=parameters))
    rows = [row for batch in batches for row in batch.tables()["assertions"].to_pylist()]
    assert all((r["kind"], r["grade"], r["service"], r["label"]) == ("hub", "E", "", "") for r in rows)
    return [(r["address"], json.loads(r["params"])) for r in rows]


def test_many_movements_with_many_others_are_a_crowds_wallet() -> None:
    assert ask(used(4), **SMALL) == [("W", {"others": 4, "transfers": 8})]


@pytest.mark.parametrize("by", [3, 1])
def test_fewer_are_none(by: int) -> None:
    assert ask(used(by, times=3), **SMALL) == []


def test_what_is_here_whole_or_has_a_label_is_followed_as_before() -> None:
    assert ask(used(4, coverage=[Coverage(chain=CHAIN, address="W")]), **SMALL) == []
    assert ask(used(4, labels=(LABEL,)), **SMALL) == []
    begun = [Coverage(chain=CHAIN, address="W", since=START)]
    assert ask(used(4, coverage=begun), **SMALL) != [], "a history from a moment on is not whole"


def test_pages_of_a_size_that_people_have_are_none() -> None:
    assert ask(used(1000, times=3)) == []


class TestCrowdConformance(HeuristicKit):
    heuristic = Crowd()
    evidence = used(400, times=10)
