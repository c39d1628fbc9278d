"""A label that its source ended or took back stands nowhere without that, and names nothing that came after."""

from __future__ import annotations

import csv

import pytest
from tests.core.test_statements import CHAIN, Tool, export, tool, tx, who

__all__ = ["tool"]

MOVES = [("victim", "own", 100), ("own", "dep", 100), ("dep", "hot", 60), ("dep", "hot", 20)]
BEFORE = "it ended on 2021-12-31, and the first transfer here is of 2022-03-03"
WITHIN = "it ended on 2022-03-03, and transfers here go on to 2022-03-04: it is taken to name these too"
AFTER = "it is said to hold until 2022-12-31"
TAKEN = "withdrawn on 2022-01-01: sold in 2021"


def listed(*rows: str, grade: str = "B", source: str = "a list") -> str:
    head = ["#recover-labels 1", f"#source: {source}", f"#grade: {grade}", "#licence: none needed", "#url: none"]
    return "\n".join([*head, "chain,address,service,label,role,category,until,withdrawn,why", *rows]) + "\n"


def row(at: str, service: str, end: str = ",,", role: str = "hot-wallet", kind: str = "exchange") -> str:
    return f"{CHAIN},{who(at)},{service},{service} wallet,{role},{kind},{end}"


def worked(tool: Tool, *lists: str) -> None:
    tool.open(export(MOVES, ["own", "dep"]), *lists)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")


@pytest.mark.parametrize(
    ("end", "said", "named"),
    [
        ("2021-12-31,,", BEFORE, False),
        (",2022-01-01,sold in 2021", TAKEN, False),
        ("2022-03-03,,", WITHIN, True),
        ("2022-12-31,,", AFTER, True),
    ],
)
def test_what_ends_a_label_stands_wherever_the_label_does(end: str, said: str, named: bool, tool: Tool) -> None:
    worked(tool, listed(row("hot", "Binance", end)))
    labelled = tool.text("report.html").split("Attribution schedule")[-1]
    assert f"Binance wallet label Of this label: {said}." in labelled
    with (tool.case / "out/annex/labels.csv").open(newline="") as file:
        (told,) = [r["ended"] for r in csv.DictReader(file) if r["label"] == "Binance wallet"]
    assert told == said
    code, page, _ = tool("show", "assertions")
    assert code == 0
    assert ("withdrawn " if said == TAKEN else "until ") + end.strip(",").split(",")[0] in page
    assert bool([r for r in tool.show("offramps") if r["service"]]) is named
    if named:
        (basis,) = [r["basis"] for r in tool.show("offramps")]
        assert basis.endswith(f"Of a label that it rests on, {said}")
        assert said.split(",")[0] in tool.text("letters/binance-preserve-v1.txt")


def test_a_label_without_an_end_says_nothing_of_one(tool: Tool) -> None:
    worked(tool, listed(row("hot", "Binance")))
    assert "Of this label" not in tool.text("report.html")


def test_in_thai_the_end_of_a_label_is_in_thai(tool: Tool) -> None:
    tool.open(export(MOVES, ["own", "dep"]), listed(row("hot", "Binance", ",2022-01-01,sold")))
    text = (tool.case / "case.toml").read_text()
    (tool.case / "case.toml").write_text(text.replace('"en"', '"th"'))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert "ถอนเมื่อ 2022-01-01: sold" in tool.text("report.html")
    assert "withdrawn on" not in tool.text("report.html")


def test_an_alert_says_that_its_source_took_the_label_back(tool: Tool) -> None:
    sanctions = row("dep", "Lazarus", ",2021-05-05,delisted", "sanctioned", "sanction")
    worked(tool, listed(row("hot", "Binance")), listed(sanctions, source="an authority"))
    assert "grade B (strong). Of that label: withdrawn on 2021-05-05: delisted." in tool.first()


@pytest.mark.parametrize(("end", "letters"), [(",,", 0), (",2021-05-05,a mistake", 1)])
def test_a_label_that_was_taken_back_keeps_no_letter_back(end: str, letters: int, tool: Tool) -> None:
    market = listed(row("hot", "Binance", end, "other", "market"), grade="A", source="another")
    worked(tool, listed(row("hot", "Binance"), grade="A"), market)
    found = [f for f in tool.show("findings") if f["kind"] == "no-letter"]
    assert (len(found), len([*tool.case.glob("out/letters/binance-preserve-v1.txt")])) == (1 - letters, letters)
