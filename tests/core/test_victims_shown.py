"""What is shown of a payment, and what came back of it, is what the joined ledger says, once."""

from __future__ import annotations

from tests.core.test_victims import ANNA, Desk, row

__all__ = ["tool"]


def test_a_transfer_in_the_histories_of_both_sides_is_shown_once(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 50)], ["own", "victim"]))
    taken = Desk(tool, tool.folder).take(row(ANNA, amount="75"))
    (paid,) = taken["payments"]
    assert (paid["claimed"], paid["shown"], paid["state"]) == ("75000000", "50000000", "above the transaction")
    assert any("more than the transaction moved" in line for line in taken["told"])
    assert tool.show("losses")[0]["amount"] == "50000000"
