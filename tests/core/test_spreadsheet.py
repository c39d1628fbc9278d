"""What a spreadsheet makes of a table, taken back where nothing was lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover.sdk import spreadsheet

TABLE = b"#mark 1\na,b\n1,x y\n"


@pytest.mark.parametrize(
    "saved",
    [
        TABLE,
        b"#mark 1,\na,b\n1,x y\n",
        b"#mark 1;\na;b\n1;x y\n",
        b'"#mark 1",\na,b\n1,x y\n',
        TABLE.decode().replace(",", "\t").encode("utf-16"),
    ],
)
def test_a_saved_table_is_the_table_again(saved: bytes) -> None:
    assert spreadsheet.plain(saved).data == TABLE


@given(st.binary(max_size=300))
def test_nothing_raises_and_what_is_plain_stays(data: bytes) -> None:
    found = spreadsheet.plain(data).data
    assert spreadsheet.plain(found).data == found or found.startswith(b"\xff") or b'"' in found or b"#" in found


@pytest.mark.parametrize(
    ("text", "decimals", "mark", "units"),
    [
        ("1,234.56", 6, ",", 1_234_560_000),
        ("98,765,432,109.123456789012345678", 18, ",", 98765432109123456789012345678),
        ("500", 6, ",", 500_000_000),
        ("1.500", 2, ",", 150),
        ("1.234,56", 6, ";", 1_234_560_000),
        ("1,234.56", 6, ";", 1_234_560_000),
        ("0,5", 1, ";", 5),
    ],
)
def test_units_are_exact(text: str, decimals: int, mark: str, units: int) -> None:
    assert spreadsheet.units(text, decimals, mark) == units


@pytest.mark.parametrize(
    ("text", "mark", "why"),
    [
        ("1.23E+5", ",", "shortened"),
        ("1,234", ";", "in two ways"),
        ("1.234", ";", "in two ways"),
        ("50,5", ",", "is no amount"),
        ("-1", ",", "is no amount"),
        ("1.0000001", ",", "more than the 6"),
        ("9" * 200, ",", "larger than any"),
    ],
)
def test_what_is_not_exact_is_refused(text: str, mark: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        spreadsheet.units(text, 6, mark)
