"""Whole, short by how much and between which heights, or not provable: a history held against a balance."""

from __future__ import annotations

from dataclasses import replace
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


def sends(tx: str, number: int, minute: int) -> Record:
    facts = f'{{"from":"athief","nonce":{number}}}'
    return replace(pay(tx, ("athief", "amule", 1, GOLD), minute=minute), facts=facts)


def count(amount: int, height: int) -> State:
    return State(kind="nonce", chain="bank:1", address="athief", amount=amount, height=height)


def by_number(folder: Path, *records: Record) -> list[dict[str, Any]]:
    world = World(folder, [PAID[0], PAID[2], *records]).lose(tx="t1").run()
    kept = ("answer", "since_height", "until_height", "why")
    rows = [r for r in world.table("completeness") if (r["address"], r["by"]) == ("athief", "nonce")]
    assert not [row for row in world.table("findings") if row["kind"] == "short"], "nobody knows what they moved"
    return [{name: row[name] for name in kept} for row in rows]


ALL = [sends("t2", 0, 8), sends("t3", 1, 9), sends("t4", 2, 10)]


def test_a_number_that_no_exhibit_shows_is_a_transaction_that_is_missing(tmp_path: Path) -> None:
    (row,) = by_number(tmp_path, ALL[0], ALL[2])
    assert (row["answer"], row["since_height"], row["until_height"]) == ("short", 8, 10)
    assert row["why"] == "its sent transactions are numbered, and number 1 of 3 is in no exhibit"


def test_a_count_at_a_block_tells_of_later_ones_too(tmp_path: Path) -> None:
    (row,) = by_number(tmp_path, *ALL, count(5, 20))
    assert (row["answer"], row["since_height"], row["until_height"]) == ("short", 10, 20)
    assert "2 of the numbers 3 to 4 of 5" in row["why"]


@pytest.mark.parametrize(("records", "until"), [(ALL, 10), ([*ALL, count(3, 20)], 20)])
def test_all_numbers_make_what_was_sent_whole(records: list[Record], until: int, tmp_path: Path) -> None:
    (row,) = by_number(tmp_path, *records)
    assert (row["answer"], row["until_height"]) == ("whole", until)


def test_an_account_that_delegates_uses_numbers_without_sending(tmp_path: Path) -> None:
    facts = '{"delegates":[["athief","acode"]],"from":"amule","nonce":0}'
    signed = replace(pay("t5", ("amule", "ashop", 1, GOLD), minute=9), facts=facts)
    (row,) = by_number(tmp_path, ALL[0], ALL[2], signed)
    assert row["answer"] == "not provable"


def test_a_contract_counts_what_it_created(tmp_path: Path) -> None:
    assert by_number(tmp_path, count(1, 20)) == [], "nothing shows that it is no contract"
    code = State(kind="code", chain="bank:1", address="athief", amount=0, height=20)
    (row,) = by_number(tmp_path / "person", count(1, 20), code)
    assert row["answer"] == "short"
