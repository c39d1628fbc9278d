"""Custody held against orders and plans: what was handed over, in which money, and whether the plan came first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.core.test_statements import CHAIN, USDT, Tool, export, tool, tx, who
from tests.core.test_victims import ANNA, Desk, row

from recover.cli import main as program

__all__ = ["tool"]

AGENCY = f"{CHAIN}:{who('agency')}"
HELD = ("--address", AGENCY, "--asset", USDT, "--authority", "Order 1", "--by", "S")


def said(tool: Tool, command: str, *words: str, code: int = 0) -> Any:
    found = program.main([*command.split(), str(tool.case), *words, "--json"])
    out, err = tool.capsys.readouterr()
    assert found == code, out + err
    return json.loads(out)


def printed(path: Path) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(path).pages).split())


@pytest.fixture
def kept(tool: Tool, tmp_path: Path) -> tuple[Tool, str]:
    """40 of 50 are in custody: moved years before anybody planned it."""
    tool.open(export([("victim", "thief", 50), ("thief", "agency", 40)], ["thief", "agency"]))
    (name,) = Desk(tool, tmp_path).take(row(ANNA))["new"]
    tool("run", "--until", "find")
    place = ("--at", f"{CHAIN}:{who('thief')}", "--asset", USDT, "--authority", "W1", "--by", "A")
    said(tool, "plan set", *place)
    for one in "BC":
        said(tool, "plan destination", "S1", "--to", AGENCY, "--by", one, "--device", f"of {one}")
    said(tool, "custody record", "--tx", f"{CHAIN}:{tx(2)}", "--by", "S", "--out", str(tmp_path / "papers"))
    return tool, name


def test_more_handed_over_than_was_ordered_is_told_everywhere(kept: tuple[Tool, str], tmp_path: Path) -> None:
    tool, name = kept
    share = ("--asset", USDT, "--mode", "prorata_net")
    ordered = ("--record", "interim", "--authority", "Order 1", "--by", "N")
    said(tool, "allocate", *share, "--pool", "10.0", *ordered)
    assert said(tool, "custody hand-over", *HELD, "--units", "10.0", "--to", name)["beyond"] == []
    out = ("--out", str(tmp_path / "papers"))
    beyond = f"{name} was handed over 20.000000 USDT, and distributions ordered 10.000000 USDT."
    assert said(tool, "custody hand-over", *HELD, "--units", "10.0", "--to", name, *out)["beyond"] == [beyond]
    found = said(tool, "allocate", *share, "--pool", "5.0", *out)
    assert (found["handed"], found["beyond"]) == ({name: "20000000"}, [beyond])
    said(tool, "figures", *out)
    for paper in ("receipt-K3.pdf", "figures.pdf", "allocation.pdf"):
        assert beyond in printed(tmp_path / "papers" / paper), paper
    assert "Ordered before" in printed(tmp_path / "papers/allocation.pdf")


def test_money_is_read_in_minor_units_and_printed_in_its_currency(kept: tuple[Tool, str], tmp_path: Path) -> None:
    tool, name = kept
    money = ("--currency", "eur", "--money")
    refused = said(tool, "custody convert", *HELD, "--units", "4.0", *money, "99.50", code=2)
    assert (refused["error"]["code"], "minor units" in refused["error"]["what"]) == ("money-unreadable", True)
    said(tool, "custody convert", *HELD, "--units", "4.0", *money, "9950")
    out = ("--out", str(tmp_path / "papers"))
    said(tool, "custody hand-over", *HELD, *money, "5000", "--to", name, *out)
    receipt = printed(tmp_path / "papers/receipt-K3.pdf")
    assert "50.00 EUR" in receipt
    assert "By the account of money, now 49.50 EUR" in receipt
    assert "0.000000" not in receipt, "no units moved"
    found = said(tool, "figures", *out)
    assert found["money"] == {"EUR": {"brought": "9950", "handed": "5000", "held": "4950"}}
    assert found["assets"][USDT]["converted"] == "4000000"
    assert "99.50 EUR 50.00 EUR 49.50 EUR" in printed(tmp_path / "papers/figures.pdf")
    said(tool, "custody convert", *HELD, "--units", "1.0", "--currency", "JPY", "--money", "100")
    assert program.main(["custody", "show", str(tool.case)]) == 0
    assert "100 JPY" in tool.capsys.readouterr()[0], "a yen has no hundredths"


def test_a_plan_that_came_after_the_seizure_is_said_with_both_times(
    kept: tuple[Tool, str], tmp_path: Path
) -> None:
    tool, _ = kept
    paper = printed(tmp_path / "papers/certificate-K1.pdf")
    assert "only afterwards: seized at 2022-03-02 10:00 UTC" in paper
    assert any("seized at 2022-03-02 10:00" in one["said"] for one in said(tool, "custody show")["alerts"])
