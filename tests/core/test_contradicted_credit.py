"""A payment in on which exhibits disagree: no figure at or behind it is said to be the same under every rule."""

from __future__ import annotations

from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

AGREED = ("No rule can give another figure", "the same under every rule", "gives this same figure")


def moves(clean: int) -> list[tuple[str, str, int]]:
    return [("victim", "own", 1000), ("clean", "own", clean), ("own", "mid", 900), ("mid", "hot", 900)]


def test_figures_at_and_behind_it_are_not_said_to_agree(tool: Tool) -> None:
    both = (export(moves(n), ["own", "mid"]) for n in (700, 200))
    tool.open(*both, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    (gap,) = (g for g in tool.show("gaps") if g["code"] == "contradiction")
    # First in, first out takes the loss first by either; by the last in first out rule 500 more are of the other.
    assert list(gap["affects"].values()) == [str(500 * 10**6)]
    (row,) = (f["slots"] for f in tool.show("findings") if f["kind"] == "unsettled")
    assert (row["moves"], row["amount"]) == ("beside", str(500 * 10**6))
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    for said in AGREED:
        assert said not in page
        assert said not in letter
    first = tool.first()
    assert f"Exhibits 1, 2 disagree on transaction {tx(2)}, which pays into {who('own')}" in first
    assert "by at most 1,000.000000 USDT" in first
    assert "What is known against it" in letter
    assert "Exhibits disagree on a movement at an address that the value came through or is at." in letter
    # Once a person has settled it, the range of the rules stands again.
    tool("decide", tx(2), "--exhibit", "1", "--reason", "the bank's own list")
    tool("run")
    page = tool.text("report.html")
    assert "not settled: exhibits disagree" not in page
    assert "200.000000 USDT" in page


def test_no_bound_is_given_where_the_payment_itself_can_be_traced_value(tool: Tool) -> None:
    paid = [("v", "own", 100), ("u", "own", 30), ("own", "hot", 60)]
    tool.open(export(paid, ["own"]), export([("v", "own", 70)], ["v"]), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    page, letter = tool.first(), tool.text("letters/binance-preserve-v1.txt")
    assert "by at most" not in page
    assert "also by more than 30.000000 USDT. No bound is given." in page
    assert "from nothing to all of the value" not in letter
    assert "Value of other origins" not in letter, "what exhibits disagree on shows none"
    assert "also larger than all the traced value that is shown there" in letter


def test_one_that_traced_value_did_not_meet_moves_nothing(tool: Tool) -> None:
    both = (export([("victim", "own", 50), ("own", "hot", 50), ("x", "y", n)], ["own", "y"]) for n in (5, 6))
    tool.open(*both, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert "the same under every rule" in page
    assert "not settled: exhibits disagree" not in page


def test_where_a_later_payment_to_a_service_is_disputed_it_is_not_said_that_none_is_shown(tool: Tool) -> None:
    one = export([("victim", "own", 100), ("own", "mid", 60), ("mid", "hot", 60)], ["own", "mid"])
    two = export([("victim", "own", 100), ("own", "mid", 60), ("mid", "hot", 40), ("mid", "end", 20)], ["mid"])
    # The second shows more at mid than the first, whose claim falls everywhere: nothing is followed beyond own.
    tool.open(one, two, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = tool.text("report.md")
    assert "No traced value is shown to reach a service or a hub" not in page
    assert "Whether traced value reached a service or a hub is not settled" in tool.first()
    assert page.count("is not settled, under rule fifo") == 2, "R9 says what page 1 does"
