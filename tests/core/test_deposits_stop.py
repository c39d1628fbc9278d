"""Where a label calls an address a service's deposit address the trace stops: what is there, and what went on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.test_statements import CHAIN, EXCHANGE, Tool, export, labels, tool, tx, who

from recover.sealing import recover_verify as outside

__all__ = ["tool"]

DEPOSIT = ("dep", "Kraken", "deposit", "exchange")
CODE = "deposit-paid-on"


def worked(tool: Tool, moves: list[tuple[str, str, int]], *lists: str, known: tuple[str, ...] = ("own",)) -> int:
    tool.open(export(moves, [*known, "dep", "p"]), *lists)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    code = tool("run")[0]
    assert {answer for _, answer, _ in outside.check(str(tool.case))} == {outside.HOLDS}
    return code


def cells(tool: Tool) -> list[str]:
    """The row of R9 of that address."""
    lines = (tool.case / "out/report.md").read_text().splitlines()
    return next(x for x in lines if x.startswith(f"| {who('dep')}") and "called a deposit" in x).split(" | ")


def stopped(tool: Tool) -> list[dict[str, Any]]:
    return [g for g in tool.show("gaps") if g["code"] == CODE]


def test_a_labelled_deposit_address_that_pays_others_is_no_end_of_all(tool: Tool) -> None:
    moves = [("victim", "own", 100), ("own", "dep", 80), ("dep", "p", 50), ("p", "hot", 50)]
    assert worked(tool, moves, labels(EXCHANGE, DEPOSIT)) == 5, "the label may be wrong: figures hang on it"
    (gap,) = stopped(tool)
    assert (gap["subject"], gap["affects"]) == (
        f"{CHAIN}:{who('dep')}",
        {tool.show("offramps")[0]["asset"]: "50000000"},
    )
    assert "50.000000 USDT paid on from there to others than its wallets" in gap["why"]
    assert "recover assert --withdraw" in gap["effect"]
    (found,) = [f for f in tool.show("findings") if f["kind"] == "shown-beyond"]
    assert (found["slots"]["service"], found["slots"]["services"]) == ("Kraken", ["Binance"])
    assert found["exhibits"] == [1, 2]
    page = tool.text("report.md").split("## R1 ")[0]
    assert f"The trace stops at {who('dep')} with 80.000000 USDT of traced value" in page
    assert "because a source calls it a deposit address of Kraken" in page
    assert "Exhibits do show it paying 50.000000 USDT on" in page
    whole = tool.text("report.md")
    assert "what came in was followed at each of them" not in whole
    assert cells(tool)[4:6] == ["30.000000", f"50.000000, all value ({found['id']})"]
    accounts = whole.split("Accounts of the wallets that traced value came to")[1].split("Every row closes")[0]
    assert f"| {who('dep')}" in accounts
    assert f"| {who('p')}" not in accounts, "by this trace nothing came there"
    letter = tool.text("letters/kraken-preserve-v1.txt")
    assert "Exhibits show it paying 50.000000 USDT on to others than wallets attributed to you" in letter


def test_the_remedy_of_that_gap_lets_the_trace_go_on(tool: Tool) -> None:
    moves = [("victim", "own", 100), ("own", "dep", 80), ("dep", "p", 50), ("p", "hot", 50)]
    worked(tool, moves, labels(EXCHANGE, DEPOSIT))
    said = ("--withdraw", "Kraken", "--by", "B. Officer", "--reason", "it pays others")
    assert tool("assert", who("dep"), *said)[0] == 0
    tool("run")
    assert stopped(tool) == []
    assert {r["service"]: r["amount"] for r in tool.show("offramps")} == {"Binance": "50000000"}


@pytest.mark.parametrize(
    ("moves", "lists"),
    [
        ([("dep", "hot", 80)], labels(DEPOSIT, ("hot", "Kraken", "hot-wallet", "exchange"))),
        ([], labels(DEPOSIT)),
        ([("own", "x", 20)], labels(DEPOSIT)),
    ],
)
def test_one_that_pays_its_service_alone_is_told_as_before(
    moves: list[tuple[str, str, int]], lists: str, tool: Tool
) -> None:
    worked(tool, [("victim", "own", 100), ("own", "dep", 80), *moves], lists)
    assert stopped(tool) == []
    assert [f for f in tool.show("findings") if f["kind"] == "shown-beyond"] == []
    assert "paying" not in tool.text("letters/kraken-preserve-v1.txt").split("against it")[-1].split("Why now")[0]


def test_what_was_paid_before_the_value_came_is_no_part_of_it(tool: Tool) -> None:
    moves = [("victim", "own", 100), ("z", "dep", 9), ("dep", "p", 9), ("own", "dep", 80)]
    worked(tool, moves, labels(DEPOSIT))
    assert stopped(tool) == []


def test_what_lies_at_one_is_told_alike_everywhere(tool: Tool) -> None:
    moves = [("victim", "own", 100), ("own", "dep", 80), ("own", "pay", 20), ("pay", "hot", 15)]
    worked(tool, moves, labels(DEPOSIT, ("hot", "Kraken", "hot-wallet", "exchange")), known=("own", "pay"))
    found = {r["through"]: r for r in tool.show("offramps")}
    assert (found[who("dep")]["amount"], found[who("dep")]["still"]) == ("80000000", "80000000")
    assert found[who("pay")]["still"] == "5000000"
    whole, letter = tool.text("report.md"), tool.text("letters/kraken-preserve-v1.txt")
    first = whole.split("## R1 ")[0].split("What no exhibit shows leaving")[1]
    assert f"Of 80.000000 USDT of traced value that came to {who('dep')} under rule fifo, 80.000000 USDT" in first
    assert cells(tool)[2:6] == ["80.000000", "80.000000", "80.000000", "0"]
    (freeze,) = [f for f in tool.show("findings") if (f["kind"], f["subject"]) == ("freezable", who("dep"))]
    assert (freeze["slots"]["amount"], freeze["slots"]["service"]) == ("80000000", "Kraken")
    assert f"the issuer of USDT, about {who('dep')}" in whole.split("## R1 ")[0]
    assert f"{who('dep')} →" in letter or f"→ {who('dep')}" in letter
    # One of two addresses pays: what came in there is said of that one.
    assert "20.000000 USDT of traced value came in at 1 address of these, which pays those wallets" in letter
