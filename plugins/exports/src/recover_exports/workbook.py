"""The tables as one workbook (XLSX): every cell is text, so that no digit is rounded and no formula run."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from recover.sdk import ExporterInfo, View, amounts
from recover_exports.sheets import TABLES, cell

ROWS = 1_048_576
"""Rows of one sheet, and characters of one cell, at most (Office Open XML as spreadsheets read it)."""
CHARACTERS = 32_767

_SUMS = frozenset(
    (
        *("amount", "swept", "credited", "unswept", "elsewhere", "unfollowed", "raw_amount", "traced_amount"),
        *("began", "passed", "ended", "mixed_balance_before", "mixed_balance_after", "traced_before"),
        *("traced_after", "before", "after", "moved", "traced", "clean", "arrived", "opening", "passed_on"),
        *("at_rest", "least", "most", "range"),
    )
)
"""Columns of amounts, as are those that begin with `_BY_RULE`."""
_BY_RULE = ("under_", "traced_", "held_")
_DECIMAL = "_decimal"

GUIDE = (
    ("what", "The tables of a case, as `recover export --as sheets` writes them, one a sheet."),
    ("cells", "Every cell is text: ids and amounts keep every digit, and nothing is run as a formula."),
    ("amounts", "A column of amounts is in whole base units. Beside it stands the same with its decimal point,"),
    ("", "in a column whose name ends in _decimal; empty where the decimals of the asset are not known."),
    ("reckoning", "To reckon with, copy a column and turn it into numbers: spreadsheets hold fifteen digits."),
    ("left out", "Nothing of these tables but what the edition below leaves out."),
)


@dataclass(frozen=True, slots=True)
class Workbook:
    """All tables of `sheets` in `case.xlsx`, with a sheet that says what it is."""

    info = ExporterInfo(
        id="xlsx", version="1", title="Tables as a workbook", form="XLSX, Office Open XML (ISO/IEC 29500)"
    )

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        """One workbook. What is longer than a cell goes on in the sheet `long`, by its sheet, row and column."""
        import xlsxwriter

        out = io.BytesIO()
        book = xlsxwriter.Workbook(
            out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        book.set_properties({"title": "Tables of a case", "created": view.case.opened.replace(tzinfo=None)})
        faces = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        _put(book.add_worksheet("guide"), [("field", "says"), *GUIDE, *_facts(view)], faces, [])
        over: list[tuple[str, str, str, str]] = []
        for name, rows in TABLES:
            _sheets(book, name, view, rows(view), faces, over)
        if over:
            _put(book.add_worksheet("long"), [("sheet", "row", "column", "goes on"), *over], faces, [])
        book.close()
        yield "case.xlsx", out.getvalue()


def _facts(view: View) -> Iterator[tuple[str, str]]:
    yield "reference", view.case.reference
    yield "rule", view.case.rule
    yield "edition", view.edition
    yield "journal", f"entry {view.entries}, head {view.head}"
    yield "version", view.version
    for kind, count in view.left_out:
        yield "left out", f"{kind}: {count}"


def _sheets(book: Any, name: str, view: View, rows: Iterator[Sequence[Any]], faces: Any, over: Any) -> None:
    """One table, in as many sheets as it takes: `hops`, `hops 2` and so on, each with the heading."""
    heading = [str(one) for one in next(rows)]
    sums = [at for at, one in enumerate(heading) if one in _SUMS or one.startswith(_BY_RULE)]
    told = [*heading, *(heading[at] + _DECIMAL for at in sums)] if "asset" in heading else heading
    part, listed = 1, [told]
    for row in rows:
        if len(listed) == ROWS:
            _put(book.add_worksheet(name if part == 1 else f"{name} {part}"), listed, faces, over)
            part, listed = part + 1, [told]
        listed.append([cell(one) for one in row])
        if "asset" in heading:
            known = view.assets.get(row[heading.index("asset")])
            listed[-1] += [_decimal(row[at], known.decimals if known else None) for at in sums]
    _put(book.add_worksheet(name if part == 1 else f"{name} {part}"), listed, faces, over)


def _decimal(value: Any, decimals: int | None) -> str:
    if value is None or decimals is None or not str(value).lstrip("-").isdecimal():
        return ""
    return amounts.decimal(int(value), decimals, grouped=False)


def _put(sheet: Any, rows: Sequence[Sequence[str]], faces: Any, over: list[tuple[str, str, str, str]]) -> None:
    bold, text = faces
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(rows[0]) - 1, 18, text)
    for n, row in enumerate(rows):
        for at, said in enumerate(row):
            if said:
                sheet.write_string(n, at, said[:CHARACTERS], text if n else bold)
            for start in range(CHARACTERS, len(said), CHARACTERS):
                over.append((sheet.name, str(n + 1), rows[0][at], said[start : start + CHARACTERS]))
