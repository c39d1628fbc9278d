"""What is still at an address at which the trace stops: one figure, or one pair of bounds, in every place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.core.test_deposits_stop import DEPOSIT, cells
from tests.core.test_second_expert_figures import shown
from tests.core.test_statements import Tool, labels, tool, tx, who

from recover.sealing import recover_verify as outside

__all__ = ["tool"]

HOT = ("hot", "Kraken", "hot-wallet", "exchange")


def worked(tool: Tool, moves: list[tuple[str, str, int]], *lost: int) -> dict[str, Any]:
    """The row of `dep`, where losses begin by these of the moves."""
    numbered = [(n, f"{n:02}T10:00:00", a, b, much) for n, (a, b, much) in enumerate(moves, 1)]
    tool.open(shown(numbered, ["own", "dep"]), labels(DEPOSIT, HOT))
    for number in lost:
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    assert tool("run")[0] in (0, 5)
    assert {answer for _, answer, _ in outside.check(str(tool.case))} == {outside.HOLDS}
    (row,) = [r for r in tool.show("offramps") if r["through"] == who("dep")]
    return row


def told(tool: Tool) -> dict[str, Any]:
    """What the papers say of it: the result, the table of totals, R9, page 1, and the letter."""
    (row,) = [r for r in json.loads(tool.text("result.json"))["offramps"] if r["through"] == who("dep")]
    lines = [line.split(",") for line in (tool.case / "out/totals.csv").read_text().splitlines()]
    mine = {x[0]: x[-1] for x in lines if x[1] == who("dep") and x[0].startswith("unswept")}
    first = tool.first().split("What no exhibit shows leaving")[1]
    letter = (tool.case / "out/letters/kraken-preserve-v1.txt").read_text().splitlines()
    line = next(x for x in letter if x.startswith(f"{who('dep')};") and x.count(" | ") == 6)
    place = first.split("came to " + who("dep"))[-1].split(" by the whole")[0] if " by the whole" in first else ""
    return {
        "result": (row["unswept"], row["unswept_bounds"].get("")),
        "totals": mine,
        "table": cells(tool)[4],
        "first": place.removeprefix(" under rule fifo, ").strip(),
        "letter": line.split(" | ")[3],
    }


def test_a_part_that_is_not_swept_yet_is_told_alike_everywhere(tool: Tool) -> None:
    row = worked(tool, [("victim", "own", 100), ("own", "dep", 80), ("dep", "hot", 30)], 1)
    assert (row["unswept"], row["still"]) == ("50000000", "50000000")
    assert told(tool) == {
        "result": ("50000000", {"least": "50000000", "most": "50000000"}),
        "totals": {"unswept": "50000000"},
        "table": "50.000000",
        "first": "50.000000 USDT is still there",
        "letter": "50.000000; 50000000",
    }
    # It counts once: what is at stake with that service is what came in.
    (stake,) = [r["stake"] for r in json.loads(tool.text("result.json"))["answer"] if "stake" in r]
    assert stake == "80000000"
    sums = {x.split(",")[0]: x.split(",")[-1] for x in (tool.case / "out/totals.csv").read_text().splitlines()}
    assert (sums["service unswept"], sums["service elsewhere"]) == ("50000000", "0")


def test_where_value_of_others_is_there_too_it_has_bounds_of_all_and_by_loss(tool: Tool) -> None:
    moves = [("z", "dep", 40), ("victim", "dep", 80), ("second", "dep", 20), ("dep", "hot", 70)]
    row = worked(tool, moves, 2, 3)
    assert (row["unswept"], row["still"]) == (None, None)
    bounds = {name: (one["least"][:-6], one["most"][:-6]) for name, one in row["unswept_bounds"].items()}
    assert bounds == {"": ("30", "70"), "L1": ("10", "70"), "L2": ("", "20")}
    assert told(tool) == {
        "result": (None, {"least": "30000000", "most": "70000000"}),
        "totals": {"unswept at least": "30000000", "unswept at most": "70000000"},
        "table": "30.000000 USDT to 70.000000 USDT",
        "first": "between 30.000000 USDT and 70.000000 USDT, by which value the payments from there took first, "
        "is still there",
        "letter": "30.000000 USDT to 70.000000 USDT, by which value the payments from there took first: value of "
        "others was there too",
    }
    assert '\n"service unswept, where one figure is told",,Kraken,' in (tool.case / "out/totals.csv").read_text()


@pytest.mark.parametrize(
    ("moves", "unswept"),
    [
        ([("z", "dep", 40), ("dep", "hot", 40), ("victim", "dep", 80)], 80),  # gone before the value came
        ([("z", "dep", 40), ("dep", "hot", 10), ("victim", "dep", 80)], 80),
        ([("victim", "dep", 80), ("dep", "hot", 80), ("z", "dep", 40)], 0),
        ([("victim", "dep", 80), ("dep", "p", 80), ("z", "dep", 40), ("dep", "hot", 5)], 0),
    ],
)
def test_what_left_before_it_came_took_none_and_what_came_after_it_left_is_none(
    tool: Tool, moves: list[tuple[str, str, int]], unswept: int
) -> None:
    row = worked(tool, moves, 1 + [a for a, *_ in moves].index("victim"))
    assert row["unswept"] == str(unswept * 10**6)


def test_where_no_exhibit_has_its_history_nothing_says_what_is_there(tool: Tool) -> None:
    moves = [(1, "01T10:00:00", "victim", "own", 100), (2, "02T10:00:00", "own", "dep", 80)]
    tool.open(shown(moves, ["own"]), labels(DEPOSIT, HOT))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert told(tool) == {"result": (None, None), "totals": {}, "table": "–", "first": "", "letter": "–"}
