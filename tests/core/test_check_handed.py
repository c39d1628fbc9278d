"""Claims as partners hand them over: workbooks of several sheets, broken cells, two words for one figure."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import xlsxwriter
from tests.core.test_check import claims, flow, opened, ready, usdt, worked
from tests.core.test_statements import CHAIN, USDT, Tool, export, tool, tx, who

__all__ = ["opened", "tool", "worked"]

HEAD = ["tx", "from", "to", "amount", "asset"]


def sheets(*named: tuple[str, list[list[Any]]]) -> bytes:
    """A workbook; a cell that begins with `=` is a formula whose value is an error."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for name, rows in named:
            sheet = book.add_worksheet(name)
            for n, cells in enumerate(rows):
                for m, cell in enumerate(cells):
                    if isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(n, m, cell, None, "#REF!")
                    else:
                        sheet.write(n, m, cell)
    return file.getvalue()


def row(amount: Any) -> list[Any]:
    return [tx(2), who("a"), who("b"), amount, USDT]


def test_no_sheet_of_a_workbook_is_passed_over(opened: Tool) -> None:
    book = sheets(("notes", [["read me"]]), ("flows", [HEAD, row(20)]), ("more", [HEAD, row(5)]))
    code, _, said = claims(opened, book, "c.xlsx")
    assert (code, said["error"]["code"]) == (2, "claims-unreadable")
    assert all(name in said["error"]["why"] for name in ("notes", "flows", "more"))
    path = opened.folder / "c.xlsx"
    for name, verdict, left in (("flows", "shown", 0), ("more", "contradicted", 5)):
        code, out, _ = opened("check", str(path), "--sheet", name, "--json")
        assert (code, [one["verdict"] for one in json.loads(out)["claims"]]) == (left, [verdict])
    assert opened("check", str(path), "--sheet", "none", "--json")[0] == 2


def test_a_broken_cell_is_no_cell_that_states_nothing(opened: Tool) -> None:
    book = sheets(("s", [HEAD, row(20), row("=A1"), row(20), row(1234567890123456.0)]), ("empty", []))
    code, rows, _ = claims(opened, book, "c.xlsx")
    assert [one["verdict"] for one in rows] == ["shown", "unreadable", "shown", "unreadable"]
    assert ("#REF!" in rows[1]["why"], "rounded" in rows[3]["why"], code) == (True, True, 2)


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"amount": "5", "units": "20000000"}, "unreadable"),
        ({"amount": "20", "units": "5"}, "unreadable"),
        ({"amount": "20.0000000000", "units": "20000000"}, "shown"),
        ({"amount": "20.0000001"}, "unreadable"),
    ],
)
def test_two_amounts_of_one_row_must_be_one(opened: Tool, more: dict[str, str], verdict: str) -> None:
    _, (one,), _ = claims(opened, [flow(2, "a", "b", asset="USDT", **more)])
    assert one["verdict"] == verdict


def test_a_key_that_stands_twice_and_a_row_too_long_are_told_and_the_rest_is_checked(opened: Tool) -> None:
    good = json.dumps(flow(2, "a", "b", **usdt("20")))
    twice = good.replace('"amount": "20"', '"amount": "5", "amount": "20"')
    nested = good.replace('"amount": "20"', '"amount": true')
    code, rows, _ = claims(opened, f"[{twice},{nested},{good}]".encode())
    assert ([one["verdict"] for one in rows], code) == (["unreadable", "unreadable", "shown"], 2)
    line = f"{tx(2)},{who('a')},{who('b')},20,{USDT}"
    text = f"tx,from,to,amount,asset\n{line}\n{line},more\n{tx(2)},{'0' * 2000},,,\n"
    code, rows, _ = claims(opened, text.encode(), "c.csv")
    assert ([one["verdict"] for one in rows], code) == (["shown", "unreadable", "unreadable"], 2)
    assert [one["where"] for one in rows] == ["line 2", "line 3", "line 4"]


@pytest.mark.parametrize("head", ["amount (USDT)", "Date/Time (local)", "sum paid", "Moved units"])
def test_a_column_that_states_something_and_was_not_read_is_no_success(opened: Tool, head: str) -> None:
    code, (one,), said = claims(opened, [flow(2, "a", "b", **usdt("20")) | {head: "5", "remark": "none"}])
    assert (one["verdict"], code, said["unexamined"]) == ("shown", 5, [head])


def test_one_movement_does_not_back_two_claims_in_silence(opened: Tool) -> None:
    code, rows, _ = claims(opened, [flow(2, "a", "b", **usdt("20")), flow(3), flow(2, asset="USDT", dst="b")])
    assert [one["same_as"] for one in rows] == [None, None, "item 1"]
    assert code == 5


def test_a_false_id_makes_no_claim_safer(opened: Tool) -> None:
    """Both histories would hold the payment under whichever id, where the claim says when it was."""
    for number, verdict in ((0, "contradicted"), (7777, "contradicted")):
        stated = flow(number, "a", "b", **usdt("5"), time="2022-03-02T11:00:00Z")
        _, (one,), _ = claims(opened, [stated])
        assert (one["verdict"], one["reason"]) == (verdict, "history")
    _, (one,), _ = claims(opened, [flow(7777, "a", "b", **usdt("5"))])
    assert one["reason"] == "unknown", "of no moment no history can tell"


def test_a_list_of_tokens_denies_no_coin(opened: Tool) -> None:
    for asset, verdict in (("USDT", "contradicted"), ("ETH", "not in the exhibits"), ("", "not in the exhibits")):
        stated = flow(0, "a", "c", time="2022-03-02", **({"asset": asset} if asset else {}))
        _, (one,), _ = claims(opened, [stated])
        assert one["verdict"] == verdict, asset


def test_a_point_before_three_digits_can_separate_thousands(tool: Tool) -> None:
    ready(tool, export([("x", "a", 80_000), ("x", "a", 1_234)], ["a"]))
    for number, amount, verdict in ((1, "80.000", "unreadable"), (1, "80.001", "contradicted"), (2, "0.125", "")):
        _, (one,), _ = claims(tool, [flow(number, "x", "a", **usdt(amount))])
        assert one["verdict"] == (verdict or "contradicted")


def test_a_contract_names_its_token(opened: Tool) -> None:
    _, (one,), _ = claims(opened, [flow(2, "a", "b", asset=USDT.rsplit(":", 1)[1], amount="20", chain=CHAIN)])
    assert one["verdict"] == "shown"
