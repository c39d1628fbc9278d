"""What goes to a service by way of its own deposit addresses supports the name, and is nothing elsewhere."""

from __future__ import annotations

import csv
import io
import json

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

from recover.linking.ladder import tied
from recover.sealing import recover_verify as outside

__all__ = ["tool"]

DEPOSIT = ("dep", "Binance", "deposit", "exchange")
SWEPT = [("victim", "own", 100), ("own", "dep", 70), ("own", "pay", 30)]
SWEPT += [("dep", "hot", 40), ("dep", "hot", 30), ("pay", "hot", 30)]
SPLIT = [("victim", "own", 100), ("own", "hot", 30), ("own", "dep", 70), ("dep", "hot", 70)]
AGAINST = "speaks against it (R10)"


def worked(tool: Tool, moves: list[tuple[str, str, int]], *lists: str) -> None:
    tool.open(export(moves, ["own", "dep", "pay"]), *lists)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")


def graded(tool: Tool) -> tuple[str, str]:
    """The grades that the papers and `why` give the deposit address, which every paper has to share."""
    (row,) = [r for r in tool.show("offramps") if r["through"] == who("dep")]
    why = json.loads(tool("why", who("dep"), "--json")[1])
    (attributed,) = [f for f in tool.show("findings") if (f["kind"], f["subject"]) == ("off-ramp", who("dep"))]
    assert attributed["grade"] == row["grade"]
    return row["grade"], why["grade"]


@pytest.mark.parametrize("moves", [SWEPT, SPLIT])
def test_a_sweep_to_the_labelled_service_speaks_for_it(moves: list[tuple[str, str, int]], tool: Tool) -> None:
    worked(tool, moves, labels(EXCHANGE, DEPOSIT))
    assert graded(tool) == ("B", "B")
    assert AGAINST not in tool.text("report.md")
    (row,) = [r for r in tool.show("offramps") if r["through"] == who("dep")]
    assert "label Binance wallet by a list (grade B); deposit-address 1: 100.00%" in row["basis"]
    assert [g for g in tool.show("gaps") if g["code"] == "label-habit-conflict"] == []


def test_a_weak_label_never_lowers_what_the_sweeps_show(tool: Tool) -> None:
    worked(tool, SWEPT, labels(EXCHANGE), labels(DEPOSIT, grade="D").replace("a list", "another list"))
    assert graded(tool) == ("C", "C")
    (row,) = [r for r in tool.show("offramps") if r["through"] == who("dep")]
    assert row["exhibits"] == [1, 2, 3], "the sweeps rest on the label of the wallet that they went to"
    assert json.loads(tool("why", who("dep"), "--json")[1])["step"] == "P4"
    assert "stands at grade" not in tool("why", who("dep"))[1]


def test_sweeps_to_another_service_lower_both_alike(tool: Tool) -> None:
    wallets = labels(("hot", "Kraken", "hot-wallet", "exchange"), DEPOSIT)
    worked(tool, SPLIT, wallets)
    assert graded(tool) == ("D", "D")
    assert AGAINST in tool.text("report.md")
    assert {answer for _, answer, _ in outside.check(str(tool.case))} == {outside.HOLDS}


def test_one_function_gives_the_grade() -> None:
    assert tied("B", ["C"]) == "B"
    assert tied("D", ["C"]) == "C"
    assert tied("D", ["C"], lowered=True) == "D", "another service's label lowered it, and sweeps do not undo that"
    assert tied("", ["C"]) == "C"
    assert tied("A", [], opposed=True) == "D"
    assert tied("E", [], opposed=True) == "E"


def test_a_contradicted_label_stays_lowered_in_both(tool: Tool) -> None:
    other = labels(("dep", "OKX", "deposit", "exchange"), grade="D").replace("a list", "another list")
    worked(tool, SWEPT, labels(EXCHANGE, DEPOSIT), other)
    assert graded(tool) == ("D", "D")


