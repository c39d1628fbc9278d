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
