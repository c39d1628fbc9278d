"""What exhibits leave open: what each answer comes to, how much hangs on it, how it is settled."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

from tests.core.test_range_alike import RANGE
from tests.core.test_statements import CHAIN, EXCHANGE, USDT, Tool, labels, tool, tx, who
from tests.core.test_versions import number, slots, totals
from tests.core.test_versions_coins import CHAIN as COINS
from tests.core.test_versions_coins import LISTED, UNIT, transaction

from recover.case import open_for_reading
from recover.findings import view as views
from recover.findings.undecided import together
from recover.letters import drafts, paper
from recover.letters.life import Choice, Letter
from recover.letters.matter import Ways
from recover.plugins import registry
from recover.report import brief
from recover.report.elements import strings
from recover.report.texts import Texts
from recover.sdk import View

__all__ = ["tool"]

M = 10**6
KRAKEN = ("desk", "Kraken", "hot-wallet", "exchange")
Moves = list[tuple[int, str, str, int]]


def listed(moves: Moves, known: list[str]) -> str:
    """An export that claims the whole history of some wallets; each move with the number of its transaction."""
    lines = ["#recover-transfers 1", "#source: a test", "#licence: none needed", "#history: complete"]
    lines.append("view,chain,tx,time,from,to,asset,amount,decimals,symbol,status")
    for n, src, dst, amount in moves:
        for view in [who(name) for name in (src, dst) if name in known] or [""]:
            row = (view, CHAIN, tx(n), f"2022-03-{n:02d}T10:00:00.000Z", who(src), who(dst), USDT)
            lines.append(",".join([*row, str(amount * M), "6", "USDT", "ok"]))
    return "\n".join(lines) + "\n"


def begun(tool: Tool, *files: str, losses: tuple[tuple[str, ...], ...] = (("--tx", tx(1)),)) -> int:
    tool.open(*files, labels(EXCHANGE, KRAKEN))
    for loss in losses:
        assert tool("loss", *loss, "--asset", "USDT")[0] == 0
    return tool("run", "--until", "find")[0]


def span(tool: Tool, kind: str = "by-version") -> list[tuple[int, int, int]]:
    return [tuple(number(row[n]) for n in ("least", "most", "amount")) for row in slots(tool, kind)]  # type: ignore[misc]


def stakes(tool: Tool) -> list[int]:
    return [number(row["amount"]) for row in slots(tool, "unsettled")]


@cache
def plugins() -> registry.Plugins:
    return registry.load()


def view(tool: Tool) -> View:
    return views.load(open_for_reading(tool.case), plugins())


def first(tool: Tool, found: View | None = None, part: str = "R2") -> str:
    """What stands on the first pages of the report, drawn from the case as it is."""
    texts = Texts.load(plugins().templates["report"].folder, "en")
    made = brief.report(found or view(tool), texts)
    return "\n".join(strings(replace(made, sections=tuple(s for s in made.sections if s.id == part))))


def letter(tool: Tool, found: View | None = None, **said: Any) -> str:
    """What stands in a letter, drawn from the case as it is."""
    found = found or view(tool)
    desk = drafts.desk(list(plugins().templates.values()))
    choice = Choice(**{"id": "x-y", "basis": "none-voluntary", "kind": "preserve", **said})
    (m,) = drafts.matters(found, desk, Ways(found), choice, Letter(choice.id))
    return "\n".join(strings(paper.brief(m)))


# One coin, spent in two transactions.


def test_a_coin_that_two_exhibits_show_spent_otherwise_has_a_range_and_an_act_that_settles_it(tool: Tool) -> None:
    lost = transaction([("0" * 63 + "1", 0, "victim", 2 * UNIT)], [("own", UNIT), ("victim", UNIT - 1000)], 1)
    coin = (lost["txid"], 0, "own", UNIT)
    paid = transaction([coin], [("hot", 49_000_000), ("rest", 50_999_000)], 2)
    other = transaction([coin], [("end", UNIT - 2000)], 3)
    tool.open(json.dumps([lost, paid]), json.dumps([other]), LISTED)
    tool("loss", "--tx", f"{COINS}:{lost['txid']}:0")
    assert tool("run", "--until", "find")[0] == 5
    assert span(tool) == [(0, 49_000_000, 0)]
    (row,) = slots(tool, "unsettled")
    # Left open, all of it is spent; what either pays out elsewhere is all but the fee, which both pay.
    assert (row["by"], number(row["amount"]), number(row["between"])) == ("rival", UNIT, UNIT - 1000)
    page = first(tool)
    assert "which spend one coin" in page
    assert "between 0.00000000 BTC and 0.49000000 BTC of traced value reaches wallets attributed to Kraken" in page
    assert page.count("Exhibits show value leaving") == 1, "one contradiction, told once"
    both = " and ".join(sorted((paid["txid"], other["txid"])))
    assert f"Settle which of transactions {both} took place" in page
    assert "recover decide CASE TX" in page
    assert {
        gap["affects"][f"{COINS}/slip44:0"] for gap in tool.show("gaps") if gap["code"] == "contradiction"
    } == {str(UNIT)}
    assert tool("decide", other["txid"], "--exhibit", "2", "--reason", "a node")[0] == 0
    tool("run", "--until", "find")
    assert totals(tool).get("Kraken", 0) == 0
    assert slots(tool, "by-version") == [], "nothing is open any more"
    assert not [gap for gap in tool.show("gaps") if gap["code"] == "contradiction"]
    (said,) = slots(tool, "settled")
    assert (said["transaction"], said["rivals"]) == (other["txid"], [paid["txid"]])
    (otherwise,) = slots(tool, "settled-otherwise")
    assert (number(otherwise["otherwise"]), otherwise["rival"]) == (49_000_000, paid["txid"])
    assert f"If transaction {paid['txid']} had taken place as exhibit 1 shows it" in first(tool)


def test_what_can_have_been_together_is_tried_together() -> None:
    a, b, c = (("c", name) for name in "abc")
    against = {a: {b, c}, b: {a}, c: {a}}
    assert together([a, b, c], against) == [frozenset({a}), frozenset({b, c})]


# Histories of which one lacks what the other shows.

SHOWN: Moves = [(1, "victim", "own", 100), (2, "own", "mid", 60), (3, "mid", "hot", 60)]
OTHER: Moves = [(2, "own", "mid", 60), (4, "mid", "end", 20), (5, "x", "mid", 1)]


def test_a_payment_on_the_way_that_another_whole_history_lacks_has_a_range_and_an_act(tool: Tool) -> None:
    """By the second exhibit nothing was paid to the service; by the first all of it was, and by both some."""
    assert begun(tool, listed(SHOWN, ["own", "mid"]), listed(OTHER, ["mid"])) == 5
    assert span(tool) == [(0, 60 * M, 40 * M)]
    assert sorted(stakes(tool)) == [20 * M, 60 * M]
    page = first(tool)
    assert "between 0.000000 USDT and 60.000000 USDT of traced value reaches wallets attributed to Binance" in page
    assert "they are followed as they are shown: 40.000000 USDT" in page
    assert "Not settled: exhibits disagree on a movement that it may depend on." in page
    assert f"Settle whether what exhibit 2 lacks took place ({tx(3)})" in page
    assert "recover set-aside CASE N" in page
    paper_of = letter(tool, service="Binance", name="Binance")
    assert (
        "between 0.000000 USDT and 60.000000 USDT of traced value reaches wallets attributed to Binance"
        in paper_of
    )
    assert f"{who('mid')}: Exhibits 1 and 2 both claim the whole history of this address" in paper_of
    overdrawn = "At one moment this address had paid out more than the exhibits show coming in until then."
    assert f"{who('mid')}: {overdrawn}" in paper_of, "the letter says what the report does"
    assert overdrawn in first(tool)
    assert "Set aside the exhibit" not in paper_of, "what is to be done is not its addressee's"


def test_a_history_that_is_not_believed_is_not_said_to_be_in_no_exhibit(tool: Tool) -> None:
    """Each lacks what the other shows at mid: so the first is believed nowhere, though it alone claims own."""
    one = listed([*SHOWN, (6, "x", "mid", 5)], ["own", "mid"])
    assert begun(tool, one, listed(OTHER, ["mid"])) == 5
    assert span(tool) == [(0, 60 * M, 0)]
    page = first(tool)
    assert "whole history is in no exhibit" not in page
    assert "Obtain the whole history of" not in page, "it is here: which exhibit is right has to be settled"
    assert "At addresses whose whole history an exhibit claims to hold that another contradicts" in page
    assert f"Settle whether what exhibit 1 lacks took place ({tx(4)} and {tx(5)})" in page
    gaps = {gap["code"]: gap for gap in tool.show("gaps")}
    assert gaps["histories-differ"]["affects"] == {USDT: str(100 * M)}, "all of it hangs on that"
    why = gaps["history-not-collected"]["why"]
    assert "is contradicted by another. Exhibit 1 claims it, and lacks transaction" in why
    assert "is in no exhibit" not in why


# How much hangs on it.


def test_what_is_at_stake_is_what_stands_elsewhere_by_another_version(tool: Tool) -> None:
    """All that came to the address besides is nobody's version of it."""
    moves: Moves = [(1, "a", "own", 1000), (2, "b", "own", 500), (3, "c", "own", 1), (4, "own", "hot", 1201)]
    less = listed([(1, "a", "own", 700)], ["a"])
    begun(tool, listed(moves, ["own"]), less, losses=tuple(("--tx", tx(n)) for n in (1, 2, 3)))
    assert span(tool) == [(1201 * M, 1201 * M, 501 * M)], "both bring the service as much"
    (row,) = slots(tool, "unsettled")
    # Left open nothing of the loss begins; 300 more are left by the one than by the other.
    assert (stakes(tool), number(row["between"])) == ([1000 * M], 300 * M)
    acts = first(tool).split("Acts, those with most at stake first")[1]
    assert acts.count("Settle the contradiction") == 1
    assert "1,000.000000 USDT" in acts.split("Settle the contradiction")[1]
    # The letter of a party whose loss is open says so; one of all losses says what either version gives.
    said = "Exhibits disagree on the transaction of a loss that this letter is for, or on what came to its address"
    told = {losses: letter(tool, service="Binance", name="Binance", losses=losses) for losses in _LOSSES}
    assert [f"{said} (L1)" in told[losses] for losses in _LOSSES] == [True, False, False]
    assert "1,201.000000 USDT of traced value reaches wallets attributed to Binance" in told[()]


