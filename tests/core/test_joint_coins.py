"""Transactions that spend coins of several: who is named as a payer, and by which coin a route goes."""

from __future__ import annotations

import csv
import json
import re
from itertools import pairwise
from typing import Any

import pytest
from tests.core.test_paid_bounds import begun
from tests.core.test_statements import OTHER, Tool, export, labels, tool, tx
from tests.core.test_versions_coins import LISTED, UNIT, address, transaction

from recover.trails import routed
from recover.trails import routes as ways

__all__ = ["tool"]


def mined(number: int, name: str, value: int) -> list[tuple[str, int, str, int]]:
    """A coin that no exhibit shows being made."""
    return [(f"{number:064x}", 0, name, value)]


def two_losses(tool: Tool) -> dict[str, Any]:
    """`a` holds 6 of one loss, `b` 3 of another; one transaction spends them and 4 of a stranger, 8 to `dep`."""
    one = transaction(mined(1, "victim", 6 * UNIT), [("a", 6 * UNIT)], 1)
    two = transaction(mined(2, "second", 3 * UNIT), [("b", 3 * UNIT)], 1)
    own = transaction(mined(3, "bank", 4 * UNIT), [("own", 4 * UNIT)], 1)
    coins = [(one["txid"], 0, "a", 6 * UNIT), (own["txid"], 0, "own", 4 * UNIT), (two["txid"], 0, "b", 3 * UNIT)]
    joint = transaction(coins, [("dep", 8 * UNIT), ("far", 5 * UNIT - 1000)], 2)
    swept = transaction([(joint["txid"], 0, "dep", 8 * UNIT)], [("hot", 8 * UNIT - 500)], 3)
    begun(tool, "lifo", one, two, then=[own, joint, swept])
    return joint


