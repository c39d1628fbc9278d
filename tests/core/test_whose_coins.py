"""Coins of several addresses that bring value of one loss into one transaction: whose of them paid which output is
what the rule takes, as between losses. Every figure here is worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.core.test_joint_coins import mined, routes
from tests.core.test_paid_bounds import TWO
from tests.core.test_statements import Tool, tool
from tests.core.test_versions_coins import CHAIN, UNIT, address, transaction

__all__ = ["tool"]

C = UNIT // 100
RULES = ("fifo", "lifo", "prorata", "libr", "libr-fifo", "tainted_first")


def opened(tool: Tool, rule: str, made: list[dict[str, Any]], losses: list[str], until: str = "write") -> int:
    tool.open(json.dumps(made), TWO)
    settings = tool.case / "case.toml"
    settings.write_text(settings.read_text().replace('rule = "fifo"', f'rule = "{rule}"'))
    for one in losses:
        assert tool("loss", "--tx", f"{CHAIN}:{one}")[0] == 0
    return tool("run", "--until", until)[0]


def parted() -> list[dict[str, Any]]:
    """The victim pays `x` 0.9, and `x` pays `a` 0.6 and `b` 0.3."""
    lost = transaction(mined(1, "victim", 100 * C), [("x", 90 * C), ("victim", 10 * C)], 1)
    return [lost, transaction([(lost["txid"], 0, "x", 90 * C)], [("a", 60 * C), ("b", 30 * C)], 2)]


def two_services() -> list[dict[str, Any]]:
    """`a` and `b` together pay one service 0.6 and the other 0.3, without a fee."""
    lost, made = parted()
    coins = [(made["txid"], 0, "a", 60 * C), (made["txid"], 1, "b", 30 * C)]
    return [lost, made, transaction(coins, [("hot", 60 * C), ("hot2", 30 * C)], 3)]


def beside_clean() -> list[dict[str, Any]]:
    """0.6 of `a`, 0.5 of no loss, and 0.3 of `b` pay a service 0.7, `ch` 0.69 and a fee of 0.01."""
    lost, made = parted()
    own = transaction(mined(2, "bank", 50 * C), [("own", 50 * C)], 2)
    coins = [(made["txid"], 0, "a", 60 * C), (own["txid"], 0, "own", 50 * C), (made["txid"], 1, "b", 30 * C)]
    return [lost, made, own, transaction(coins, [("hot", 70 * C), ("ch", 69 * C)], 3)]


def test_each_rule_parts_one_loss_among_addresses_as_it_does_among_losses(tool: Tool) -> None:
    made = two_services()
    assert opened(tool, "fifo", made, [f"{made[0]['txid']}:0"]) == 0
    found = {
        (row["through"], row["service"]): tuple(int(row["by_rule"][rule]) // C for rule in RULES)
        for row in tool.show("offramps")
    }
    assert found == {  # fifo, lifo, prorata, libr, libr-fifo, tainted_first
        (address("a"), "Kraken"): (60, 30, 40, 40, 60, 60),
        (address("b"), "Kraken"): (0, 30, 20, 20, 0, 0),
        (address("a"), "Binance"): (0, 30, 20, 20, 0, 0),
        (address("b"), "Binance"): (30, 0, 10, 10, 30, 30),
    }
    paid = {row["through"]: row["elsewhere_at"] for row in tool.show("offramps") if row["service"] == "Binance"}
    assert paid == {address("a"): {address("hot"): str(60 * C)}, address("b"): {}}
    totals = {
        (row["subject"], row["service"]): int(row["amount"]) // C
        for row in tool.show("totals")
        if (row["figure"], row["rule"]) == ("traced", "fifo")
    }
    assert totals == {key: sums[0] for key, sums in found.items()}
    moved = [
        (row["src"], row["dst"], int(row["amount"]) // C)
        for row in tool.show("flows")
        if (row["tx"], row["event"]) == (made[-1]["txid"], "move")
    ]
    assert moved == [(address("a"), address("hot"), 60), (address("b"), address("hot2"), 30)]
    assert tool("verify")[0] in (0, 6)


def test_pages_routes_and_letters_say_what_the_rule_took(tool: Tool) -> None:
    made = two_services()
    opened(tool, "fifo", made, [f"{made[0]['txid']}:0"])
    page = tool.first()
    assert "No rule that may back a claim gives zero for any address through which value reached" not in page
    assert "Kraken in BTC at 1 of 2 addresses (fifo, libr-fifo and tainted_first)" in page
    ways = {key: (way[-1]["src"], way[0]["least"], way[0]["ended"]) for key, way in routes(tool).items()}
    assert ways == {
        ("L1", address("a")): (address("a"), str(60 * C), str(60 * C)),
        ("L1", address("b")): (address("b"), str(30 * C), str(30 * C)),
    }
    (told,) = json.loads(tool("explain", address("hot2"), "--json")[1])
    assert (told["largest"]["hops"][-1]["src"], told["largest"]["bottleneck"]) == (address("b"), str(30 * C))
    letter = " ".join(tool.text("letters/binance-preserve-v1.txt").split())
    assert f"{made[-1]['txid']}; " in letter
    assert address("a") not in letter, "first in, first out takes nothing of its coin for this payment"
    said = "0.30000000 BTC of this loss went all this way under rule ‘First in, first out’, of 0.30000000 BTC"
    assert f"Loss L1 by {address('b')} to the addressee, in 3 movements one after the other: {said}" in letter
    assert "No way is set out" not in letter
    assert "by its share" not in letter


PAID = {  # to the service, to `ch`, as the fee; of `a`, and of `b`
    "fifo": ((60 * C, 0, 0), (0, 29 * C, C)),
    "lifo": ((0, 59 * C, C), (30 * C, 0, 0)),
    "prorata": ((30 * C, 29571429, 428571), (15 * C, 14785714, 214286)),
    "libr": ((13333333, 46 * C, 666667), (6666667, 23 * C, 333333)),
    "libr-fifo": ((20 * C, 40 * C, 0), (0, 29 * C, C)),
    "tainted_first": ((60 * C, 0, 0), (10 * C, 20 * C, 0)),
}


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("rule", RULES)
def test_one_loss_or_two_give_an_address_the_same(rule: str, outputs: int, tool: Tool) -> None:
    """Declared where it was stolen, or as the two coins that it was parted into."""
    made = beside_clean()
    opened(tool, rule, made, [f"{made[outputs - 1]['txid']}:{n}" for n in range(outputs)], "find")
    rows = {row["through"]: row for row in tool.show("offramps")}
    found = tuple(
        (int(row["amount"]), int(row["elsewhere_at"].get(address("ch"), 0)), int(row["fees"]))
        for row in (rows[address(name)] for name in "ab")
    )
    assert found == PAID[rule]
    by_rule = tuple({name: int(n) for name, n in rows[address(name)]["by_rule"].items()} for name in "ab")
    assert by_rule == tuple({name: PAID[name][at][0] for name in RULES} for at in (0, 1))
    told = {row["subject"]: row["amount"] for row in tool.show("totals") if row["figure"] == "fees"}
    assert told == {address(name): str(PAID[rule][at][2]) for at, name in enumerate("ab")}


def test_inflow_that_keeps_another_loss_came_from_whose_coins_the_rule_took(tool: Tool) -> None:
    """`a` brings 1 of the one loss and a stranger 1 of none: first in, first out pays `dep` with the first."""
    lost = transaction(mined(1, "victim", UNIT), [("a", UNIT)], 1)
    own = transaction(mined(2, "bank", UNIT), [("own", UNIT)], 1)
    coins = [(lost["txid"], 0, "a", UNIT), (own["txid"], 0, "own", UNIT)]
    tool.open(json.dumps([lost, own, transaction(coins, [("dep", UNIT), ("far", UNIT)], 2)]), TWO)
    tool("loss", "--tx", f"{CHAIN}:{lost['txid']}:0")
    tool("loss", "--address", address("dep"))
    tool("run", "--until", "find")
    (one,) = tool.show("origins")
    assert (one["loss"], one["kind"], one["amount"], one["after"]) == ("L2", "loss", str(UNIT), str(UNIT))


@pytest.mark.parametrize("rule", ["prorata", "fifo"])
def test_one_output_that_coins_of_two_paid_is_one_payment(rule: str, tool: Tool) -> None:
    made = beside_clean()
    opened(tool, rule, made, [f"{made[0]['txid']}:0"])
    text = tool.text("letters/kraken-preserve-v1.txt")
    letter = " ".join(text.split())
    assert "that carried traced value: 1 of 1 in all" in letter
    assert ("made has a row of each, and counts once" in letter) is (rule == "prorata")
    assert letter.count("first payment from there to your wallets that carried traced value") == 1
    assert "last payment from there to your wallets" not in letter
    assert letter.count("was paid as its network fee") == (rule == "prorata"), "under the other, no fee of `a`"
    count = "2 addresses · 2 transactions" if rule == "prorata" else "1 address · 1 transaction"
    assert f"{count} credited them · 1 payment from them to you;" in letter
    sizes = (("a", 6), ("b", 3))
    head = " ".join(text.split("Look up:")[1].split("Legal basis:")[0].split())
    stood = [one.split("at most ")[1].split(" BTC")[0] for one in head.split("paid to you ")[1:]]
    assert stood == [f"0.{size}0000000" for _, size in (sizes if rule == "prorata" else sizes[:1])]
    assert [address(name) in head for name, _ in sizes] == [True, rule == "prorata"]
    portal = " ".join(tool.text("letters/kraken-preserve-v1-portal.txt").split())
    assert f"{address('a')}: at most 0.60000000 BTC" in portal, (
        "of one payment that is of several rows, whose it is"
    )
