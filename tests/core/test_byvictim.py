"""Victim by service by amount: in the report of every edition, as a sheet, and as each counsel's extract."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.core.test_statements import tool
from tests.core.test_victims import ANNA, SOMCHAI, Desk, desk, row

__all__ = ["desk", "tool"]


def sheet(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def said(path: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


@pytest.fixture
def worked(desk: Desk) -> tuple[Desk, str, str]:
    anna, somchai = desk.take(row(ANNA) + row(SOMCHAI, 2, "30"))["new"]
    desk.tool("run")
    return desk, anna, somchai


def test_the_report_has_it_in_every_edition_and_in_none_a_name(worked: tuple[Desk, str, str]) -> None:
    desk, anna, somchai = worked
    out = desk.tool.case / "out"
    for edition in ("V1", "V0", "V2", "defence"):
        desk.tool("write", "--edition", edition)
        text = said(out / "report.pdf")
        assert "Value of 2 victims reached services under rule fifo." in text
        rows = sheet(out / "annex/victims.csv")
        assert [(r["victim"], r["service"], r["amount"]) for r in rows] == sorted(
            [(anna, "Binance", "50000000"), (somchai, "Binance", "30000000")]
        )
        assert "Beispielfrau" not in text
    # They add up to what the report gives the service.
    result = json.loads((out / "result.json").read_bytes())
    assert sum(int(r["amount"]) for r in sheet(out / "annex/victims.csv")) == sum(
        int(r["amount"]) for r in result["offramps"]
    )
    assert desk.show("check", *desk.opens) == []


def test_papers_follow_who_claims_and_what_was_settled(worked: tuple[Desk, str, str]) -> None:
    desk, anna, somchai = worked
    out = desk.tool.case / "out"
    # A third person names a payment: papers are written again, and no figure is traced again.
    third = desk.take(row(ANNA.replace("Anna", "Berta").replace("1960", "1961")))["new"][0]
    desk.tool("run")
    assert Counter(r["victim"] for r in sheet(out / "annex/victims.csv")) == Counter(["several", somchai])
    assert "What several claim is counted for none of them" in said(out / "report.pdf")
    for word in ("same", "open"):
        desk.show("settle", anna, third, "--as", word, "--by", "Cpt. B", "--reason", "one passport")
        desk.tool("run")
        names = Counter(r["victim"] for r in sheet(out / "annex/victims.csv"))
        assert names == Counter([anna if word == "same" else "several", somchai])
    desk.tool("verify")


def test_counsels_extract_pools_all_others(worked: tuple[Desk, str, str], tmp_path: Path) -> None:
    desk, anna, somchai = worked
    found = desk.show("list", "--services", "--only", anna, "--out", str(tmp_path), "--language", "en+th")
    assert {(c["victim"], c["amount"]) for c in found} == {(anna, "50000000"), ("other victims", "30000000")}
    text = said(tmp_path / "extract-en.pdf")
    assert (anna in text, somchai in text, "other victims" in text) == (True, False, True)
    assert [r["victim"] for r in sheet(tmp_path / "extract.csv")] == [anna, "other victims"]
    assert (tmp_path / "extract-th.pdf").exists()
    desk.show("list", "--services", "--out", str(tmp_path))
    assert {r["victim"] for r in sheet(tmp_path / "victims-by-service.csv")} == {anna, somchai}
    assert desk.do("list", "--services", "--only", "V-222222")[0] == 2
