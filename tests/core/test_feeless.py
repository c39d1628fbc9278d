"""Who sends a transaction pays its fee in the chain's coin: without fees no exhibit shows what is left of that."""

from __future__ import annotations

from tests.core.test_statements import CHAIN, EXCHANGE, USDT, Tool, export, labels, tool, tx, who

from recover.sealing import recover_verify as outside

__all__ = ["tool"]

ETH = f"{CHAIN}/slip44:60"

MOVES = [("victim", "own", 100), ("own", "x", 30), ("own", "mid", 20)]


def worked(tool: Tool, asset: str, moves: list[tuple[str, str, int]]) -> int:
    until = "#history: complete\n#until: 2022-12-31T00:00:00Z"
    text = export(moves, ["own", "mid", "x"], asset).replace("#history: complete", until)
    text = text.replace(",6,USDT,", ",18,ETH,") if asset == ETH else text
    tool.open(text, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", asset)
    code = tool("run")[0]
    assert {answer for _, answer, _ in outside.check(str(tool.case))} == {outside.HOLDS}
    return code


def unpriced(tool: Tool) -> dict[str, str]:
    return {g["subject"]: g["why"] for g in tool.show("gaps") if g["code"] == "fees-not-shown"}


def resting(tool: Tool) -> dict[str, tuple[str, str]]:
    kinds = ("at-rest", "not-seen-leaving")
    return {f["subject"]: (f["kind"], f["slots"]["standing"]) for f in tool.show("findings") if f["kind"] in kinds}


def test_a_coin_whose_fees_nobody_shows_is_not_at_rest(tool: Tool) -> None:
    assert worked(tool, ETH, MOVES) == 5
    told = unpriced(tool)
    assert list(told) == [f"{CHAIN}:{who('own')}"], "what paid nothing had no fee to pay"
    assert "paid by 2 transactions of which no exhibit shows the fee" in told[f"{CHAIN}:{who('own')}"]
    assert resting(tool) == {
        who("own"): ("not-seen-leaving", "feeless"),
        who("x"): ("at-rest", "whole"),
        who("mid"): ("at-rest", "whole"),
    }
    page = tool.text("report.md")
    assert "No rule can give another figure" not in page
    assert "Last seen at addresses that paid by transactions whose fees are in no exhibit" in page
    assert "paid are in no exhibit (transactions: 2): it can hold less than what is shown." in page
    (own,) = [f for f in tool.show("findings") if (f["kind"], f["subject"]) == ("account", who("own"))]
    assert "at_rest" not in own["slots"]


def test_a_token_pays_no_fees(tool: Tool) -> None:
    assert worked(tool, USDT, MOVES) == 0
    assert (unpriced(tool), resting(tool)[who("own")]) == ({}, ("at-rest", "whole"))
    assert "No rule can give another figure" in tool.text("report.md")


def test_a_token_that_was_paid_out_costs_the_coin_too(tool: Tool) -> None:
    until = "#history: complete\n#until: 2022-12-31T00:00:00Z"
    coin = export([("victim", "own", 100)], ["own"], ETH).replace(",6,USDT,", ",18,ETH,")
    moved = export([("victim", "own", 100), ("own", "x", 5)], ["own"]).splitlines()[-1]
    tool.open((coin + moved + "\n").replace("#history: complete", until), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", ETH)
    assert tool("run")[0] == 5
    assert "paid by 1 transaction of which no exhibit shows the fee" in unpriced(tool)[f"{CHAIN}:{who('own')}"]


def test_an_export_that_lists_fees_settles_it(tool: Tool) -> None:
    until = "#history: complete\n#until: 2022-12-31T00:00:00Z"
    moves = [("victim", "own", 100), ("own", "x", 10)]
    text = export(moves, ["own", "x"], ETH).replace("#history: complete", until)
    heads: tuple[str, ...] = ("Transaction Hash", "Blockno", "UnixTimestamp", "DateTime (UTC)", "From", "To")
    heads += ("ContractAddress", "Value_IN(ETH)", "Value_OUT(ETH)", "TxnFee(ETH)", "Status", "ErrCode", "Method")
    row = (tx(2), "14300000", "1646215200", "2022-03-02 10:00:00", who("own"), who("x"), "", "0")
    cells = ((*heads,), (*row, "0.00000000001", "0.000000000001", "", "", "Transfer"))
    sent = "".join(",".join(f'"{cell}"' for cell in one) + "\r\n" for one in cells)
    tool.open(text.replace(",6,USDT,", ",18,ETH,"), labels(EXCHANGE), sent)
    tool("loss", "--tx", tx(1), "--asset", ETH)
    tool("run")
    assert unpriced(tool) == {}
    (own,) = [f for f in tool.show("findings") if (f["kind"], f["subject"]) == ("conservation", "L1")]
    assert own["slots"]["fee"] == "1000000"
    assert resting(tool)[who("own")] == ("at-rest", "whole")
