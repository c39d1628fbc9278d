"""What page 1 must not leave out: exhibits set aside, findings rejected, parts of a payment, impossible dates."""

from __future__ import annotations

import json

import pytest
from tests.core.test_statements import EXCHANGE, USDT, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

M = 10**6
MOVES = [("victim", "own", 100), ("own", "hot", 100)]


def first(tool: Tool) -> str:
    return tool.first()


def codes(tool: Tool) -> set[str]:
    return {gap["code"] for gap in tool.show("gaps")}


def test_a_list_set_aside_after_results_is_said_with_what_it_had_shown(tool: Tool) -> None:
    tool.open(export(MOVES, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert tool("set-aside", "2", "--reason", "not mine")[0] == 0
    tool("run")
    assert "Changed after the first results: exhibits set aside, or used again." in first(tool)
    (row,) = [
        f["slots"] for f in tool.show("findings") if f["kind"] == "before-change" and f["slots"].get("asset")
    ]
    figures = [int(v["int"] if isinstance(v, dict) else v) for v in (row["before"], row["amount"])]
    assert (row["service"], row["what"], figures) == ("Binance", ["aside"], [100 * M, 0])
    page = tool.text("report.html")
    assert "the case had not been traced" not in page
    assert "exhibits: 2); under rule" not in page, "what is set aside is no exhibit that figures rest on"


def test_a_rejected_finding_is_told_beside_the_sum_that_it_is_in(tool: Tool) -> None:
    tool.open(export(MOVES, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    (finding,) = [f["id"] for f in tool.show("findings") if f["kind"] == "off-ramp"]
    assert tool("review", finding, "--reject", "--by", "Ann", "--reason", "her own wallet")[0] == 0
    tool("run")
    assert "Reviewed and rejected by Ann" in first(tool)


def test_a_loss_that_is_part_of_a_payment_says_which_part_was_taken(tool: Tool) -> None:
    tool.open(export([*MOVES, ("own", "else", 1)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT", "--amount", "60")
    assert tool("run")[0] == 5
    (gap,) = [gap for gap in tool.show("gaps") if gap["code"] == "loss-in-part"]
    assert "60.000000 USDT of 100.000000 USDT" in gap["why"]
    assert gap["affects"] == {USDT: str(60 * M)}


def test_losses_that_meet_begin_what_a_rule_says_and_no_fact(tool: Tool) -> None:
    tool.open(
        export([("x", "own", 20), ("victim", "own", 100), ("own", "mid", 60)], ["own", "mid"]), labels(EXCHANGE)
    )
    for number in (2, 3):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    moved = "20.000000 USDT (under all rules: 0.000000 USDT (lifo) to 20.000000 USDT (fifo))"
    assert f"{moved} begins it under rule fifo" in page
    assert page.count(moved) == 2, "in R3 and among the findings"
    # 100 begin as the first; of the 60 paid on the 20 of others leave first under fifo, and none do under lifo.
    told = {row["rule"]: int(row["amount"]) // M for row in tool.show("totals") if row["figure"] == "began in all"}
    assert (told["fifo"], told["lifo"], told["tainted_first"]) == (120, 100, 100)
    assert "each rule has another sum in all" in first(tool)
    rows = [r for r in json.loads((tool.case / "out/result.json").read_text())["answer"] if "by_rule" in r]
    for rule, whole in told.items():
        assert sum(int(r["by_rule"].get(rule, 0)) for r in rows) == whole * M or rule == "prorata"
    assert "100.000000 USDT (lifo) to 120.000000 USDT (fifo)" in first(tool)
    assert page.count("The ledger holds") == 1, "the other loss is a fact"


def test_value_that_is_not_followed_is_an_act_to_get_the_history(tool: Tool) -> None:
    tool.open(export([("victim", "own", 100)], []), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert f"Obtain the whole history of {who('own')}: 100.000000 USDT came there" in first(tool)
    assert "None follows from the figures" not in first(tool)
    assert "No rule can give another figure" not in first(tool), "nothing was paid on"


def test_a_date_that_no_exhibit_can_show_is_a_gap(tool: Tool) -> None:
    tool.open(export(MOVES, ["own"]).replace("2022-03-02", "2031-01-01").replace("2022-03-01", "1999-01-01"))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    found = [gap["why"] for gap in tool.show("gaps") if gap["code"] == "time-impossible"]
    assert len(found) == 2
    assert any("before this chain had a block (2015-07-30)" in why for why in found)
    assert any("and were stored here on" in why for why in found)


@pytest.mark.parametrize(("obtained", "counted"), [("", ""), ("2022-03-09T10:00:00Z", "2022-03-09")])
def test_no_history_counts_beyond_the_moment_at_which_its_file_was_obtained(
    obtained: str, counted: str, tool: Tool
) -> None:
    tool.open()
    text = export([("victim", "own", 100)], ["own"])
    said = text.replace("#history: complete", "#history: complete\n#until: 2031-01-01T00:00:00Z")
    (tool.folder / "whole.csv").write_text(said)
    assert tool("import", str(tool.folder / "whole.csv"), *(("--obtained", obtained) if obtained else ()))[0] == 0
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    (gap,) = [gap for gap in tool.show("gaps") if gap["code"] == "history-ahead"]
    assert counted in gap["effect"]
    assert "whole to 2031" not in tool.text("report.html")


def test_two_who_lost_as_much_in_one_payment_are_two_losses(tool: Tool) -> None:
    tool.open(export([("victim", "own", 100)], ["own"]))
    loss = ("loss", "--tx", tx(1), "--amount", "50", "--asset", "USDT", "--label")
    assert tool(*loss, "one")[0] == tool(*loss, "two")[0] == 0
    for again in (tool(*loss, "two"), tool(*loss[:-1])):
        assert (again[0], "code: loss-twice" in again[2]) == (2, True)
    tool("run")
    assert [int(row["amount"]) // M for row in tool.show("losses")] == [50, 50]


def test_a_label_of_a_day_to_come_is_a_gap(tool: Tool) -> None:
    tool.open(
        export(MOVES, ["own"]), labels(EXCHANGE).replace("#source: a list", "#source: a list\n#as_of: 2031-01-01")
    )
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run", "--until", "find")[0] == 5
    (gap,) = [gap for gap in tool.show("gaps") if gap["code"] == "label-date"]
    assert "2031-01-01" in gap["why"]


def test_a_chain_has_nothing_before_its_own_first_block(tool: Tool) -> None:
    """A day on which Bitcoin had blocks, and Ethereum none."""
    tool.open(export(MOVES, ["own"]).replace("2022-03-01", "2014-05-01"), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    (why,) = [gap["why"] for gap in tool.show("gaps") if gap["code"] == "time-impossible"]
    assert "before this chain had a block (2015-07-30)" in why
    said = "the exhibit says 2014-05-01T10:00:00Z, which cannot be"
    assert said in tool.text("report.html")
    letter = tool.text("letters/binance-preserve-v1.txt")
    assert said in letter
    assert "2014-05-01" not in letter.replace(said, "").replace("the exhibit says 2014-05-01T10:00:00Z", "")
    assert " from 2022-03-02 to 2022-03-02T10:00:00Z" in tool.first()


def test_every_chain_here_declares_the_day_of_its_first_block() -> None:
    from recover.plugins import registry

    fresh = {"bip122:0f9188f13cb7b2c71f2a335e3a4fc328", "eip155:31337"}  # networks that anybody starts anew
    found = registry.load()
    assert set(found.chains) - set(found.firsts()) <= fresh
    assert min(found.firsts().values()).isoformat() == "2009-01-03"
