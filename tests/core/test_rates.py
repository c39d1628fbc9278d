"""A name has the error rate of its own grade, for its own reason, or none: in `why`, and in the papers."""

from __future__ import annotations

import json

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

from recover.findings import cards
from recover_heuristics_account.deposits import DepositAddress

__all__ = ["tool"]

Move = tuple[str, str, int]
CARD = DepositAddress.info.card
ONE, TWO = (
    [("victim", "own", 50), ("own", "hot", 50)],
    [("victim", "own", 50), ("own", "hot", 30), ("own", "hot", 20)],
)
DEPOSIT = ("own", "OKX", "deposit", "exchange")


def rates(tool: Tool, moves: list[Move], *files: str, name: str = "own") -> str:
    tool.open(export(moves, ["own"]), *files)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    remarks = json.loads(tool("why", who(name), "--json")[1])["remarks"]
    return "\n".join(one for one in remarks if "rate" in one)


@pytest.mark.parametrize(("moves", "grade"), [(TWO, "C"), (ONE, "D")])
def test_why_gives_the_rate_of_the_names_own_grade(
    tool: Tool, moves: list[tuple[str, str, int]], grade: str
) -> None:
    said = rates(tool, moves, labels(EXCHANGE))
    assert said.startswith(
        f"Error rate of the rule deposit-address at grade {grade}: {cards.rate(CARD, grade)} (95 %"
    )
    assert "made-up wallets" in said
    other = cards.rate(CARD, "D" if grade == "C" else "C")
    assert other.split(",")[0] not in said


def test_a_weak_name_for_another_reason_than_was_measured_has_no_rate(tool: Tool) -> None:
    said = rates(tool, TWO, labels(EXCHANGE, grade="D"))
    assert "at grade D: not measured, as it has this grade for a reason that no trial had" in said
    assert "95 %" not in said


def test_a_name_that_a_label_gives_is_not_measured_and_says_so(tool: Tool) -> None:
    said = rates(tool, TWO, labels(EXCHANGE), name="hot")
    assert said.startswith("Error rate of what labels say at grade B: not measured")


def test_a_name_that_was_lowered_has_no_rate(tool: Tool) -> None:
    said = rates(tool, TWO, labels(EXCHANGE), labels(DEPOSIT, grade="A"))
    assert "Error rate of what labels say at grade A: not measured" in said
    assert "The name stands at grade D, which none of these gave: its rate is not measured." in said
    assert "right " not in said


def test_the_report_gives_rates_by_grade_and_none_over_all(tool: Tool) -> None:
    rates(tool, TWO, labels(EXCHANGE))
    page = tool.text("report.md").split("## R13 ")[1].split("## R14 ")[0]
    for grade in cards.by_grade(CARD):
        assert grade in page
    assert CARD is not None
    assert CARD.tp is not None
    assert CARD.fp is not None
    pooled = cards.wilson(CARD.tp, CARD.tp + CARD.fp)
    assert f"{CARD.tp} of {CARD.tp + CARD.fp}" not in page
    assert not any(bound in page for bound in pooled)
    assert "over all grades: n " in page
    assert f"accuracy_account.py, {CARD.measured}" in page.replace("\\", "")


def test_a_rule_that_the_case_asks_otherwise_has_no_rate_and_its_own_parameters_are_printed(tool: Tool) -> None:
    tool.open(export(ONE, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    settings = tool.case / "case.toml"
    settings.write_text(
        settings.read_text().replace("[parameters]\n", "[parameters.deposit-address]\nsweeps = 1\n")
    )
    tool("run")
    said = "".join(json.loads(tool("why", who("own"), "--json")[1])["remarks"])
    assert "the rule deposit-address at grade C: not measured (no measurement fits this case)" in said
    method, errors = (tool.text("report.md").split(f"## {name} ")[1] for name in ("R7", "R13"))
    assert "sweeps = 1 (transfers to the service's wallets needed for grade C)" in method
    assert "sweeps = 2" not in method
    assert "164 of 181" not in errors.split("## R14 ")[0]
