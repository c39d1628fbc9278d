"""What several deposit addresses of one service paid together counts once, and to that service alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.core.test_paid_bounds import in_all
from tests.core.test_statements import Tool, tool
from tests.core.test_versions_coins import CHAIN, LISTED, address, transaction

from recover.sealing import recover_verify as outside

__all__ = ["tool"]

CENT = 10**6
DEPOSITS = LISTED + "".join(f"{CHAIN},{address(name)},Kraken,k,deposit,exchange\n" for name in ("d1", "d2"))


@pytest.fixture
def joint(tool: Tool) -> Tool:
    """`d1` pays its traced coin whole to the service; then another of its and `d2`'s traced one pay it together,
    and somebody else."""
    own = transaction([("0" * 63 + "2", 0, "bank", 40 * CENT)], [("d1", 40 * CENT)], 1)
    lost = transaction([("0" * 63 + "1", 0, "victim", 90 * CENT)], [("x", 90 * CENT)], 2)
    coins = [(lost["txid"], 0, "x", 90 * CENT)]
    moved = transaction(coins, [("d1", 60 * CENT), ("d2", 30 * CENT)], 3)
    alone = transaction([(moved["txid"], 0, "d1", 60 * CENT)], [("hot", 60 * CENT)], 4)
    coins = [(own["txid"], 0, "d1", 40 * CENT), (moved["txid"], 1, "d2", 30 * CENT)]
    both = transaction(coins, [("hot", 35 * CENT), ("far", 20 * CENT), ("d2", 15 * CENT)], 5)
    made: list[dict[str, Any]] = [own, lost, moved, alone, both]
    tool.open(json.dumps(made), DEPOSITS)
    tool("loss", "--tx", f"{CHAIN}:{lost['txid']}:0")
    tool("run")
    return tool


def test_what_two_deposit_addresses_paid_together_counts_once_and_only_to_their_service(joint: Tool) -> None:
    assert in_all(joint, "service paid in all") == {"Kraken": str(95 * CENT)}
    assert in_all(joint, "service payments") == {"Kraken": "2"}


@pytest.mark.parametrize(("figure", "told"), [("service payments", "3"), ("service paid in all", str(126 * CENT))])
def test_the_outside_verifier_knows_the_most_that_they_paid_together(figure: str, told: str, joint: Tool) -> None:
    def wrong() -> list[str]:
        return [
            why for _, answer, why in outside.check(str(joint.case)) if answer == outside.FAILS and figure in why
        ]

    assert wrong() == []
    path = joint.case / "out/result.json"
    result = json.loads(path.read_bytes())
    (row,) = (row for row in result["totals"] if row["figure"] == figure)
    row["amount"] = told
    path.write_text(json.dumps(result, separators=(",", ":")))
    assert wrong()


def test_what_was_paid_on_with_coins_of_others_is_told_as_the_most(joint: Tool) -> None:
    told = "at most 0.20000000"
    assert f"show it paying {told} BTC on to others" in joint.text("letters/kraken-preserve-v1.txt")
    (gap,) = (one for one in joint.show("gaps") if one["code"] == "deposit-paid-on")
    assert f"show {told} BTC paid on from there" in gap["why"]
    assert "by transactions that spend coins of others too" in gap["why"]
    assert re.search(rf"{told}, all value \(F\d+\)", joint.text("report.html"))


def test_what_its_own_coins_alone_paid_on_is_told_as_it_is(tool: Tool) -> None:
    lost = transaction([("0" * 63 + "1", 0, "victim", 30 * CENT)], [("d2", 30 * CENT)], 2)
    on = transaction([(lost["txid"], 0, "d2", 30 * CENT)], [("far", 20 * CENT), ("d2", 9 * CENT)], 3)
    tool.open(json.dumps([lost, on]), DEPOSITS)
    tool("loss", "--tx", f"{CHAIN}:{lost['txid']}:0")
    tool("run")
    assert "show it paying 0.20000000 BTC on to others" in tool.text("letters/kraken-preserve-v1.txt")
    (gap,) = (one for one in tool.show("gaps") if one["code"] == "deposit-paid-on")
    assert "show 0.20000000 BTC paid on from there to others than its wallets after" in gap["why"]
    page = tool.text("report.html")
    assert "0.20000000, all value" in page
    assert "at most 0.20000000, all value" not in page
