"""What a report says beside each endpoint of its history: whole, short by how much, not provable and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.core.scripted import GOLD, World, pay

from recover.findings import view as views
from recover.plugins import registry
from recover.report import brief
from recover.report.elements import strings
from recover.report.texts import Texts
from recover.sdk import Assertion, Coverage, State
from recover.sdk.batch import Record

MARKS = {"history: whole", "history: short", "history: what it sent is whole", "history: not provable"}


def named() -> Assertion:
    return Assertion(
        kind="label",
        chain="bank:1",
        address="ashop",
        grade="A",
        method="told",
        version="1",
        label="Kraken",
        service="Kraken",
        role="hot-wallet",
    )


def printed(folder: Path, *records: Record) -> list[str]:
    """The report's strings, of a case in which the thief pays an exchange."""
    paid = [
        pay("t1", ("avictim", "athief", 100, GOLD), minute=5),
        pay("t2", ("athief", "ashop", 30, GOLD), minute=8),
    ]
    covers = [Coverage(chain="bank:1", address="athief")]
    world = World(folder, [*paid, *covers, named(), *records]).lose(tx="t1").run()
    view = views.load(world.case(), world.plugins)
    return strings(brief.report(view, Texts.load(registry.load().templates["report"].folder, "en")))


def state(kind: Any, amount: int, height: int) -> State:
    asset = GOLD.id if kind == "balance" else None
    return State(kind=kind, chain="bank:1", address="athief", asset=asset, amount=amount, height=height)


@pytest.mark.parametrize(
    ("records", "mark", "words"),
    [
        ([state("balance", 70, 9)], "history: whole", "Whole: the movements shown sum to the balance"),
        ([state("balance", 82, 9)], "history: short", "between the heights 0 and 9"),
        ([state("code", 0, 9), state("nonce", 3, 9)], "history: short", "are in no exhibit, by their numbers"),
        (
            [state("code", 0, 9), state("nonce", 0, 9)],
            "history: what it sent is whole",
            "nothing of what it received",
        ),
        ([], "history: not provable", "Endpoints of which it is not provable"),
    ],
)
def test_each_endpoint_says_whether_its_history_is_whole(
    records: list[Record], mark: str, words: str, tmp_path: Path
) -> None:
    said = printed(tmp_path, *records)
    (cell,) = [text for text in said if MARKS & set(text.split("\n"))]
    assert cell.startswith("athief")
    assert mark in cell.split("\n")
    assert any(words in text for text in said)


def test_what_is_missing_is_printed_with_its_amount_and_direction(tmp_path: Path) -> None:
    said = printed(tmp_path, state("balance", 82, 9))
    (text,) = [text for text in said if text.startswith("Short by")]
    assert "12 GOLD" in text
    assert "value that came in" in text


def test_value_is_held_only_as_far_as_the_stated_balance_goes(tmp_path: Path) -> None:
    records: list[Record] = [
        pay("t1", ("avictim", "athief", 100, GOLD), minute=5),
        Coverage(chain="bank:1", address="athief"),
    ]
    world = World(tmp_path, [*records, state("balance", 10, 9)]).lose(tx="t1").run()
    (slots,) = [json.loads(row["slots"]) for row in world.table("findings") if row["kind"] == "at-rest"]
    assert slots["standing"] == "partial", "the balance says that 90 of the 100 left"
    (gap,) = [row for row in world.table("gaps") if row["code"] == "history-short"]
    assert gap["share"] > 0
    assert "90 base units" in gap["effect"]
