"""Labels of one grade that call an address a service's and a mixer's: both are shown, and no letter is drafted."""

from __future__ import annotations

import pytest
from tests.core.test_statements import CHAIN, EXCHANGE, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

MOVES = [("victim", "own", 50), ("own", "hot", 50)]
MIXER = ("hot", "", "mixer", "mixing_service")
NAMED = ("hot", "Blender", "mixer", "mixing_service")
MARKET = ("hot", "Hydra", "hot-wallet", "market")


def worked(tool: Tool, *files: str) -> set[str]:
    tool.open(export(MOVES, ["own"]), *files)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    return (
        {p.name for p in (tool.case / "out/letters").glob("*-v1.txt")}
        if (tool.case / "out/letters").exists()
        else set()
    )


@pytest.mark.parametrize(
    ("first", "other", "grade"),
    [(True, MIXER, "D"), (False, NAMED, "D"), (False, MIXER, "B"), (True, MARKET, "D")],
)
def test_a_mixer_and_a_service_of_one_grade(
    first: bool, other: tuple[str, str, str, str], grade: str, tool: Tool
) -> None:
    both = [labels(EXCHANGE, grade=grade), labels(other, grade=grade).replace("a list", "another list")]
    assert worked(tool, *(both if first else both[::-1])) == set()
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "label-conflict"]
    assert gap["subject"] == f"{CHAIN}:{who('hot')}"
    assert "Binance" in gap["why"]
    (row,) = tool.show("offramps")
    assert (row["service"], row["amount"]) == ("Binance", "50000000")
    assert "No letter is drafted to Binance" in tool.text("report.html")
    decided = ("--letter", "Binance", "--by", "B. Officer", "--reason", "asked by telephone")
    assert tool("decide", *decided)[0] == 0
    tool("run")
    assert (tool.case / "out/letters/binance-preserve-v1.txt").exists()


@pytest.mark.parametrize(("service", "shady", "letters"), [("B", "D", 1), ("D", "B", 0)])
def test_a_surer_label_decides(service: str, shady: str, letters: int, tool: Tool) -> None:
    made = worked(tool, labels(EXCHANGE, grade=service), labels(MIXER, grade=shady))
    assert len(made) == letters
    assert [g for g in tool.show("gaps") if g["code"] == "label-conflict"] == []


def test_a_label_that_a_habit_speaks_against_is_no_missing_label(tool: Tool) -> None:
    moves = [("victim", "own", 50), ("own", "hot", 30), ("own", "hot", 20)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE), labels(("own", "OKX", "deposit", "exchange"), grade="A"))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = tool.text("report.md").split("## R1 ")[0]
    assert "a service to which a source of grade A or B does tie the address" in page
    assert "no source of grade A or B ties" not in page
    # The basis names Binance too: the exhibit of that label has to be cited with it.
    cited = {f["kind"]: f["exhibits"] for f in tool.show("findings")}
    assert cited["off-ramp"] == cited["service-total"] == [1, 2, 3]


def test_a_weak_name_without_a_strong_label_says_that(tool: Tool) -> None:
    worked(tool, labels(EXCHANGE, grade="C"))
    page = tool.text("report.md").split("## R1 ")[0]
    assert "no source of grade A or B ties" in page
    assert "does tie the address" not in page


def test_a_wallet_that_two_services_are_named_for_is_called_that_on_page_1(tool: Tool) -> None:
    okx = labels(("hot", "OKX", "hot-wallet", "exchange")).replace("a list", "another list")
    assert worked(tool, labels(EXCHANGE), okx) == {"binance-enquiry-v1.txt", "okx-enquiry-v1.txt"}
    page = tool.text("report.md").split("## R1 ")[0]
    assert "| Wallet that sources give to different services: Binance or OKX" in page
    assert f"name different services as the owner of {who('hot')}: Binance or OKX. Under rule fifo, 50.0" in page
    assert f"Ask whose {who('hot')} is, and decide between the labels: sources name Binance or OKX" in page
    assert "nlabelled hub" not in page
    assert "no accepted label names" not in page
    (f,) = [f for f in tool.show("findings") if f["kind"] == "off-ramp"]
    assert f["slots"]["rivals"] == "Binance or OKX"
