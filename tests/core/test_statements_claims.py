"""Claims about rules, edges and gaps that small cases would make false."""

from __future__ import annotations

import re

from tests.core.test_statements import EXCHANGE, SWEEPS, USDT, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

RULES = "Every rule that may back a claim"


def test_what_measures_exposure_is_said_to_be_no_figure_and_is_left_out_of_ranges(tool: Tool) -> None:
    moves = [("victim", "own", 10), ("x", "own", 10), ("own", "hot", 20)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert {r["by_rule"].get("poison") for r in tool.show("rules")} == {None}
    report, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    assert f"{RULES} gives this same figure." in report
    assert "poison measures exposure" in report
    pdf = (tool.case / "out/letters/binance-preserve-v1.txt").read_text() + letter
    assert not re.search("rules? that (was|were) run", report.replace("Rules that were run", "") + pdf)


def test_no_zero_at_services_is_not_said_of_every_endpoint(tool: Tool) -> None:
    moves = [("victim", "own", 10), ("own", "hot", 5), ("own", "mid", 5), ("x", "mid", 5)]
    moves += [("mid", "e1", 5), ("mid", "e2", 5)]
    tool.open(export(moves, ["own", "mid"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    rows = tool.show("rules")
    zero = [r for r in rows if r["zero_under"]]
    page = tool.text("report.html")
    assert zero
    assert f"included ({len(rows)}), one rule or more gives zero at {len(zero)}:" in page
    assert "No rule that may back a claim gives zero for any address through which" in page
    assert "differs from rule to rule" in page
    assert "the tables hold" not in page


def test_with_several_losses_a_same_sum_is_not_said_of_each(tool: Tool) -> None:
    moves = [("v1", "own", 10), ("v2", "own", 10), ("own", "hot", 10), ("own", "end", 10)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    for number in (1, 2):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert f"{RULES} gives this same figure." not in page
    assert "For all losses together every rule that may back a claim gives this same figure; by loss" in page
    assert "L1 between 0.000000 USDT (lifo) and 10.000000 USDT (fifo)" in page
    assert "By loss, where the rules differ" in page


def test_what_is_not_followed_went_nowhere_and_no_rule_calls_it_zero(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 20)], ["hot"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    (row,) = tool.show("offramps")
    assert (row["credited"], row["amount"], row["unswept"], row["elsewhere"]) == ("50000000", "0", "0", "0")
    assert row["unfollowed"] == "50000000"
    page = tool.text("report.html")
    assert "50.000000 USDT of traced value came to 1 address paying into Binance, and is not foll" in page
    assert "the exhibits do not show whether traced value reached Binance: 50.000000 USDT" in page
    assert "consistent with 0" not in page
    assert "A reader who prefers such a rule" not in page
    assert "the whole of the figure for Binance" not in page
    assert not [f for f in tool.show("findings") if f["kind"] == "zero-under-rule"]
    assert "0.000000 USDT went elsewhere. Under rule fifo, a further 50.000000 USDT of it is not followed" in page


def test_a_private_wallet_is_nobodys_in_the_attributions_and_the_picture(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 20)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert "pays Binance" in page
    schedule = page[page.rindex("Attribution schedule") : page.rindex("Labels and assertions about")]
    assert who("own") not in schedule
    assert "are not called its deposit addresses (1 address): to it each may be a private wallet" in schedule
    assert "that pays nearly everything into Binance looks the same" not in page
    assert "it paid wallets attributed to Binance directly" in page
    assert "too long to print" not in page
    assert "before and after as hops.csv, and every outflow" in page


def test_a_deposit_address_is_attributed_and_so_drawn(tool: Tool) -> None:
    tool.open(export([*SWEEPS, ("victim", "dep", 50), ("dep", "hot", 50)], ["dep"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(5), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert "pays Binance" not in page
    schedule = page[page.rindex("Attribution schedule") : page.rindex("Labels and assertions about")]
    assert who("dep") in schedule
    assert "that pays nearly everything into Binance looks the same" in page


def test_what_came_to_the_service_itself_went_through_no_address(tool: Tool) -> None:
    tool.open(export([("victim", "hot", 50)], []), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert (
        f"50.000000 USDT of traced value arrived directly at {who('hot')}, a wallet attributed to Binance" in page
    )
    assert "traced value of 50.000000 USDT arrived directly at wallets attributed to Binance" in page
    assert "went on to" not in page[page.rindex("Findings") : page.rindex("Flow schedules")]
    assert "the address paid 0" not in page


def test_what_passes_a_place_again_is_not_counted_again(tool: Tool) -> None:
    """A gap is told with what can have been there at most: never more than the loss."""
    again = [("own", "mid", 50), ("mid", "own", 50)] * 2
    tool.open(export([("victim", "own", 50), *again, ("own", "e1", 20), ("own", "e2", 30)], ["own", "mid"]))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    gaps = [g for g in tool.show("gaps") if g["affects"]]
    assert gaps
    assert all(int(g["affects"].get(USDT, 0)) <= 50_000_000 for g in gaps)
    page = tool.text("report.html")
    ends = [g for g in gaps if g["code"] == "history-not-collected"]
    assert sorted(g["affects"][USDT] for g in ends) == ["20000000", "30000000"]
    assert "50.000000 USDT went to addresses whose whole history is in no exhibit (2)" in page
    assert "50.000000 USDT of traced value passed" not in page


def test_accounts_say_that_payments_to_itself_are_left_out(tool: Tool) -> None:
    moves = [("victim", "own", 50), ("own", "own", 50), ("own", "hot", 50)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert "What an address paid itself neither arrives nor leaves, and is counted below" in tool.text(
        "report.html"
    )
