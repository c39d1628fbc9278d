"""An exhibit claims a whole history, and another shows more of it: both and the transfer are named."""

from __future__ import annotations

import pytest
from tests.core.test_opposed import listed, row
from tests.core.test_statements import CHAIN, EXCHANGE, Tool, labels, tool, tx, who

__all__ = ["tool"]

CAME = row("w", 1, "01T10:00:00", "victim", "w", 100)
SPENT = row("w", 2, "02T10:00:00", "w", "friend", 100)
CLEAN = row("w", 2, "02T10:00:00", "boss", "w", 100)
SWEPT = row("w", 3, "03T10:00:00", "w", "hot", 60)


def differing(tool: Tool, *files: str) -> list[str]:
    tool.open(*files, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    code = tool("run")[0]
    found = [g for g in tool.show("gaps") if g["code"] == "histories-differ"]
    assert {g["subject"] for g in found} <= {f"{CHAIN}:{who('w')}"}
    assert code == (5 if found else 0) or any(g["code"] != "histories-differ" for g in tool.show("gaps"))
    return [g["why"] for g in found]


@pytest.mark.parametrize("more", [SPENT, CLEAN])
@pytest.mark.parametrize("swapped", [False, True])
def test_a_transfer_that_one_whole_history_lacks_is_a_gap(more: str, swapped: bool, tool: Tool) -> None:
    whole, short = listed(CAME, more, SWEPT), listed(CAME, SWEPT)
    (why,) = differing(tool, *((short, whole) if swapped else (whole, short)))
    said, silent = (2, 1) if swapped else (1, 2)
    assert f"Exhibits {said} and {silent} both claim the whole history" in why
    assert f"shows transaction {tx(2)}, and exhibit {silent} does not" in why
    assert "histories-differ" in tool.text("report.html")


@pytest.mark.parametrize("swapped", [False, True])
def test_whether_a_history_was_taken_earlier_has_to_be_stated(swapped: bool, tool: Tool) -> None:
    short, whole = listed(CAME), listed(CAME, SPENT, SWEPT)
    (why,) = differing(tool, *((whole, short) if swapped else (short, whole)))
    said, silent = (1, 2) if swapped else (2, 1)
    assert f"exhibit {said} shows transaction {tx(2)} and 1 more after all that exhibit {silent} shows" in why
    assert "states no moment to which it is whole" in why


def test_a_history_that_states_an_earlier_moment_lacks_nothing(tool: Tool) -> None:
    short = listed(CAME).replace("#history: complete", "#history: complete\n#until: 2022-03-01T23:00:00.000Z")
    assert differing(tool, short, listed(CAME, SPENT)) == []


def test_a_history_that_another_partys_history_shows_to_lack_something_is_a_gap(tool: Tool) -> None:
    """Exhibit 2 is the friend's, and claims nothing of w; what it shows lies inside the period of w's history."""
    theirs = listed(row("friend", 2, "02T10:00:00", "w", "friend", 100))
    (why,) = differing(tool, listed(CAME, SWEPT), theirs)
    assert why.startswith("Exhibit 1 claims the whole history of this address")
    assert f"exhibit 2 shows transaction {tx(2)}, and exhibit 1 does not" in why


def test_what_another_party_shows_after_the_end_of_a_history_is_no_gap(tool: Tool) -> None:
    theirs = listed(row("friend", 2, "02T10:00:00", "w", "friend", 100))
    assert differing(tool, listed(CAME), theirs) == []


def test_histories_that_agree_or_that_claim_nothing_are_no_gap(tool: Tool) -> None:
    partial = listed(CAME, SWEPT).replace("#history: complete\n", "")
    assert differing(tool, listed(CAME, SPENT, SWEPT), partial) == []


def test_an_exhibit_whose_claim_is_false_at_one_address_is_believed_at_none(tool: Tool) -> None:
    """Exhibit 1 claims w and d and lacks a transfer of w: what reached d is not called whole, nor followed on."""
    sent = row("w", 4, "02T11:00:00", "w", "d", 60)
    here = row("d", 4, "02T11:00:00", "w", "d", 60)
    on = row("d", 5, "03T12:00:00", "d", "hot", 60)
    short, whole = listed(CAME, sent, here, on), listed(CAME, row("w", 2, "02T10:00:00", "w", "friend", 40), sent)
    (why,) = differing(tool, short, whole)
    assert "Exhibits 2 and 1 both claim" in why
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "histories-differ"]
    assert f"exhibit 1 claims to hold whole counts as not whole: {CHAIN}:{who('d')}." in gap["effect"]
    (ramp,) = [r for r in tool.show("offramps") if r["through"] == who("d")]
    assert (ramp["amount"], ramp["unfollowed"]) == ("0", "60000000")


def test_a_history_that_a_true_exhibit_claims_too_stays_whole(tool: Tool) -> None:
    here = (row("d", 4, "02T11:00:00", "w", "d", 60), row("d", 5, "03T12:00:00", "d", "hot", 60))
    sent = row("w", 4, "02T11:00:00", "w", "d", 60)
    short, whole = (
        listed(CAME, sent, *here),
        listed(CAME, row("w", 2, "02T10:00:00", "w", "friend", 40), sent, *here),
    )
    differing(tool, short, whole)
    (ramp,) = [r for r in tool.show("offramps") if r["through"] == who("d")]
    assert (ramp["amount"], ramp["unfollowed"]) == ("60000000", "0")
