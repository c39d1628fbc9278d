"""Sheets: what a spreadsheet would run as a formula is disarmed; integers keep every digit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from recover.sdk import UINT256
from recover_exports.sheets import cell, sheet


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
