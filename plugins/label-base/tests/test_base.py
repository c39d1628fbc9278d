"""The base as it is shipped, and its reader: whole rows, no explorer's words, nothing hostile gets through."""

from __future__ import annotations

import gzip
import hashlib
import tomllib
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from recover.sdk import Error, Exhibit
from recover.testing import Expected, SourceKit, TemplateKit
from recover_label_base import recover_sources, recover_templates
from recover_label_base.reader import COLUMNS, FIRST

TEMPLATE = recover_templates()[0]
ABOUT = tomllib.loads((TEMPLATE.folder / "base.toml").read_text("utf-8"))
DATA = (TEMPLATE.folder / ABOUT["file"]).read_bytes()
ACME = "0x00000000000000000000000000000000000000fF"
ROW = f"eip155:1,{ACME},Acme,Acme 1,hot-wallet,exchange,B,P1,a list,a list,2024-05-01,,,,"


def exhibit(data: bytes) -> Exhibit:
    return Exhibit(
        digest=hashlib.sha256(data).hexdigest(),
        name="base.csv.gz",
        media="application/gzip",
        captured=datetime(2026, 11, 29, tzinfo=UTC),
        sources=("label-base",),
        data=data,
    )


def base(*rows: str, head: str = "", columns: str = ",".join(COLUMNS)) -> bytes:
    lines = [FIRST.decode(), *([head] if head else []), columns, *rows]
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)


class TestTheReader(SourceKit):
    source = recover_sources()[0]
    examples = (exhibit(base(ROW, head="#version: 1")),)
    expected = (
        Expected(
            example=examples[0],
            taken="the row as it is written above",
            rows={
                "assertions": (
                    {"chain": "eip155:1", "address": ACME, "service": "Acme", "grade": "B", "place": 0},
                )
            },
        ),
    )


class TestTheBase(TemplateKit):
    template = TEMPLATE


def test_the_description_is_of_these_bytes_and_counts_them() -> None:
    assert hashlib.sha256(DATA).hexdigest() == ABOUT["sha256"]
    assert len(DATA) < 4 * 2**20, "a wheel of a few MB"
    assert sum(ABOUT["chains"].values()) == ABOUT["rows"]
    assert sum(pack["rows"] for pack in ABOUT["pack"]) == ABOUT["rows"]
    assert all(pack["licence"] and pack["repository"] and pack["origin"] for pack in ABOUT["pack"])
    assert len(ABOUT["excluded"]) > 10


def test_every_row_has_a_source_and_a_date_and_none_is_an_explorers() -> None:
    (batch,) = recover_sources()[0].decode(exhibit(DATA))
    assert batch.assertions is not None
    rows = batch.assertions.to_pylist()
    assert len(rows) == ABOUT["rows"]
    assert all(row["source"] and row["asserted"] for row in rows)
    hosts = {urlsplit(row["origin"]).hostname or "" for row in rows}
    assert not [h for h in hosts if h.endswith(("etherscan.io", "walletexplorer.com", "chain.info"))]
    assert not [row for row in rows if row["grade"] == "A" and row["service"]]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (base(ROW.replace(",B,P1,", ",F,P1,")), "row 1: grade 'F'"),
        (base(ROW.replace(",B,P1,", ",B,P9,")), "row 1: step 'P9'"),
        (base(ROW, ROW.replace("2024-05-01", "yesterday")), "row 2: asserted 'yesterday'"),
        (base(ROW.replace(",a list,2024", ",,2024").replace("P1,a list", "P1,")), "row 1: source ''"),
        (base(ROW[:-3] + ",2024-06-01,,"), "row 1: why ''"),
        (base(ROW, columns="chain,address"), "columns"),
        (base(ROW)[:-9], "cut off"),
        (base(ROW) + b"more", "something behind its end"),
        (b"\x1f\x8b\x08no", "not gzip"),
    ],
)
def test_a_base_that_is_not_whole_is_refused_with_the_row(data: bytes, said: str) -> None:
    with pytest.raises(Error) as caught:
        list(recover_sources()[0].decode(exhibit(data)))
    assert said in caught.value.why


def test_a_withdrawn_row_keeps_its_day_and_reason() -> None:
    (batch,) = recover_sources()[0].decode(exhibit(base(ROW[:-3] + ",2024-06-01,it was sold,")))
    assert batch.assertions is not None
    assert '"withdrawn":"2024-06-01"' in batch.assertions.to_pylist()[0]["params"]
