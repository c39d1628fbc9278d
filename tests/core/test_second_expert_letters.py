"""What letters and the report said that the exhibits do not show: a small case for each kind of sentence."""

from __future__ import annotations

import pytest
from tests.core.test_contradicted_order import Dated, begun, listing
from tests.core.test_statements import EXCHANGE, Tool, labels, tool, tx, who

__all__ = ["tool"]


def letter(tool: Tool) -> str:
    return (tool.case / "out/letters/binance-preserve-v1.txt").read_text("utf-8")


def test_a_refund_is_dated_by_no_credit_before_the_value_reached_the_service(tool: Tool) -> None:
    moves: list[Dated] = [
        (1, "01T10", "victim", "a", 600, ""),
        (2, "01T11", "a", "hot", 600, ""),
        (3, "01T12", "hot", "victim", 500, ""),
    ]
    begun(tool, listing(moves, ("victim", "a")))
    said = next(line for line in letter(tool).splitlines() if "These withdrawals" in line)
    assert said.startswith("After traced value had reached them, wallets attributed to Binance paid an address")
    assert "500.000000 USDT in all" in said
    assert "2022-03-01T10" not in said


def test_a_letter_lists_no_loss_of_which_the_declared_rule_brought_nothing(tool: Tool) -> None:
    moves: list[Dated] = [
        (1, "01T10", "victim", "a", 100, ""),
        (2, "01T11", "other", "a", 70, ""),
        (3, "01T12", "a", "else", 100, ""),
        (4, "01T13", "a", "hot", 50, ""),
    ]
    tool.open(listing(moves, ("a",)), labels(EXCHANGE))
    for number in (1, 2):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run")
    said = letter(tool)
    # First in, first out: all of L1 went elsewhere, and of L2 50 went on and 20 rest.
    told = said[said.index("Losses that reached you, or are left at the addresses above") :]
    assert told.splitlines()[2].startswith("L2 |")
    assert not told.splitlines()[3].strip()
    assert "value of loss L2 began to move" in said
    assert "loss L1 began" not in said


@pytest.mark.parametrize(("shared", "proof"), [(True, "corroborated"), (False, "reported")])
def test_exhibits_agree_on_a_transaction_only_where_two_show_each_movement(
    shared: bool, proof: str, tool: Tool
) -> None:
    opened: Dated = (1, "01T10", "victim", "a", 100, "")
    first: Dated = (3, "01T12", "a", "pool", 60, "")
    second: Dated = (3, "01T12", "pool", "a", 59, "")
    tool.open(labels(EXCHANGE))
    for name, moves in (("X", [first, second] if shared else [first]), ("Y", [first, second][not shared :])):
        (tool.folder / f"{name}.csv").write_text(listing([opened, *moves] if name == "X" else moves))
        assert tool("import", str(tool.folder / f"{name}.csv"), "--obtained-from", f"{name} Ltd")[0] == 0
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    found = {row["id"]: row["proof"] for row in tool.show("transactions")}
    assert (found[tx(3)], found[tx(1)]) == (proof, "reported")
    assert ("agree on it" in tool.first()) is shared
    assert ("1 of these transactions stands in several exhibits" in tool.first()) is not shared


@pytest.mark.parametrize(("disputed", "deposit", "grade"), [(400, False, "D"), (20, True, "C")])
def test_a_payment_in_dispute_counts_against_the_share_that_makes_a_deposit_address(
    disputed: int, deposit: bool, grade: str, tool: Tool
) -> None:
    moves: list[Dated] = [
        (1, "01T10", "victim", "a", 1000, ""),
        (2, "01T11", "a", "hot", 300, ""),
        (3, "01T12", "a", "hot", 200, ""),
        (4, "01T13", "a", "else", disputed, ""),
    ]
    begun(tool, listing(moves, ("a",)), listing([(4, "01T13", "a", "third", disputed, "")]))
    (row,) = tool.show("offramps")
    assert (row["deposit"], row["grade"]) == (deposit, grade)
    assert "Payments on which exhibits disagree are left out of this share." in row["basis"]
    assert ("By a version of them" in row["basis"]) is not deposit
    assert f"{500 - disputed}.000000 USDT, whichever of the exhibits that disagree is right" in letter(tool)
    assert ("1 deposit address" in letter(tool)) is deposit


@pytest.mark.parametrize(("others", "more"), [(200, False), (400, True)])
def test_what_an_address_paid_through_the_services_own_address_went_to_no_other(
    others: int, more: bool, tool: Tool
) -> None:
    moves: list[Dated] = [
        (1, "01T10", "victim", "a", 1000, ""),
        (2, "01T11", "a", "dep", 200, ""),
        (3, "01T12", "a", "hot", 30, ""),
        (4, "01T13", "a", "else", others, ""),
    ]
    deposit = ("dep", "Binance", "deposit", "exchange")
    tool.open(listing(moves, ("a",)), labels(EXCHANGE, deposit))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    said = "it paid wallets attributed to Binance directly (payments: 1)"
    assert f"{who('a')}, in USDT: {said}" in page
    assert (f"{said}, " in page and f"others more (most: {who('else')}" in page) is more
