"""Sheets: what a spreadsheet would run as a formula is disarmed; integers keep every digit."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import Any

import pytest

from recover.sdk import UINT256
from recover.testing import ExporterKit, sample
from recover_exports.sheets import Sheets, cell, sheet


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("plain", "plain"),
        (-5, "-5"),
        (UINT256, str(UINT256)),
        (None, ""),
        (("b", "a"), "b a"),
        (datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "2024-01-02T03:04:05.000Z"),
    ],
)
def test_a_cell(value: Any, text: str) -> None:
    assert cell(value) == text


def test_a_sheet_is_rfc_4180() -> None:
    assert sheet([("a", "b"), ("x,y", 'q"z')]) == b'a,b\r\n"x,y","q""z"\r\n'


class TestConformance(ExporterKit):
    exporter = Sheets()
    view = sample.view()


def test_no_cell_of_a_hostile_case_is_a_formula() -> None:
    for name, data in Sheets().files(sample.view()):
        for row in csv.reader(data.decode().splitlines()):
            assert not [cell for cell in row if cell.startswith(("=", "+", "@"))], name


def test_hops_name_what_moved_and_what_of_it_is_traced() -> None:
    hops = dict(Sheets().files(sample.view()))["hops.csv"].decode().splitlines()
    assert hops[1] == (
        "0-L1,,0,toy:1,,2024-01-02T12:00:00.000Z,t1,,wallet,deposit,toy:1/token:coin,coin,700,2,L1,700,700,0,0,"
        "700,0,0,0,transfer,,,,1,2,"
    )
