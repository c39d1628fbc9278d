"""Exhibits, and the register, that do not agree on what an asset is called or how it is counted."""

from __future__ import annotations

from tests.core.test_first_page_told import first
from tests.core.test_statements import EXCHANGE, OTHER, USDT, Tool, export, labels, tool, tx

__all__ = ["tool"]

MOVES = [("victim", "own", 100), ("own", "hot", 100)]


def said(tool: Tool) -> dict[str, dict[str, str]]:
    return {gap["code"]: gap for gap in tool.show("gaps")}


def test_an_exhibit_against_the_register_is_said_with_its_place(tool: Tool) -> None:
    other = export([("x", "y", 7)], []).replace(tx(1), tx(9)).replace(",6,USDT,", ",18,USDC,")
    tool.open(export(MOVES, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 0
    # The late exhibit alone brings the contradiction: it must not be taken in as a mere addition.
    (tool.folder / "late.csv").write_text(other)
    assert tool("import", str(tool.folder / "late.csv"))[0] == 0
    assert tool("run")[0] == 5
    found = said(tool)
    assert "the register 6, exhibit 3 (place 6) 18" in found["decimals-differ-registered"]["why"]
    assert "the register USDT, exhibit 3 (place 6) USDC" in found["symbol-differs-registered"]["why"]
    assert found["decimals-differ-registered"]["subject"] == USDT
    assert "decimals" in first(tool)
    differ = "this asset's symbol: the register USDT, exhibit 3 (place 6) USDC"
    assert f"USDT is the asset {USDT}." in first(tool)
    for name, times in (("report.md", 3), ("letters/binance-preserve-v1.txt", 1)):
        assert tool.text(name).count(differ) >= times, "on page 1, in R7 and R14; in a letter's assets"


def test_two_exhibits_that_name_a_token_differently_are_said_and_the_name_says_whose_it_is(tool: Tool) -> None:
    whole = export(MOVES, ["own"], OTHER).replace("USDT", "FOO")
    part = export([*MOVES, ("hot", "end", 1)], ["hot"], OTHER).replace(",6,USDT,", ",8,BAR,")
    tool.open(whole, part, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", OTHER)
    code, _, err = tool("run")
    assert code == 5, err
    found = said(tool)
    assert "exhibit 1 (place 6) FOO, exhibit 2 (place 6) BAR" in found["symbol-differs"]["why"]
    assert "exhibit 1 (place 6) 6, exhibit 2 (place 6) 8" in found["decimals-differ"]["why"]
    page = first(tool)
    assert "Where FOO went" in page
    assert f"FOO is what exhibit 1 (place 6) calls {OTHER}" in page
    assert "Where BAR went" not in page
    page = tool.text("report.md").split("## R2 ")[1].split("## R3 ")[0]
    assert f"FOO is the asset {OTHER}. Exhibits do not agree on this asset's decimals: exhibit 1" in page
    assert "Exhibits do not agree on this asset's symbol: exhibit 1 (place 6) FOO, exhibit 2 (place 6) BAR" in page


def test_an_amount_of_a_token_without_known_decimals_says_so(tool: Tool) -> None:
    tool.open(export(MOVES, ["own"], OTHER))
    code, _, err = tool("loss", "--tx", tx(1), "--asset", OTHER, "--amount", "1000.0")
    assert code == 2
    assert "no register says how many decimals" in err
    assert "--asset SYMBOL" not in err


def test_two_files_that_agree_say_why_they_are_one_source(tool: Tool) -> None:
    tool.open(export(MOVES, ["own"]), export(MOVES, ["own"]).replace("a test", "another"), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert "2 of these transactions stand in several exhibits; they count as one source" in first(tool)