_LOSSES: list[tuple[str, ...]] = [("L1", "L2"), ("L2",), ()]


def test_where_no_version_moves_a_figure_it_is_not_said_to_be_open(tool: Tool) -> None:
    one, two = ([(1, "victim", "own", 100), (2, "own", "hot", 100), (3, "x", "own", n)] for n in (50, 40))
    assert begun(tool, listed(one, ["own"]), listed(two, ["own"])) == 0, "no figure could differ by it"
    (row,) = slots(tool, "unsettled")
    assert (row["moves"], row["transactions"]) == ("none", [tx(3)])
    assert slots(tool, "contradicted") == []
    page = first(tool)
    assert f"Exhibits 1, 2 disagree on transaction {tx(3)}. Whichever is right, no figure of traced value" in page
    assert "not settled" not in page.casefold()
    assert "Settle the contradiction" not in page
    assert "Exhibits disagree" not in letter(tool, service="Binance", name="Binance")
    (gap,) = (gap for gap in tool.show("gaps") if gap["code"] == "contradiction")
    assert (gap["affects"], gap["share"]) == ({}, 0)


# A loss on whose own transaction exhibits disagree.


def test_losses_on_whose_own_movements_exhibits_disagree_have_ranges(tool: Tool) -> None:
    """One by address; of the other one version moved less than was declared as lost."""
    one, two = (
        [(1, "victim", "own", n), (2, "own", "hot", 1000), (3, "v2", "mid", n), (4, "mid", "desk", 1000)]
        for n in (1000, 700)
    )
    lost = (("--address", who("own")), ("--tx", tx(3), "--amount", "900"))
    begun(tool, listed(one, ["own", "mid"]), listed(two, ["own", "mid"]), losses=lost)
    told = {row["service"]: row for row in slots(tool, "by-version")}
    ends = {name: (number(row["least"]), number(row["most"])) for name, row in told.items()}
    assert ends == {"Binance": (700 * M, 1000 * M), "Kraken": (900 * M, 900 * M)}
    assert {(number(row["runs"]), number(row["refused"]), row["tried"]) for row in told.values()} == {
        (2, 2, "some")
    }
    page = first(tool)
    assert "by every combination" not in page
    assert "By 2 more combinations a declared loss is larger than what then moved" in page
    assert f"Settle the contradiction on transaction {tx(1)}" in page


