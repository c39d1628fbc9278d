"""What several deposit addresses of one service paid together counts once, and to that service alone."""

from __future__ import annotations

import json
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
