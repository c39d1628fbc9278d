"""What is entered twice, above what was paid, or above what is held is told when it is entered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.core.test_statements import USDT, Tool, export, tool
from tests.core.test_victims import ANNA, SOMCHAI, Desk, row

from recover.cli import main as program

__all__ = ["tool"]

SHARE = ("--asset", USDT, "--pool", "30.0", "--mode", "prorata_net")


@pytest.fixture
def desk(tool: Tool) -> Desk:
    tool.open(export([("victim", "own", 50), ("other", "own", 30)], ["own"]))
    return Desk(tool, tool.folder)


def claim(desk: Desk, who: str, amount: str, *more: str) -> Any:
    words = ["claims", "add", str(desk.tool.case), "--claimant", who, "--asset", USDT, "--amount", amount]
    assert program.main([*words, *more, "--json"]) == 0
    return json.loads(desk.tool.capsys.readouterr()[0])


def test_a_payment_that_is_claimed_again_is_told(desk: Desk) -> None:
    (name,) = desk.take(row(ANNA))["new"]
    (told,) = claim(desk, name, "50.0")["told"]
    assert told.startswith(f"{name}.1 is counted by itself")
    assert "--loss L1" in told
    assert claim(desk, "Insurer", "5.0", "--loss", "L1", "--kind", "insurer")["told"] == []
    (twice,) = claim(desk, "Bank", "5.0", "--loss", "L1")["told"]
    assert twice.startswith("C2 is a claim for loss L1 too, and both count")
    (same,) = claim(desk, "Bank", "5.0", "--basis", "a mortgage")["told"]
    assert same.startswith("C3 is a claim of the same claimant and amount too")


def test_more_back_than_was_paid_is_told_at_intake(desk: Desk) -> None:
    told = desk.take(row(ANNA, rest=",,60,,") + row(SOMCHAI, 2, "30", rest=",,30,,"))["told"]
    (line,) = [line for line in told if "more back" in line]
    assert line.startswith("list.csv, line 2: ")
    assert "had more back (60) than was paid (50)" in line


def test_an_erased_identity_that_comes_again_has_no_second_payment(desk: Desk) -> None:
    (first,) = desk.take(row(ANNA) + row(ANNA, None, "7"))["new"]
    assert desk.do("erase", first, "--by", "N", "--reason", "asked")[0] == 0
    again = desk.take(row(ANNA) + row(ANNA, None, "7"))
    (second,) = again["new"]
    assert sum(f"identity of {first} was erased" in line for line in again["told"]) == 2
    code, out, _ = desk.tool("allocate", *SHARE, "--json")
    claims = {one["id"]: one["amount"] for one in json.loads(out)["claims"]}
    assert (code, claims["L1"], f"{second}.1" in claims) == (0, "50000000", False)


def test_an_extract_says_how_many_claims_there_are_and_a_stranger_is_no_empty_list(desk: Desk) -> None:
    one, _ = desk.take(row(ANNA) + row(SOMCHAI, 2, "30"))["new"]
    _, out, _ = desk.tool("allocate", *SHARE, "--only", one, "--json")
    assert json.loads(out)["counted"] == "1 of 2"
    code, out, _ = desk.do("list", "--only", "V-222222")
    assert (code, json.loads(out)["error"]["code"]) == (2, "no-victim")


def test_a_final_distribution_above_custody_and_a_key_for_nothing_are_told(desk: Desk) -> None:
    (name,) = desk.take(row(ANNA))["new"]
    ordered = ("--record", "final", "--authority", "Order 1", "--by", "N")
    _, _, err = desk.tool("allocate", *SHARE, *ordered)
    assert "D1 is final and orders 30.000000, and custody holds 0.000000" in err
    for words in (("show", name), ("petition", name, "--out", str(desk.folder / "p")), ("ways", name)):
        _, _, err = desk.do(*words, *desk.opens)
        assert "Nothing sealed was opened" in err, words
    _, _, err = desk.do("show", name, "--identity-too", *desk.opens)
    assert "Nothing sealed was opened" not in err