# What an issuer is asked, and what a person rejected.


def test_a_freeze_letter_says_what_is_left_by_each_version(tool: Tool) -> None:
    one, two = ([(1, "x", "own", n), (2, "victim", "own", 100), (3, "own", "desk", 60)] for n in (50, 40))
    begun(tool, listed(one, ["own"]), listed(two, ["own"]), losses=(("--tx", tx(2)),))
    assert span(tool, "left-by-version") == [(80 * M, 90 * M, 40 * M)]
    asked: dict[str, Any] = {"kind": "freeze-issuer", "name": "Tether", "addressee": "issuer"}
    said = letter(tool, **asked)
    assert f"between 80.000000 USDT and 90.000000 USDT of traced value is left at {who('own')}" in said
    assert "No version of it is in the figures of this letter" in said
    # What two exhibits state of one block stands with both.
    slots_: dict[str, Any] = {"balance": 30 * M, "balance_height": 7, "balances": (f"1|{30 * M}", f"2|{10 * M}")}
    found = view(tool)
    found = replace(found, findings=tuple(replace(f, slots={**f.slots, **slots_}) for f in found.findings))
    both = "30.000000 USDT by exhibit 1 and 10.000000 USDT by exhibit 2"
    assert f"{both} at block 7" in letter(tool, found, **asked)
    assert f"Exhibits state different balances there at block 7: {both}." in first(tool, found, "R8")


