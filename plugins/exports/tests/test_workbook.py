"""The workbook: every cell is text, no digit is lost in it or by LibreOffice, and no row of the tables."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from recover.sdk import UINT256, View, amounts
from recover.testing import ExporterKit, sample
from recover_exports import workbook
from recover_exports.sheets import TABLES, Sheets
from recover_exports.workbook import Workbook


class TestConformance(ExporterKit):
    exporter = Workbook()
    view = sample.view()


def _same(table: pa.Table) -> pa.Table:
    return table


def _wide() -> View:
    """The sample, with the largest amount there is as its first movement."""
    base = sample.view()
    made: dict[str, pa.Table] = {}
    for name in ("transfers", "flows", "hops"):
        rows = base.tables[name]().to_pylist()
        narrow, wide = amounts.split(UINT256)
        made[name] = pa.Table.from_pylist(
            [{**rows[0], "amount": narrow, "wide": wide}, *rows[1:]], schema=base.tables[name]().schema
        )
    tables: dict[str, Any] = {**base.tables, **{name: partial(_same, one) for name, one in made.items()}}
    return replace(base, tables=tables)


def _sheets(data: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def _written(view: View) -> bytes:
    return dict(Workbook().files(view))["case.xlsx"]


def test_its_sheets_are_the_tables_as_text() -> None:
    found = _sheets(_written(_wide()))
    for name, data in Sheets().files(_wide()):
        rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
        made = [row[: len(rows[0])] for row in found[name.removesuffix(".csv")]]
        assert made == rows, name
    assert [*found] == ["guide", *(name for name, _ in TABLES)]
    assert {type(one) for rows in found.values() for row in rows for one in row} == {str}


def test_beside_base_units_stands_the_amount_with_its_point() -> None:
    hops = _sheets(_written(_wide()))["hops"]
    first = dict(zip(hops[0], hops[1], strict=True))
    assert first["raw_amount"] == str(UINT256)
    assert first["raw_amount_decimal"] == f"{UINT256 // 100}.{UINT256 % 100:02}"


def test_what_no_cell_or_sheet_holds_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS", 2)
    monkeypatch.setattr(workbook, "CHARACTERS", 40)
    found = _sheets(_written(_wide()))
    assert [name for name in found if name.startswith("hops")][:2] == ["hops", "hops 2"]
    assert found["hops"][0] == found["hops 2"][0]
    digits = [row[3] for row in found["long"][1:] if row[:3] == ["hops", "2", "raw_amount"]]
    at = found["hops"][0].index("raw_amount")
    assert found["hops"][1][at] + "".join(digits) == str(UINT256)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine: not opened in it")
def test_libreoffice_opens_it_and_loses_no_digit(tmp_path: Path) -> None:
    (tmp_path / "case.xlsx").write_bytes(_written(_wide()))
    every = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    command = ["soffice", "--headless", home, "--convert-to", every, "--outdir", str(tmp_path), "case.xlsx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=240)
    for name, rows in _sheets((tmp_path / "case.xlsx").read_bytes()).items():
        text = (tmp_path / f"case-{name}.csv").read_text(encoding="utf-8")
        assert list(csv.reader(io.StringIO(text, newline=""))) == rows, name