def routes(tool: Tool) -> dict[tuple[str, str], list[dict[str, str]]]:
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    with (tool.case / "out/annex/routes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["way"] != "largest":
                found.setdefault((row["loss"], row["through"]), []).append(row)
    return found


def test_a_route_goes_by_the_coin_that_brought_its_loss_and_joins_up(tool: Tool) -> None:
    two_losses(tool)
    (mine,) = [way for (loss, _), way in routes(tool).items() if loss == "L2"]
    assert [row["src"] for row in mine] == [address(name) for name in ("second", "b", "dep")]
    for way in routes(tool).values():
        assert all(before["dst"] == after["src"] for before, after in pairwise(way)), way
    page = tool.text("report.html")
    head = page.split("L2 to Kraken through")[1].split("Hop 3 of 3")[0]
    assert f"spends coins of {address('b')} together with coins of others" in head
    assert "(addresses in all, as far as exhibits name them: 3)" in head
    assert address("a") not in head
    assert f"{address('a')} paid" not in page


def test_a_later_output_is_not_told_as_taking_all_that_the_inputs_held(tool: Tool) -> None:
    joint = two_losses(tool)
    assert "The inputs (3) held" not in tool.text("report.html")
    (told,) = json.loads(tool("explain", address("far"), "--json")[1])
    (hop,) = [hop for hop in told["shortest"]["hops"] if hop["tx"] == joint["txid"]]
    assert (hop["held"]["balance"], hop["src"]) == (str(5 * UNIT), address("a"))
    assert hop["payers"] == [address(name) for name in ("a", "own", "b")]
    out = tool("explain", address("far"))[1]
    assert "its 3 inputs in order, less what outputs before this one took, held 5.00000000 BTC" in out
    assert f"what the route follows came in with coins of {address('a')}" in " ".join(out.split())


def test_flows_are_told_by_the_coins_that_carried_them(tool: Tool) -> None:
    joint = two_losses(tool)
    rows = [row for row in tool.show("flows") if row["tx"] == joint["txid"] and row["event"] == "move"]
    assert {(row["loss"], row["src"], row["amount"]) for row in rows} == {
        ("L1", address("a"), str(UNIT)),
        ("L1", address("a"), str(5 * UNIT - 1000)),
        ("L2", address("b"), str(3 * UNIT)),
    }


def test_a_flow_of_two_payers_is_a_row_of_each_and_adds_up(tool: Tool) -> None:
    one = transaction(mined(1, "victim", UNIT), [("a", UNIT)], 1)
    two = transaction([*mined(2, "victim", UNIT), *mined(3, "other", UNIT)], [("b", 2 * UNIT)], 1)
    coins = [(one["txid"], 0, "a", UNIT), (two["txid"], 0, "b", 2 * UNIT)]
    last = transaction(coins, [("hot", 3 * UNIT - 1000)], 2)
    begun(tool, "fifo", one, two, then=[last])
    moved = {(row["loss"], row["event"], row["src"]): row["amount"] for row in tool.show("flows")}
    assert moved["L1", "move", address("a")] == moved["L1", "end", address("a")] == str(UNIT)
    assert moved["L2", "move", address("b")] == moved["L2", "end", address("b")] == str(2 * UNIT - 1000)
    # Whose coin the loss was, of those that began it together, is in no exhibit.
    assert moved["L2", "start", None] == str(2 * UNIT)
    page = tool.text("report.html")
    assert "a transaction that spends coins of several (addresses, as far as exhibits name them: 2) paid" in page
    assert f"one or more of 2 {address('b')}" in " ".join(tool("show", "flows")[1].split())


def test_an_uninvolved_deposit_swept_together_is_no_hop(tool: Tool) -> None:
    """The stranger's deposit is the first input; the way to the exchange is by the other, and is printed."""
    lost = transaction(mined(1, "victim", 4 * UNIT), [("dep", 4 * UNIT)], 1)
    other = transaction(mined(2, "bank", 5 * UNIT), [("stranger", 5 * UNIT)], 1)
    coins = [(other["txid"], 0, "stranger", 5 * UNIT), (lost["txid"], 0, "dep", 4 * UNIT)]
    swept = transaction(coins, [("hot", 9 * UNIT - 3000)], 2)
    begun(tool, "fifo", lost, then=[other, swept])
    ((_, through),) = routes(tool)
    assert through == address("dep")
    assert [row["src"] for row in routes(tool)["L1", through]] == [address("victim"), address("dep")]
    (told,) = json.loads(tool("explain", address("hot"), "--json")[1])
    assert [hop["src"] for hop in told["shortest"]["hops"]] == [address("victim"), address("dep")]
    assert f"{address('stranger')} paid" not in tool.text("report.html")
    assert tool("verify")[0] in (0, 6)


def test_routes_to_two_hubs_without_a_name_are_two(tool: Tool) -> None:
    moves = [("victim", "own", 500), ("own", "hub", 250), ("own", "pool", 50)]
    named = labels(("hub", "X", "hot-wallet", "exchange"), ("pool", "Y", "hot-wallet", "exchange"))
    there = "eip155:56"
    tool.open(export(moves, ["own"], OTHER).replace("eip155:1", there), named)
    asset = OTHER.replace("eip155:1", there)
    assert tool("loss", "--tx", f"{there}:{tx(1)}", "--asset", asset)[0] == 0
    tool("run")
    assert {row["service"] for row in tool.show("offramps")} == {None}
    page = tool.text("report.html")
    heads = re.findall(r"L1 to hub (\S+), which no accepted label names, through .*?\(hops: (\d)\)\. (\d+)", page)
    assert sorted((hops, least) for _, hops, least in {*heads}) == [("2", "250"), ("2", "50")]
    assert len({hub for hub, *_ in heads}) == 2


@pytest.mark.parametrize("rule", ["fifo", "lifo", "prorata"])
def test_no_route_carries_more_through_an_address_than_its_coins_brought(rule: str, tool: Tool) -> None:
    """Both coins are of one loss: a route by each says just what the rule took of its coin."""
    lost = transaction(mined(1, "victim", 2 * UNIT), [("m", 2 * UNIT)], 1)
    parted = transaction([(lost["txid"], 0, "m", 2 * UNIT)], [("a", UNIT), ("b", UNIT)], 2)
    coins = [(parted["txid"], 0, "a", UNIT), (parted["txid"], 1, "b", UNIT)]
    last = transaction(coins, [("hot", UNIT), ("far", UNIT - 1000)], 3)
    begun(tool, rule, lost, then=[parted, last])
    told = {through: int(way[0]["least"]) for (_, through), way in routes(tool).items()}
    # The last input leaves first under last in, first out.
    half = {address("a"): UNIT // 2, address("b"): UNIT // 2}
    assert told == {"fifo": {address("a"): UNIT}, "lifo": {address("b"): UNIT}, "prorata": half}[rule]
    for (_, through), way in routes(tool).items():
        assert way[-1]["src"] == through
        assert way[0]["least"] == way[0]["ended"], way


def test_value_last_arrived_when_the_coins_still_there_did(tool: Tool) -> None:
    """Both coins that came first are spent; what is left is change of the last payment."""
    lost = transaction(mined(1, "victim", 6 * UNIT), [("a", 6 * UNIT)], 1)
    parted = transaction([(lost["txid"], 0, "a", 6 * UNIT)], [("hot", 2 * UNIT), ("a", 4 * UNIT)], 2)
    last = transaction([(parted["txid"], 1, "a", 4 * UNIT)], [("hot", UNIT), ("a", 3 * UNIT - 1000)], 5)
    tool.open(json.dumps([lost, parted, last]), LISTED)
    tool("loss", "--address", address("a"))
    tool("run")
    (told,) = [row for row in tool.show("findings") if row["kind"] in ("at-rest", "not-seen-leaving")]
    assert told["slots"]["seen"] == "2024-04-30T18:50:00Z"
    assert "where traced value last arrived on 2024-04-30T18:50:00Z" in tool.text("report.html")


def letter(tool: Tool) -> tuple[str, list[dict[str, str]]]:
    folder = tool.case / "out/letters"
    text = " ".join((folder / "kraken-preserve-v1.txt").read_text("utf-8").split())
    return text, list(csv.DictReader((folder / "kraken-preserve-v1.csv").read_text("utf-8").splitlines()))


def test_a_letter_gives_no_customer_what_coins_of_another_paid(tool: Tool) -> None:
    """Of an output of 8.99997 its own coins can have paid 4 at most, and it says that others' brought 5."""
    lost = transaction(mined(1, "victim", 4 * UNIT), [("dep", 4 * UNIT)], 1)
    other = transaction(mined(2, "bank", 5 * UNIT), [("stranger", 5 * UNIT)], 1)
    coins = [(other["txid"], 0, "stranger", 5 * UNIT), (lost["txid"], 0, "dep", 4 * UNIT)]
    begun(tool, "fifo", lost, then=[other, transaction(coins, [("hot", 9 * UNIT - 3000)], 2)])
    text, rows = letter(tool)
    assert {
        (r["address"], r["raw_amount"], r["amount"], r["others_amount"]) for r in rows if r["direction"] == "out"
    } == {(address("dep"), str(4 * UNIT), "4.00000000", str(5 * UNIT))}
    assert "at most 4.00000000 BTC" in text.split("Payments from those not called deposit addresses")[1]
    assert "with coins of others, which brought 5.00000000 BTC" in text
    assert "with coins of others; the output names no payer" in text, "the way is printed, by the customer's coin"
    assert "No way is set out" not in text
    assert address("stranger") not in text
    assert "and others_amount what those of others did" in text


REASONS = {
    "large": "this case holds too many movements for that",
    "rank": "others had more",
    "many": "too many to be told apart",
}


@pytest.mark.parametrize("why", REASONS)
def test_the_reason_for_no_way_is_the_one_that_holds(
    why: str, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, module, limit in (
        ("large", routed, "MOVEMENTS"),
        ("rank", routed, "ROUTES"),
        ("many", ways, "PIECES"),
    ):
        if name == why:
            monkeypatch.setattr(module, limit, 0)
    lost = transaction(mined(1, "victim", 2 * UNIT), [("m", 2 * UNIT)], 1)
    parted = transaction([(lost["txid"], 0, "m", 2 * UNIT)], [("a", UNIT), ("b", UNIT)], 2)
    coins = [(parted["txid"], 0, "a", UNIT), (parted["txid"], 1, "b", UNIT)]
    last = transaction(coins, [("hot", UNIT // 2), ("far", UNIT // 3)], 3)
    begun(tool, "fifo", lost, then=[parted, last])
    said = letter(tool)[0].split("No way is set out movement by movement")[1].split("A row of movements")[0]
    assert [name for name, words in REASONS.items() if words in said] == [why]