def test_what_goes_to_deposit_addresses_of_the_service_is_not_elsewhere(tool: Tool) -> None:
    worked(tool, SPLIT, labels(EXCHANGE, DEPOSIT))
    page, letter = tool.text("report.md"), tool.text("letters/binance-preserve-v1.txt")
    for paper in (page, letter):
        assert "USDT went elsewhere" not in paper.replace("0.000000 USDT went elsewhere", "", 1).replace(
            "70.0", ""
        )
        assert "70.000000 USDT went elsewhere" not in paper
    assert "70.000000 USDT went to other addresses attributed to it (each with a row of its own)" in page
    assert "70.000000 USDT went to other addresses attributed to Binance, each with a row of its own" in page
    assert "of it 70.000000 to others attributed to the service" in page
    assert "other than to the service of the row" not in page
    assert "attributed to the service of the row, with a row of its own" in page
    assert "What they paid to deposit addresses attributed to Binance is not in that sum" in page
    assert (
        "70.000000 USDT went to other addresses attributed to Binance (each listed in a row of its own)" in letter
    )
    assert "What was paid from there to deposit addresses attributed to Binance is not in that sum" in letter
    assert "is not counted in this table: it stands among what credited those" in letter
    assert "a part went on to others than you" not in letter


def test_what_goes_to_others_too_is_told_apart(tool: Tool) -> None:
    moves = [("victim", "own", 100), ("own", "hot", 30), ("own", "dep", 10), ("own", "x", 60), ("dep", "hot", 10)]
    worked(tool, moves, labels(EXCHANGE, DEPOSIT))
    page, letter = tool.text("report.md"), tool.text("letters/binance-preserve-v1.txt")
    assert "10.000000 USDT went to other addresses attributed to it (each with a row of its own)" in page
    for paper in (page, letter):
        assert "60.000000 USDT went elsewhere" in paper
        assert "70.000000 USDT went elsewhere" not in paper
    assert "a part went on to others than you" in letter


def test_many_places_paid_hide_none_of_the_service(tool: Tool) -> None:
    moves = [("victim", "own", 500), ("own", "hot", 30), ("own", "dep", 1)]
    moves += [("own", f"x{n}", 20 + n) for n in range(12)]
    worked(tool, moves, labels(EXCHANGE, DEPOSIT))
    (row,) = [r for r in tool.show("offramps") if r["through"] == who("own")]
    assert len(row["elsewhere_at"]) == 11
    assert row["elsewhere_at"][who("dep")] == str(10**6)
    assert "1.000000 USDT went to other addresses attributed to it" in tool.text("report.md")
    assert {answer for _, answer, _ in outside.check(str(tool.case))} == {outside.HOLDS}


def test_what_a_deposit_address_paid_on_is_shown(tool: Tool) -> None:
    worked(tool, SPLIT, labels(EXCHANGE, DEPOSIT))
    (row,) = [r for r in tool.show("offramps") if r["through"] == who("dep")]
    assert (row["swept"], row["sweeps"], row["sweep_transactions"]) == (str(70 * 10**6), 1, [tx(4)])
    totals = csv.DictReader(io.StringIO((tool.case / "out/totals.csv").read_text()))
    found = {(r["figure"], r["subject"]): r["amount"] for r in totals}
    assert found["paid in all", who("dep")] == str(70 * 10**6)
    assert found["service paid in all", ""] == str(100 * 10**6)
    assert found["account swept", who("dep")] == str(70 * 10**6)
    assert found["service-total swept", "Binance"] == str(30 * 10**6), "of those that paid its wallets alone"
    letter = (tool.case / "out/letters/binance-preserve-v1.txt").read_text()
    told = next(line for line in letter.splitlines() if line.startswith(who("dep")) and "70000000" in line)
    assert told.split(" | ")[-3:] == ["–", "–", "B"], "what it paid on is traced no further"
    sheet = list(csv.DictReader(io.StringIO((tool.case / "out/letters/binance-preserve-v1.csv").read_text())))
    assert {r["tx_hash"] for r in sheet if r["direction"] == "out"} == {tx(2)}
    assert {answer for _, answer, _ in outside.check(str(tool.case))} == {outside.HOLDS}


def test_a_wallet_that_is_no_deposit_address_states_no_zero(tool: Tool) -> None:
    worked(
        tool,
        [("victim", "own", 50), ("own", "hot", 50)],
        labels(EXCHANGE, ("own", "Binance", "hot-wallet", "exchange")),
    )
    lines = (tool.case / "out/report.md").read_text().splitlines()
    cells = next(x for x in lines if x.startswith(f"| {who('own')}") and "called a deposit" in x).split(" | ")
    assert cells[-2] == "–", "a service's own wallet pays itself nothing that could be counted"
