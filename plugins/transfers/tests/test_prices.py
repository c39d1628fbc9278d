from __future__ import annotations

from datetime import UTC, datetime

import pytest

from recover.sdk import Error, NotRecognised, amounts
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected
from recover.testing.sources import SourceKit
from recover_transfers.prices import Prices

HEAD = "#recover-prices 1\n#source: a bank\nasset,currency,time,price\n"
GOLD = "toy:main/coin:gold"


def file(*lines: str) -> bytes:
    return (HEAD + "\n".join(lines) + "\n").encode()


class TestConformance(SourceKit):
    source = Prices()
    examples = (exhibit("prices.csv", file(f"{GOLD},THB,2024-03-01T00:00:00Z,35.870")),)
    expected = (
        Expected(
            example=examples[0],
            taken="Read off the line of the file.",
            rows={
                "prices": (
                    {
                        "asset": GOLD,
                        "currency": "THB",
                        "value": 35870,
                        "scale": 3,
                        "time": datetime(2024, 3, 1, tzinfo=UTC),
                        "source": "a bank",
                    },
                )
            },
        ),
    )


def test_a_price_keeps_every_digit() -> None:
    (row,) = rows(
        Prices().decode(
            exhibit("p.csv", file(f"{GOLD},USD,2024-03-01T07:00:00+07:00,123456789012345678.000000000000000001"))
        )
    )["prices"]
    assert amounts.join(row["value"], row["wide"]) == 123456789012345678000000000000000001
    assert (row["scale"], row["time"]) == (18, datetime(2024, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"{GOLD},THB,2024-03-01,1", "is not of the form"),
        (f"{GOLD},THB,2024-03-01T00:00:00,1", "is not of the form"),
        (f"{GOLD},THB,2024-02-30T00:00:00Z,1", "no day or time that there is"),
        (f"{GOLD},baht,2024-03-01T00:00:00Z,1", "no ISO 4217 code"),
        ("GOLD,THB,2024-03-01T00:00:00Z,1", "no CAIP-19 id"),
        (f"{GOLD},THB,2024-03-01T00:00:00Z,-1", "no decimal number"),
        (f"{GOLD},THB,2024-03-01T00:00:00Z,1e3", "no decimal number"),
        (f'{GOLD},THB,2024-03-01T00:00:00Z,"1,5"', "no decimal number"),
        (f"{GOLD},THB,2024-03-01T00:00:00Z,", "no decimal number"),
    ],
)
def test_a_line_that_is_no_price_is_named(line: str, why: str) -> None:
    with pytest.raises(Error) as caught:
        rows(Prices().decode(exhibit("p.csv", file(line))))
    assert "line 4" in caught.value.why
    assert why in caught.value.why


def test_a_file_without_a_source_and_another_file_are_refused() -> None:
    with pytest.raises(Error, match="who published") as caught:
        rows(Prices().decode(exhibit("p.csv", file().replace(b"#source: a bank\n", b""))))
    assert caught.value.code == "price-source"
    with pytest.raises(NotRecognised):
        rows(Prices().decode(exhibit("p.csv", b"#recover-transfers 1\n")))
