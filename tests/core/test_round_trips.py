"""Value that left a service and came back is said wherever a figure could count it twice."""

from __future__ import annotations

import csv

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

ROUND = [("victim", "own", 100), ("own", "hot", 100), ("hot", "own", 90), ("own", "hot", 90)]
OKX = ("two", "OKX", "hot-wallet", "exchange")


def test_a_round_trip_is_netted_beside_every_total(tool: Tool) -> None:
    tool.open(export(ROUND, ["own"]), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    said = "90.000000 USDT of it after traced value had reached the place that it came from"
    assert said in tool.first()
    assert tool.text("report.html").count(said) == 2, "summary and conclusions: the schedules repeat neither"
    assert "Net of that, 100.000000 USDT came in" in tool.text("report.html")
    row = tool.text("report.html").split("Of this perhaps counted twice, at most: what came back from places")[1]
    assert "-90.000000" in row[:400].replace("−", "-"), "the table of where value went adds up to the net"
    letter = tool.text("letters/binance-preserve-v1.txt")
    assert "90.000000 USDT came from wallets attributed to Binance, 90.000000 USDT of it after" in letter
    (finding,) = [f for f in tool.show("findings") if f["kind"] == "came-back"]
    assert finding["subject"] == "Binance"
    assert [finding["slots"][name] for name in ("amount", "after", "twice")] == ["90000000"] * 3


def test_an_inflow_from_a_service_that_nothing_had_reached_is_told_and_not_netted(tool: Tool) -> None:
    tool.open(export([("hot", "own", 100), ("own", "hot", 100)], ["own"]), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert "none of that came after traced value had reached the place" in page
    assert "same value twice. Net of that" not in page
    assert "may be the same value twice" not in tool.text("letters/binance-preserve-v1.txt")
    assert "None of it counts as coming back" in page


HEAD = [("victim", "own", 1000), ("own", "hot", 400), ("own", "two", 400), ("own", "n", 100)]
LAPS = [*HEAD, ("n", "own", 5000), ("hot", "own", 900), ("own", "hot", 5000), ("own", "n", 50)]
"""By head: 400 had gone to hot when 900 came from it, and 100 to n, which nobody names, when 5,000 did."""


def test_no_more_can_come_back_from_a_place_named_or_not_than_had_gone_there(tool: Tool) -> None:
    tool.open(export(LAPS, ["own"]), labels(EXCHANGE, OKX))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    found = {(r["kind"], r["name"]): (r["amount"], r["after"], r["twice"]) for r in tool.show("origins")}
    assert found == {
        ("other", ""): ("6000000000", "5000000000", "100000000"),
        ("service", "Binance"): ("900000000", "900000000", "400000000"),
    }
    page = tool.text("report.html")
    assert "5,900.000000 USDT of it after traced value had reached the place that it came from" in page
    assert "At most 500.000000 USDT of that may be the same value twice" in page
    assert "Net of that, 6,400.000000 USDT came in" in page
    assert "At most 400.000000 USDT of that may be the same value twice, counted so only as far" in page
    letter = tool.text("letters/binance-preserve-v1.txt")
    assert "At most 400.000000 USDT of that may be the same value twice" in letter
    assert "5,000.000000 USDT came from other places that traced value had already reached" in letter
    assert "At most 100.000000 USDT of that" in letter
    totals = {(r["figure"], r["loss"]): r["amount"] for r in tool.show("totals")}
    assert totals["came from other after it was reached", "L1"] == "5000000000"
    assert totals["inflow net of what may be counted twice", ""] == "6400000000"


def test_each_lap_takes_what_had_gone_there_once(tool: Tool) -> None:
    """100 go to n; 60 and 60 come back: the second time 40 are left that may be the same; then 30 more go."""
    laps = [("victim", "own", 100), ("own", "n", 100), ("n", "own", 60), ("n", "own", 60), ("own", "n", 30)]
    tool.open(export([*laps, ("n", "own", 50)], ["own"]))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run", "--until", "find")
    (row,) = tool.show("origins")
    assert (row["amount"], row["after"], row["twice"]) == ("270000000", "170000000", "130000000")


def test_what_a_followed_address_pays_of_its_own_is_not_the_same_value(tool: Tool) -> None:
    moves = [("victim", "own", 10), ("x", "mid", 5), ("own", "mid", 10), ("mid", "own", 5)]
    tool.open(export(moves, ["own", "mid"]))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    (row,) = tool.show("origins")
    assert (row["amount"], row["after"], row["twice"]) == ("15000000", "5000000", "0")
    assert "None of that counts as the same value twice" in tool.text("report.html")


def test_that_a_payer_held_nothing_traced_is_said_where_its_whole_history_is_here(tool: Tool) -> None:
    """own paid n before n paid own: what n held is in no exhibit, so nobody can say that it held nothing."""
    moves = [("v", "own", 7), ("own", "n", 2), ("n", "own", 3), ("own", "hot", 8)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    assert "held nothing traced" not in tool.text("report.html")
    assert "What the payer held before is not, or not wholly, in the exhibits" in tool.text("report.html")
    hops = csv.DictReader((tool.case / "out/annex/routes.csv").read_text().splitlines())
    assert {(row["hop"], row["history"]) for row in hops} == {("1", "not whole"), ("2", "whole")}


def test_of_a_payer_whose_whole_history_is_here_it_is_said(tool: Tool) -> None:
    tool.open(export([("v", "own", 7), ("own", "hot", 7)], ["v", "own"]), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    assert "The payer held nothing traced: all of 7.000000 USDT" in tool.text("report.html")


def test_of_a_place_at_which_the_trace_stops_it_is_never_said(tool: Tool) -> None:
    """Its own history may be whole: what it was paid ended there, and what it pays on is in its books."""
    tool.open(export([("hot", "own", 9), ("own", "hot", 9)], ["own", "hot"]), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    assert "The trace stops at the payer and follows nothing out of it" in tool.text("report.html")
    assert "held nothing traced" not in tool.text("report.html")


def test_what_came_back_from_one_service_is_said_to_another_without_its_name(tool: Tool) -> None:
    loop = [*ROUND[:3], ("own", "two", 90)]
    tool.open(export(loop, ["own"]), labels(EXCHANGE, OKX))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    letter = tool.text("letters/okx-preserve-v1.txt")
    assert "90.000000 USDT came from other places that traced value had already reached" in letter
    assert "Binance" not in letter


@pytest.mark.parametrize("back", [True, False])
def test_a_withdrawal_to_where_traced_value_was_is_told_of_a_loss_by_transaction(back: bool, tool: Tool) -> None:
    tool.open(export(ROUND if back else ROUND[:2], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    assert ("wallets attributed to services paid 90.000000 USDT to addresses" in page) is back
    assert ("paid an address that the value had passed or left before, 90.000000 USDT in all" in letter) is back
    assert [f["slots"]["amount"] for f in tool.show("findings") if f["kind"] == "withdrawn"] == ["90000000"] * back
