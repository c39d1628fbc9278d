"""Value in money: by prices that are exhibits, exact, at the moment that a rule names; what is missing is said."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.test_letters import SENDER, draft
from tests.core.test_statements import EXCHANGE, SWEEPS, USDT, Tool, export, labels, tx

from recover.report import worth

HEAD = "#recover-prices 1\n#source: Bank of Example\nasset,currency,time,price\n"


@pytest.fixture
def tool(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Tool:
    config = tmp_path / "recover.toml"
    config.write_text(SENDER)
    monkeypatch.setenv("RECOVER_CONFIG", str(config))
    made = Tool(tmp_path, capsys)
    made.open(export([*SWEEPS, ("victim", "dep", 50), ("dep", "hot", 50)], ["dep"]), labels(EXCHANGE))
    made("loss", "--tx", tx(5), "--asset", "USDT")
    return made


def priced(tool: Tool, *lines: str) -> str:
    file = tool.folder / "prices.csv"
    file.write_text(HEAD + "".join(f"{USDT},{line}\n" for line in lines))
    assert tool("import", str(file), "--as", "prices", "--obtained-from", "The bank's website")[0] == 0
    tool("run")
    assert draft(tool, "--until", "2027-06-30")[0] == 0
    return (tool.case / "out/letters/binance-preserve-v1.txt").read_text()


def test_a_letter_and_the_report_state_value_with_source_moment_and_rule(tool: Tool) -> None:
    said = priced(tool, "THB,2022-03-05T00:00:00Z,33.4567", "USD,2022-03-05T09:00:00Z,1.0001")
    for wanted in (
        "Value in money",
        "valued at the loss",
        "1,672.84 THB",  # 50 x 33.4567 = 1672.835, half to even
        "50.00 USD",  # 50 x 1.0001 = 50.005, half to even
        "33.4567 THB at 2022-03-05T00:00:00Z (source: Bank of Example; obtained from The bank's website)",
        "no price of USDT in THB in the 24 hours before 20",
    ):
        assert wanted in said, wanted
    assert "1,672.84 THB" in (tool.case / "out/report.html").read_text()
    assert tool("verify")[0] in (0, 5)


def test_a_missing_currency_an_old_price_and_two_that_differ_are_said(tool: Tool) -> None:
    said = priced(tool, "THB,2022-03-05T00:00:00Z,33", "THB,2022-03-05T00:00:00Z,34", "EUR,2022-03-01T00:00:00Z,1")
    assert "2 prices of USDT in THB at one moment" in said
    assert "no price of USDT in USD in the 24 hours before" in said
    assert "no price of USDT in EUR in the 24 hours before" in said


def test_a_case_without_prices_says_nothing_of_money(tool: Tool) -> None:
    tool("run")
    draft(tool)
    assert "Value in money" not in (tool.case / "out/letters/binance-preserve-v1.txt").read_text()


def test_a_price_that_came_late_is_no_change_of_the_evidence(tool: Tool) -> None:
    tool("run")
    assert "Changed after the first results" not in priced(tool, "THB,2022-03-05T00:00:00Z,33")


@given(st.integers(0, 2**256), st.integers(0, 10**30), st.integers(0, 18), st.integers(0, 18))
def test_a_value_is_the_exact_product_rounded_once(amount: int, price: int, decimals: int, scale: int) -> None:
    one = worth.Price(value=price, scale=scale, time=datetime(2024, 1, 1, tzinfo=UTC), exhibit=1)
    exact = Fraction(amount, 10**decimals) * one.exact
    shown = Fraction(worth.rounded(exact).replace(",", ""))
    assert abs(shown - exact) <= Fraction(1, 200)
