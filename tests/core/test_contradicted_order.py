"""When something moved, where exhibits disagree on it: no order is taken in silence, and none is called sure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.core.test_statements import CHAIN, EXCHANGE, USDT, Tool, labels, tool, tx, who

__all__ = ["tool"]

M = 10**6

Dated = tuple[int, str, str, str, int, str]
"""A transaction's number, when, payer, payee, how much, and a block with its place, if any."""

UNTIL = "#until: 2022-04-01T00:00:00Z"


def listing(moves: list[Dated], whole: tuple[str, ...] = ()) -> str:
    lines = ["#recover-transfers 1", "#source: a test", "#licence: none needed"]
    lines += ["#history: complete", UNTIL] if whole else []
    placed = ",height,index" if any(move[5] for move in moves) else ""
    lines.append(f"view,chain,tx,time,from,to,asset,amount,decimals,symbol,status{placed}")
    for number, when, src, dst, amount, block in moves:
        for view in [who(n) for n in (src, dst) if n in whole] or [""]:
            row = (view, CHAIN, tx(number), f"2022-03-{when}:00:00Z", who(src), who(dst), USDT, str(amount * M))
            lines.append(",".join([*row, "6", "USDT", "ok", *([block] if block else [])]))
    return "\n".join(lines) + "\n"


HISTORY: list[Dated] = [
    (1, "01T00", "victim", "a", 100, ""),
    (2, "01T12", "a", "d", 100, ""),
    (3, "02T12", "d", "hot", 60, ""),
    (4, "03T12", "d", "hot", 20, ""),
]


def begun(tool: Tool, *files: str) -> tuple[int, str, str]:
    tool.open(*files, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    return tool("run")


def slots(tool: Tool, kind: str) -> list[dict[str, Any]]:
    return [f["slots"] for f in tool.show("findings") if f["kind"] == kind]


def number(value: Any) -> int:
    return int(value["int"] if isinstance(value, dict) else value)


def span(tool: Tool, kind: str, *names: str) -> list[int]:
    (row,) = slots(tool, kind)
    return [number(row[name]) // M for name in names]


LACKING: list[Dated] = [
    (1, "01T00", "victim", "d", 50, ""),
    (2, "01T12", "a", "d", 100, ""),
    (3, "02T12", "d", "hot", 120, ""),
]

EARLIER: Dated = (3, "01T11", "d", "hot", 60, "")
"""The same payment before the payer was paid."""


def test_exhibits_that_disagree_on_the_hour_alone_are_told_as_those_that_disagree_on_the_amount(
    tool: Tool,
) -> None:
    code, _, err = begun(tool, listing(HISTORY, ("a", "d")), listing([EARLIER]))
    assert (code, "disagree on its time" in err) == (5, True)
    assert [g["code"] for g in tool.show("gaps")] == ["contradiction"], "nothing is said to be not seen leaving"
    kinds = {f["kind"] for f in tool.show("findings")}
    assert not kinds & {"freezable", "at-rest"}
    # By one it left before anything traced came: nothing of it, or all.
    assert span(tool, "contradicted", "to_least", "to_most", "left_least", "left_most") == [0, 60, 20, 80]
    assert span(tool, "by-version", "least", "most", "amount") == [20, 80, 20]
    first = tool.first()
    assert "exhibit 1 shows 60.000000 USDT leaving at 2022-03-02T12:00:00Z" in first
    assert "exhibit 2 shows 60.000000 USDT leaving at 2022-03-01T11:00:00Z" in first
    page, letter = tool.text("report.md"), tool.text("letters/binance-preserve-v1.txt")
    for text in (page, letter):
        paid = text.split("20.000000 USDT to those wallets" if text is page else "All value counted, 20.000000")[1]
        assert "but for movements on which exhibits disagree" in paid[:160]
        assert "because the history here is not whole" not in text.replace(
            "exhibits disagree on what left there, or the history here is not whole", ""
        )
    assert "The history of some of these addresses is not whole here." not in letter


def test_one_before_which_both_exhibits_place_it_moves_nothing(tool: Tool) -> None:
    history = [HISTORY[0], (3, "01T10", "d", "hot", 60, ""), HISTORY[1], HISTORY[3]]
    begun(tool, listing(history, ("a", "d")), listing([EARLIER]))
    assert slots(tool, "contradicted") == []
    assert slots(tool, "by-version") == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ((3, "02T12", "d", "hot", 50, ""), [70, 80]),
        ((2, "01T12", "a", "d", 90, ""), [80, 80]),
        (EARLIER, [20, 80]),
    ],
)
def test_a_combination_follows_another_reading_and_loses_no_history(
    other: Dated, told: list[int], tool: Tool
) -> None:
    """The second exhibit claims no history; what the first claims stands whichever is followed for one payment."""
    begun(tool, listing(HISTORY, ("a", "d")), listing([other]))
    assert span(tool, "by-version", "least", "most") == told
    tool("decide", tx(other[0]), "--exhibit", "2", "--reason", "tried")
    tool("run")
    assert [g for g in tool.show("gaps") if g["code"] == "histories-differ"] == [], "the first shows it too"
    (row,) = tool.show("offramps")
    assert int(row["amount"]) // M == min(told)


