"""What papers said that was not so: rows of payments on a chain of coins, losses that exceed their payment."""

from __future__ import annotations

import pytest
from tests.core.test_left_open import begun, listed
from tests.core.test_statements import Tool, tool, tx
from tests.core.test_versions import slots

__all__ = ["tool"]

BITCOIN = "bip122:000000000019d6689c085ae165831e93"
VICTIM, HELD = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
PAID, CHANGE = "12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S", "1dice8EMZmqKvrGE4Qc9bUFf9PX3xaYDp"


def coins() -> str:
    lines = [
        "#recover-transfers 1",
        "#source: a test",
        "#licence: none needed",
        "#history: complete",
        "#until: 2022-04-01T00:00:00Z",
    ]
    lines.append("view,chain,tx,time,from,to,asset,amount,decimals,symbol,status")
    for n, src, dst, amount in ((1, VICTIM, HELD, 100), (2, HELD, PAID, 60), (2, HELD, CHANGE, 39)):
        row = (HELD, BITCOIN, f"{n:064x}", f"2022-03-{n:02d}T10:00:00.000Z", src, dst, f"{BITCOIN}/slip44:0")
        lines.append(",".join([*row, str(amount * 10**8), "8", "BTC", "ok"]))
    return "\n".join(lines) + "\n"


def test_rows_of_payments_show_nothing_at_rest_on_a_chain_of_coins(tool: Tool) -> None:
    tool.open(coins())
    assert tool("loss", "--tx", f"{BITCOIN}:{1:064x}", "--asset", "BTC")[0] == 0
    assert tool("run", "--until", "find")[0] == 5
    assert not slots(tool, "at-rest"), "the fee is not left there"
    codes = [gap["code"] for gap in tool.show("gaps")]
    assert codes.count("coins-by-transfers") == 1
    assert "history-not-collected" in codes


def test_histories_that_disagree_are_worked_out_both_ways_and_have_an_act(tool: Tool) -> None:
    paid = (2, "own", "hot", 100)
    lost = (1, "victim", "own", 100)
    ended = "#history: complete\n#until: 2022-04-01T00:00:00Z"
    files = [listed(moves, ["own"]).replace("#history: complete", ended) for moves in ([lost], [lost, paid])]
    assert begun(tool, *files) == 5
    assert [one["least"] for one in slots(tool, "by-version")] == ["0"]
    assert tool("run")[0] == 5
    assert "Settle whether what exhibit 1 lacks took place" in tool.text("report.md")


@pytest.mark.parametrize("first", ["100", "41"])
def test_losses_of_one_payment_are_refused_where_they_exceed_it(tool: Tool, first: str) -> None:
    tool.open(listed([(1, "victim", "own", 100)], ["own"]))
    said = ("loss", "--tx", tx(1), "--asset", "USDT", "--amount")
    assert tool(*said, f"{first}.0", "--label", "one")[0] == 0
    code, _, err = tool(*said, "60.0", "--label", "two")
    assert (code, "code: loss-too-large" in err) == (2, True)
    assert f"Loss L1 claims {first}.000000 USDT, this one 60.000000 USDT" in err
    assert "100.000000 USDT moved" in err
    assert "recover claims add" in err
    fits = 100 - int(first)
    if fits:
        assert tool(*said, f"{fits}.0", "--label", "two")[0] == 0
