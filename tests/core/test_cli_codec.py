"""The JSON of every command."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest

from recover.cli import codec
from recover.sdk import UINT256, Exit, amounts


@dataclass(frozen=True)
class Ramp:
    amount: int
    transfers: int
    by_rule: dict[str, int]
    first: datetime | None
    at_rest: int | None = None


def test_amounts_are_strings_and_counts_are_numbers() -> None:
    when = datetime(2024, 5, 1, 7, tzinfo=timezone(timedelta(hours=7)))
    ramp = Ramp(amount=UINT256, transfers=3, by_rule={"lifo": 5, "fifo": UINT256}, first=when)
    assert codec.text(ramp) == (
        f'{{"amount":"{UINT256}","at_rest":null,"by_rule":{{"fifo":"{UINT256}","lifo":"5"}},'
        '"first":"2024-05-01T00:00:00+00:00","transfers":3}\n'
    )


def test_a_list_has_one_item_a_line() -> None:
    assert codec.text([{"b": 1, "a": True}, Exit.GAPS]) == '[\n{"a":true,"b":1},\n5\n]\n'
    assert codec.text([]) == "[]\n"
    assert json.loads(codec.text([[1], {}])) == [[1], {}]


def test_only_ascii_is_written() -> None:
    text = codec.text({"label": "ไทย \u202e\x1b[31m"})
    assert text.isascii()
    assert text.isprintable() or text.rstrip("\n").isprintable()
    assert json.loads(text) == {"label": "ไทย \u202e\x1b[31m"}


@pytest.mark.parametrize("value", [0.5, {"amount": 1.0}, [float("nan")], object()])
def test_nothing_inexact_passes(value: object) -> None:
    with pytest.raises(TypeError):
        codec.text(value)


def test_rows_join_each_pair_of_amount_columns() -> None:
    values = [0, -(2**63), 2**63, -UINT256, UINT256]
    small, wide = amounts.columns(values)
    table = pa.table(
        {
            "amount": pa.array(small, pa.int64()),
            "wide": pa.array(wide, pa.binary(33)),
            "time": pa.array([datetime(2024, 1, 1, tzinfo=UTC)] * 5, pa.timestamp("us", tz="UTC")),
        }
    )
    rows = list(codec.rows(table))
    assert [row["amount"] for row in rows] == values
    assert set(rows[0]) == {"amount", "time"}
    assert json.loads(codec.text(rows))[4] == {"amount": str(UINT256), "time": "2024-01-01T00:00:00+00:00"}


def test_an_amount_that_is_not_known_stays_null() -> None:
    table = pa.table({"amount": pa.array([None], pa.int64()), "wide": pa.array([None], pa.binary(33))})
    assert list(codec.rows(table)) == [{"amount": None}]


def test_what_says_where_is_no_value() -> None:
    slots = {"amount": 38, "entry": 38, "exhibit": 2, "payments": 3}
    assert codec.text({"slots": slots}) == '{"slots":{"amount":"38","entry":38,"exhibit":2,"payments":3}}\n'
