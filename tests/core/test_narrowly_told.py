"""Papers tell payments by what carried traced value, losses with every limit, disputes by each transaction."""

from __future__ import annotations

import csv
import io
import json

from tests.core.catalogued import OKX
from tests.core.test_opposed import listed, row
from tests.core.test_statements import EXCHANGE, USDT, Tool, labels, tool, tx, who
from tests.core.test_versions_coins import CHAIN, LISTED, UNIT, address, transaction

__all__ = ["tool"]

M = 10**6


def sheet(tool: Tool, letter: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((tool.case / f"out/letters/{letter}.csv").read_text())))


def test_the_first_payment_told_is_the_first_that_carried_traced_value_and_a_loss_has_its_limits(
    tool: Tool,
) -> None:
    before = row("own", 1, "01T09:00:00", "own", "hot", 5)
    came, paid = (row("own", 2, "01T10:00:00", "v", "own", 50), row("own", 3, "01T11:00:00", "own", "hot", 50))
    tool.open(listed(before, came, paid), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", USDT, "--from", "2022-03-01T09:30:00Z", "--label", "one")
    tool("run")
    letter = (tool.case / "out/letters/binance-preserve-v1.txt").read_text()
    told = [line for line in letter.splitlines() if "first payment from there" in line]
    assert [tx(3) in line and "to your wallets that carried traced value" in line for line in told] == [True]
    assert "every inflow; USDT; from 2022-03-01T09:30:00Z" in letter


def test_a_coin_payment_that_carried_nothing_is_in_no_table_of_what_did(tool: Tool) -> None:
    lost = transaction([("0" * 63 + "1", 0, "victim", UNIT)], [("own", UNIT)], 2)
    paid = transaction([(lost["txid"], 0, "own", UNIT)], [("hot", UNIT)], 3)
    other = transaction([("0" * 63 + "2", 0, "own", UNIT)], [("hot", UNIT)], 1)
    tool.open(json.dumps([lost, paid, other]), LISTED)
    tool("loss", "--tx", f"{CHAIN}:{lost['txid']}:0")
    tool("run")
    assert [r["tx_hash"] for r in sheet(tool, "kraken-preserve-v1") if r["direction"] == "out"] == [paid["txid"]]
    assert other["txid"] not in tool.text("letters/kraken-preserve-v1.txt")


def test_every_transaction_that_a_history_lacks_took_place_or_did_not_by_itself(tool: Tool) -> None:
    """500 come in, 500 go out, then 1,000 of a loss: by one whole history only the loss and 900 to a service."""
    before = [row("own", 1, "01T08:00:00", "p", "own", 500), row("own", 2, "01T09:00:00", "own", "x", 500)]
    both = [row("own", 3, "01T10:00:00", "v", "own", 1000), row("own", 4, "01T11:00:00", "own", "hot", 900)]
    after = row("own", 5, "01T12:00:00", "own", "two", 100)
    tool.open(listed(*before, *both, after), listed(*both), labels(EXCHANGE, OKX))
    tool("loss", "--tx", tx(3), "--asset", "USDT")
    tool("run")
    found = [(f["subject"], f["slots"]) for f in tool.show("findings") if "by-version" in f["kind"]]
    assert {subject: (int(s["least"]) // M, int(s["most"]) // M, s["tried"]) for subject, s in found} == {
        "Binance": (400, 900, "all"),
        "OKX": (0, 100, "all"),
        who("own"): (0, 600, "all"),
    }
    page = tool.first()
    assert "by every combination (8 worked out)" in page
    assert (
        "between 400.000000 USDT and 900.000000 USDT of traced value reaches wallets attributed to Binance" in page
    )
    assert "the same under every rule" not in page


def test_settling_moves_what_no_version_is_followed_for_though_all_versions_agree(tool: Tool) -> None:
    """Two exhibits date the loss a minute apart: left open nothing begins, and either way 1,000 does."""
    moved = [row("own", 2, "01T11:00:00", "own", "hot", 1000)]
    one, two = (row("own", 1, f"01T10:0{n}:00", "v", "own", 1000) for n in (0, 1))
    tool.open(listed(one, *moved), listed(two), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    (open_,) = (f["slots"] for f in tool.show("findings") if f["kind"] == "unsettled")
    assert (open_["moves"], int(open_["amount"])) == ("alike", 1000 * M)
    (gap,) = (g for g in tool.show("gaps") if g["code"] == "contradiction")
    assert gap["affects"] == {USDT: str(1000 * M)}
    acts = tool.first().split("What to do now")[1]
    assert "recover decide CASE TX" in acts
    assert "None follows" not in acts


def spent(tool: Tool) -> tuple[str, str, str]:
    """One coin of a loss, spent in one transaction by exhibit 1, in another by 2; its place, and both."""
    lost = transaction([("0" * 63 + "1", 0, "victim", UNIT)], [("own", UNIT)], 1)
    coin = (lost["txid"], 0, "own", UNIT)
    one, two = (transaction([coin], [(name, UNIT)], 2) for name in ("hot", "end"))
    tool.open(json.dumps([lost, one]), json.dumps([two]), LISTED)
    tool("loss", "--tx", f"{CHAIN}:{lost['txid']}:0")
    tool("run")
    return address("own"), one["txid"], two["txid"]


def test_an_exhibit_that_shows_a_coin_spent_otherwise_is_not_said_to_show_nothing_leaving(tool: Tool) -> None:
    place, one, two = spent(tool)
    page = tool.first()
    assert f"exhibit 2 does not show that transaction, and shows the same coin spent in {two}" in page
    assert "shows 0.00000000 BTC leaving" not in tool.text("report.md")
    (both,) = (f["slots"]["transactions"] for f in tool.show("findings") if f["kind"] == "spent-open")
    assert (sorted(both), place) == (sorted([one, two]), address("own"))
    gaps = [g["subject"] for g in tool.show("gaps") if g["code"] == "spent-unfollowed"]
    assert sorted(gaps) == sorted([one, two])


def three(tool: Tool) -> None:
    """Three exhibits disagree on one payment; the first alone claims the whole history, to a moment."""
    came, paid = row("own", 1, "01T10:00:00", "v", "own", 1000), row("own", 2, "01T11:00:00", "own", "hot", 600)
    left = row("own", 3, "01T12:00:00", "own", "hot", 400)
    whole = listed(came, paid, left).replace(
        "#history: complete\n", "#history: complete\n#until: 2022-03-05T00:00:00Z\n"
    )
    others = (paid.replace(who("own"), "", 1).replace("600000000", f"{n}000000") for n in (300, 500))
    tool.open(whole, *(listed(one).replace("#history: complete\n", "") for one in others), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")


def test_of_three_exhibits_that_disagree_all_are_named_and_what_is_left_has_its_range(tool: Tool) -> None:
    three(tool)
    (gap,) = (g for g in tool.show("gaps") if g["code"] == "contradiction")
    assert gap["why"] == "Exhibits 1, 2, 3 show it, and do not agree on what it moved."
    for text in (tool.text("report.md"), letter := tool.text("letters/binance-preserve-v1.txt")):
        assert "either version" not in text
    assert "0.000000 USDT to 300.000000 USDT: exhibits disagree on what left" in letter


def test_a_history_of_which_a_person_relied_on_another_exhibit_puts_nothing_at_rest(tool: Tool) -> None:
    three(tool)
    tool("decide", tx(2), "--exhibit", "3", "--reason", "a node of one's own")
    assert tool("run")[0] == 5
    page = tool.text("report.md")
    assert "at rest at" not in page
    assert "No exhibit that is relied on for all that it shows there states to what moment" in page
    (gap,) = (g for g in tool.show("gaps") if g["code"] == "not-seen-leaving")
    assert gap["subject"].endswith(who("own"))
    assert "100.000000 USDT may have moved on" in gap["effect"]


def test_of_a_wallet_that_lists_give_to_two_services_no_paper_says_that_no_letter_is_drafted(tool: Tool) -> None:
    moved = [row("own", 1, "01T10:00:00", "v", "own", 50), row("own", 2, "01T11:00:00", "own", "hot", 50)]
    other = labels(("hot", "Kraken", "hot-wallet", "exchange")).replace("#source: ", "#source: other ")
    tool.open(listed(*moved), labels(EXCHANGE), other)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    drafted = sorted(p.name for p in (tool.case / "out/letters").glob("*-enquiry-v1.txt"))
    page = tool.text("report.md")
    assert (drafted, "no letter to any of them asks more about it" in page) == (
        ["binance-enquiry-v1.txt", "kraken-enquiry-v1.txt"],
        True,
    )
    (gap,) = (g for g in tool.show("gaps") if g["code"] == "label-conflict")
    assert "drafted" not in gap["effect"]