def test_report_and_letter_print_one_range_without_what_a_person_rejected(tool: Tool) -> None:
    moves: Moves = [(1, "victim", "own", 100), (2, "x", "own", 40), (3, "own", "hot", 60), (4, "own", "d", 40)]
    whole = listed([*moves, (5, "y", "d", 20), (6, "d", "hot", 30)], ["own", "d"])
    begun(tool, whole, listed(moves[:2], ["own"]))
    assert (slots(tool, "by-version"), slots(tool, "unsettled")) == ([], []), (
        "a history that ends before is no question"
    )
    mine = [f for f in tool.show("findings") if f["kind"] == "off-ramp" and f["subject"] == who("d")]
    assert tool("review", mine[0]["id"], "--reject", "--by", "Ann", "--reason", "her own wallet")[0] == 0
    tool("run", "--until", "find")
    page = first(tool)
    assert "Without what a person rejected, as letters have it, 60.000000 USDT of traced value reached" in page
    told = RANGE.findall(page.split("Without what a person rejected")[1])[0]
    assert RANGE.findall(letter(tool, service="Binance", name="Binance")) == [told] == [("20.000000", "60.000000")]
    police = letter(tool, kind="police-report", name="Police", addressee="police")
    assert RANGE.findall(police) == [told], "it is in no letter"
    went, left = police.split("Went to")[1].split("Left at")
    assert who("d") not in went
    assert f"{who('d')} · 10.000000 USDT" in left.split("Legal basis")[0], (
        "whose it is was rejected, not what is there"
    )
