"""Whole, short by how much and between which heights, or not provable: a history held against a balance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.core.scripted import GOLD, SILVER, World, pay

from recover.cli import listings
from recover.sdk import Coverage, State
from recover.sdk.batch import Record

PAID: list[Record] = [
    pay("t1", ("avictim", "athief", 100, GOLD), minute=5),
    pay("t2", ("athief", "amule", 30, GOLD), minute=8),
    Coverage(chain="bank:1", address="athief"),
]


def holds(amount: int, height: int, address: str = "athief") -> State:
    return State(kind="balance", chain="bank:1", address=address, asset=GOLD.id, amount=amount, height=height)


def checks(folder: Path, *records: Record) -> tuple[World, list[dict[str, Any]]]:
    world = World(folder, [*PAID, *records]).lose(tx="t1").run()
    rows = [r for r in world.table("completeness") if (r["address"], r["asset"]) == ("athief", GOLD.id)]
    kept = ("answer", "by", "short", "since_height", "until_height")
    return world, [{name: row[name] for name in kept} for row in rows]


def short(amount: int, since: int, until: int) -> dict[str, Any]:
    made = {"answer": "short", "by": "balance", "short": str(amount)}
    return {**made, "since_height": since, "until_height": until}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([holds(70, 9)], [{"answer": "whole", "by": "balance", "until_height": 9}]),
        ([holds(100, 5), holds(70, 8)], [{"answer": "whole", "by": "balance", "until_height": 8}]),
        ([holds(82, 9)], [short(12, 0, 9)]),
        ([holds(100, 6), holds(65, 9)], [short(-5, 6, 9)]),
        ([holds(103, 6), holds(73, 9)], [short(3, 0, 6)]),
        ([holds(103, 6), holds(70, 9)], [short(3, 0, 6), short(-3, 6, 9)]),
        ([], [{"answer": "not provable", "by": ""}]),
        ([holds(70, 9, "amule")], [{"answer": "not provable", "by": ""}]),
    ],
)
def test_a_balance_tells_what_is_missing_and_where(
    states: list[State], expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    _, found = checks(tmp_path, *states)
    blank = {"answer": "", "by": "", "short": None, "since_height": None, "until_height": None}
    assert found == [{**blank, **e} for e in expected]


def test_what_is_short_is_a_finding_and_stands_beside_its_endpoint(tmp_path: Path) -> None:
    world, _ = checks(tmp_path, holds(82, 9))
    (finding,) = [row for row in world.table("findings") if row["kind"] == "short"]
    assert finding["subject"] == "athief"
    assert '"direction":"in"' in finding["slots"]
    assert list(listings.table(world.case(), "completeness", 0))
    assert SILVER.id not in {row["asset"] for row in world.table("completeness")}
