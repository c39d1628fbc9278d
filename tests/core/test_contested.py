"""Where a label names one service, and the chain or another label a second, both are named and both are asked."""

from __future__ import annotations

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

MOVES = [("victim", "own", 100), ("own", "dep", 100), ("dep", "hot", 60), ("dep", "hot", 20)]
KRAKEN = ("dep", "Kraken", "deposit", "exchange")
COLD = ("cold", "Kraken", "hot-wallet", "exchange")


def letters(tool: Tool) -> set[str]:
    return {p.name.removesuffix("-v1.txt") for p in tool.case.glob("out/letters/*-v1.txt")}


def worked(tool: Tool, moves: list[tuple[str, str, int]], *lists: str) -> set[str]:
    tool.open(export(moves, ["own", "dep", "hot"]), *lists)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    return letters(tool)


def named(tool: Tool, at: str) -> bool:
    """Whether R15 names both, and page 1 has the letter that asks."""
    whole = tool.text("report.md")
    end = whole.split("## R15")[1].split("## R16")[0]
    assert f"Whose {who(at)} is, is not settled" in end
    assert f"whether {who(at)} is its own or its customer's" in whole.split("## R1 ")[0]
    return "names Binance and Kraken" in end


def test_a_pay_in_address_that_sweeps_to_another_service(tool: Tool) -> None:
    assert worked(tool, MOVES, labels(EXCHANGE, KRAKEN)) == {"kraken-preserve", "binance-enquiry"}
    assert named(tool, "dep")
    asked = tool.text("letters/binance-enquiry-v1.txt")
    assert who("dep") in asked
    assert "100.000000" not in asked, "it asks whose it is, and tells no figure"


def test_a_wallet_that_sweeps_all_to_another_service(tool: Tool) -> None:
    moves = [*MOVES, ("hot", "cold", 60), ("hot", "cold", 20)]
    assert worked(tool, moves, labels(EXCHANGE, COLD)) == {"binance-preserve", "kraken-enquiry"}
    assert named(tool, "hot")
    assert f"A source calls {who('hot')} a wallet of Binance" in tool.first()
    (row,) = tool.show("offramps")
    assert (row["grade"], row["amount"]) == ("D", str(80 * 10**6)), "a word decides no figure"
    assert f"But: of what left {who('hot')}, 80.000000 USDT went to wallets of Kraken" in row["basis"]
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "label-habit-conflict"]
    assert "A source calls this a wallet of Binance" in gap["why"]


@pytest.mark.parametrize("rest", [("hot", "elsewhere", 60), ("hot", "bank", 20)])
def test_a_service_that_pays_another_among_others_is_not_doubted(rest: tuple[str, str, int], tool: Tool) -> None:
    wallets = labels(EXCHANGE, COLD, ("bank", "Binance", "hot-wallet", "exchange"))
    assert worked(tool, [*MOVES, ("hot", "cold", 10), ("hot", "cold", 10), rest], wallets) == {"binance-preserve"}
    assert "is not settled" not in tool.text("report.md")


@pytest.mark.parametrize(
    ("grade", "made"),
    [
        ("B", {"binance-enquiry", "kraken-enquiry"}),
        ("D", {"binance-preserve", "kraken-enquiry"}),
        ("E", {"binance-preserve"}),
    ],
)
def test_a_second_label_of_the_wallet(grade: str, made: set[str], tool: Tool) -> None:
    other = labels(("hot", "Kraken", "hot-wallet", "exchange"), grade=grade).replace("a list", "another list")
    assert worked(tool, MOVES, labels(EXCHANGE), other) == made
    assert ("is not settled" in tool.text("report.md")) is (len(made) > 1)
    if len(made) > 1:
        assert named(tool, "hot")


def test_a_rejected_conflict_asks_nobody(tool: Tool) -> None:
    worked(tool, MOVES, labels(EXCHANGE, KRAKEN))
    (found,) = [f for f in tool.show("findings") if f["kind"] == "label-against"]
    said = ("--reject", "--by", "I. Roe", "--reason", "it is a shared wallet")
    assert tool("review", found["id"], *said)[0] == 0
    tool("run")
    assert letters(tool) == {"kraken-preserve"}