def test_what_is_lacking_without_a_disputed_payment_in_is_not_said_to_have_been_there(tool: Tool) -> None:
    begun(tool, listing(LACKING, ("d",)), listing([(2, "01T12", "a", "d", 90, "")]))
    (gap,) = (g for g in tool.show("gaps") if g["code"] == "opening-balance")
    assert "by movements on which exhibits agree" in gap["why"]
    assert "It held at least" not in gap["effect"]
    (account,) = slots(tool, "account")
    assert (number(account["opening"]) // M, number(account["disputes"])) == (70, 1)
    page = tool.text("report.md")
    rows = page.split("Accounts of the wallets")[1].split("Every row closes")[0]
    assert "exhibits disagree on transactions here (1): in none of these figures" in rows
    assert "70.000000 lacking without these; not shown" in rows
    assert "what is lacking without it is counted as of no declared loss" in page.split("Routes, hop by hop")[1]
    assert tool("verify")[0] == 0


BLOCKS: list[Dated] = [
    (1, "01T00", "victim", "d", 100, "10,0"),
    (5, "01T01", "x", "d", 60, "12,0"),
    (2, "01T12", "d", "own", 100, "20,0"),
    (3, "02T12", "d", "hot", 60, "15,0"),
    (4, "03T12", "own", "hot", 20, "40,0"),
]
"""By blocks the exchange is paid 60 out of the loss; by times what the loss brought had gone to `own` before."""


@pytest.mark.parametrize("placed", [True, False])
def test_blocks_that_contradict_times_are_a_gap_and_both_orders_are_stated(placed: bool, tool: Tool) -> None:
    # Without its place in the block no movement is ordered by its block: the times are followed.
    moves = BLOCKS if placed else [(*move[:5], move[5].replace(",0", ",")) for move in BLOCKS]
    code, *_ = begun(tool, listing(moves, ("d", "own")))
    gaps = [g for g in tool.show("gaps") if g["code"] == "order-contradicted"]
    assert code == 5
    (gap,) = gaps
    assert (gap["subject"], list(gap["affects"].values())) == (f"{CHAIN}:{who('d')}", [str(100 * M)])
    for said in (tx(2), tx(3), "block 15, 2022-03-02T12:00:00Z", "block 20, 2022-03-01T12:00:00Z"):
        assert said in gap["why"]
    (row,) = slots(tool, "order-otherwise")
    followed, other = (60 + 20, 20 + 0) if placed else (20 + 0, 60 + 20)
    assert (row["by"], number(row["amount"]) // M) == ("blocks" if placed else "times", followed)
    assert number(row["otherwise"]) // M == other
    first, letter = tool.first(), tool.text("letters/binance-preserve-v1.txt")
    assert "stand in one order by their blocks, and in another by their times" in first
    assert "stand in one sequence by their blocks, and in another by their times" in letter
    assert "gives this same figure." not in tool.text("report.md"), "only in the one sequence that is used"
    result = json.loads((tool.case / "out/result.json").read_text())
    assert "order-otherwise" in {f["kind"] for f in result["findings"]}


def test_blocks_and_times_that_agree_or_that_value_never_met_are_no_gap(tool: Tool) -> None:
    far: list[Dated] = [(6, "05T00", "p", "q", 5, "60,0"), (7, "04T00", "q", "r", 5, "70,0")]
    agreed = [(n, when, a, b, amount, "16,0" if n == 2 else block) for n, when, a, b, amount, block in BLOCKS]
    agreed = [(*one[:5], "30,0") if one[0] == 3 else one for one in agreed]
    code, _, _ = begun(tool, listing([*agreed, *far], ("d", "own", "q")))
    assert [g["code"] for g in tool.show("gaps") if g["code"] == "order-contradicted"] == []
    assert slots(tool, "order-otherwise") == []
    assert code == 0


SAME = "Every rule that may back a claim gives this same figure"
SHOWN = ", on the movements shown, and with no more held before them than these need"


@pytest.mark.parametrize(("paid", "open_"), [(100, True), (50, False)])
def test_every_rule_is_said_to_agree_only_on_what_was_held_where_more_can_have_been(
    paid: int, open_: bool, tool: Tool
) -> None:
    history: list[Dated] = [(1, "01T00", "victim", "d", 50, ""), (2, "02T00", "d", "hot", paid, "")]
    begun(tool, listing(history, ("d",)))
    page, letter = tool.text("report.md"), tool.text("letters/binance-preserve-v1.txt")
    for text in (page, letter):
        assert (f"{SAME}{SHOWN}." in text, f"{SAME}." in text) == (open_, not open_)
    assert ("No rule can give another figure" in page) is not open_


def test_an_exhibit_that_shows_a_part_that_nobody_disputes_is_no_reading_of_its_own(tool: Tool) -> None:
    """To follow it alone would leave out the payment that the others disagree on."""
    lost: Dated = (1, "01T00", "victim", "a", 107, "")
    both: list[Dated] = [lost, HISTORY[1], (2, "01T12", "a", "end", 7, ""), *HISTORY[2:]]
    part = listing([(2, "01T12", "a", "end", 7, "")], ("end",))
    begun(tool, listing(both, ("a", "d")), listing([(2, "01T12", "a", "d", 90, "")]), part)
    assert span(tool, "by-version", "least", "most") == [80, 80]
    (row,) = slots(tool, "by-version")
    assert number(row["runs"]) == 2
