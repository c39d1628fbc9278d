"""What a report says beside each endpoint of its history: whole, short by how much, not provable and why."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.core.scripted import GOLD, START, World, pay

from recover.findings import view as views
from recover.findings import whereabouts
from recover.findings.evidence import Evidence
from recover.findings.material import Material
from recover.plugins import registry
from recover.pursuit import freezing
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
    (slots,) = slots_of(world, "not-seen-leaving")
    assert (slots["standing"], slots["balance"]) == ("less", {"int": "10"}), (
        "the balance says that 90 of the 100 left"
    )
    (gap,) = [row for row in world.table("gaps") if row["code"] == "balance-differs"]
    assert "states a balance of 10" in gap["why"]
    assert "At least 90" in gap["effect"]
    (gap,) = [row for row in world.table("gaps") if row["code"] == "history-short"]
    assert gap["share"] > 0
    assert "90 base units" in gap["effect"]


def slots_of(world: World, kind: str) -> list[dict[str, Any]]:
    return [json.loads(row["slots"]) for row in world.table("findings") if row["kind"] == kind]


def test_a_balance_below_what_came_is_a_gap_where_no_heights_are_shown_too(tmp_path: Path) -> None:
    paid = replace(pay("t1", ("avictim", "athief", 100, GOLD), minute=5), height=None)
    covers = Coverage(chain="bank:1", address="athief")
    world = World(tmp_path, [paid, covers, state("balance", 0, 9)]).lose(tx="t1").run()
    (gap,) = [row for row in world.table("gaps") if row["code"] == "balance-differs"]
    assert gap["share"] > 0
    assert "the two cannot be put in order" in gap["effect"]
    (slots,) = slots_of(world, "not-seen-leaving")
    assert slots["standing"] == "less"
    assert slots_of(world, "at-rest") == []


def test_a_balance_of_before_says_nothing_of_what_came_after(tmp_path: Path) -> None:
    paid = pay("t1", ("avictim", "athief", 100, GOLD), minute=7)
    covers = Coverage(chain="bank:1", address="athief", until_height=9)
    world = World(tmp_path, [paid, covers, state("balance", 0, 3)]).lose(tx="t1").run()
    (slots,) = slots_of(world, "at-rest")
    assert (slots["standing"], slots["until"]) == ("whole", "9")
    assert not {row["code"] for row in world.table("gaps")} & {"balance-differs", "not-seen-leaving"}


def test_at_rest_is_said_of_nothing_that_is_whole_to_no_stated_moment(tmp_path: Path) -> None:
    paid = [pay("t1", ("avictim", "athief", 100, GOLD), minute=5)]
    world = World(tmp_path, [*paid, Coverage(chain="bank:1", address="athief")]).lose(tx="t1").run()
    assert slots_of(world, "at-rest") == []
    (slots,) = slots_of(world, "not-seen-leaving")
    assert slots["standing"] == "seen"
    for kind in ("account", "conservation"):
        (slots,) = slots_of(world, kind)
        assert slots["not_seen_leaving"] == {"int": "100"}
        assert not {"rest", "at_rest"} & set(slots)
    assert not [row for row in world.table("totals") if "at_rest" in row["figure"] or "at-rest" in row["figure"]]
    (gap,) = world.table("gaps")
    assert gap["code"] == "not-seen-leaving"
    assert gap["effect"].startswith("100")
    assert gap["share"] == 1_000_000


def test_nothing_is_whole_while_exhibits_contradict_each_other(tmp_path: Path) -> None:
    covers = Coverage(chain="bank:1", address="athief")
    came = pay("t1", ("avictim", "athief", 100, GOLD), minute=5)
    one: list[Record] = [
        came,
        pay("t2", ("athief", "ashop", 30, GOLD), minute=8),
        covers,
        named(),
        state("balance", 70, 9),
    ]
    other: list[Record] = [came, pay("t2", ("athief", "ashop", 60, GOLD), minute=8), covers]
    world = World(tmp_path, one, other).lose(tx="t1").run()
    assert "contradiction" in {row["code"] for row in world.table("gaps")}
    assert {row["answer"] for row in world.table("completeness")} == {"not provable"}
    view = views.load(world.case(), world.plugins)
    said = strings(brief.report(view, Texts.load(registry.load().templates["report"].folder, "en")))
    assert any("rule" in text for text in said)
    assert not any(text.startswith("Whole") for text in said)


@pytest.mark.parametrize(
    ("amount", "code", "words"),
    [(100, "not-seen-leaving", "may have moved on since"), (10, "balance-differs", "Either at least 90")],
)
def test_a_balance_that_names_no_block_is_told_as_of_its_answer(
    amount: int, code: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clock of whoever asked: a file of which nobody asked anybody says nothing."""
    paid = pay("t1", ("avictim", "athief", 100, GOLD), minute=5)
    held = replace(state("balance", amount, 9), height=None)
    world = World(tmp_path, [paid, Coverage(chain="bank:1", address="athief"), held]).lose(tx="t1").run()
    (slots,) = slots_of(world, "not-seen-leaving")
    assert slots["standing"] == "seen"
    whole = Evidence.of
    asked = {1: paid.time + timedelta(hours=1)} if paid.time else {}
    monkeypatch.setattr(Evidence, "of", lambda *some: replace(whole(*some), asked=asked))
    shutil.rmtree(world.path / "derived" / "find")
    world.run()
    (slots,) = slots_of(world, "not-seen-leaving")
    assert (slots["standing"], slots["balance"]) == ("answered", {"int": str(amount)})
    assert slots_of(world, "at-rest") == []
    (gap,) = [row for row in world.table("gaps") if row["subject"] == "bank:1:athief"]
    assert gap["code"] == code
    assert f"asked on {slots['asked']}, states a balance of {amount}" in gap["why"]
    assert "names no block" in gap["why"]
    assert words in gap["effect"]
    assert gap["share"] > 0
    view = views.load(world.case(), world.plugins)
    for language, told in (("en", "names no block"), ("th", "ไม่ระบุบล็อก")):
        texts = Texts.load(registry.load().templates["report"].folder, language)
        assert any(told in text for text in strings(brief.report(view, texts))), language
    early = replace(whole(world.case(), world.plugins, Material.of(world.case())), asked={1: START})
    assert whereabouts.standings(Material.of(world.case()), early)[0].word == "seen", "of before the value came"


def test_a_balance_without_a_block_and_a_moment_is_said_in_words() -> None:
    state = {"balance": "5", "height": None, "at": None, "frozen": False}
    assert freezing.stated(state, 0, "GOLD") == "5 GOLD held there when it was asked, no block named"
