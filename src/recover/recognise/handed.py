"""Small tables that a person hands over, as CSV or XLSX: rows of text, each with the line on which it stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime

from recover.sdk import spreadsheet
from recover.sdk.errors import Error

_MOST = 64 << 20
_ROWS = 1_000_000

Refused = Callable[[str, str], Error]
"""From a file's name and what is wrong with it, the Error that its reader raises."""


def rows(name: str, data: bytes, refused: Refused) -> list[tuple[int, dict[str, str]]]:
    """(line, cell by heading) of every row that says something.

    Raises what `refused` makes for a file that is no table, names a column twice, has more cells in a row than in
    its header, or digits that a spreadsheet rounded.
    """
    if len(data) > _MOST:
        raise refused(name, f"it has {len(data) >> 20} MiB, and at most {_MOST >> 20} are read")
    listed = (_xlsx if data.startswith(b"PK\x03\x04") else _csv)(name, data, refused)
    if not listed:
        raise refused(name, "it has no header")
    head = [cell.strip() for cell in listed[0][1]]
    named = [one for one in head if one]
    if len(set(named)) != len(named):
        raise refused(name, "two columns have one name")
    found = []
    for line, cells in listed[1:]:
        if any(cell.strip() for cell in cells[len(head) :]):
            raise refused(name, f"line {line} has more cells than the header")
        said = {key: cell for key, cell in zip(head, cells, strict=False) if key}
        if any(cell.strip() for cell in said.values()):
            found.append((line, said))
    return found


def _csv(name: str, data: bytes, refused: Refused) -> list[tuple[int, list[str]]]:
    plain = spreadsheet.plain(data).data
    try:
        reader = csv.reader(io.StringIO(plain.decode("utf-8-sig"), newline=""), strict=True)
        return [(reader.line_num, cells) for cells in reader if any(cells)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise refused(name, f"it is no comma-separated text in UTF-8 ({error})") from error


def _xlsx(name: str, data: bytes, refused: Refused) -> list[tuple[int, list[str]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = book.get_sheet_by_index(0)
        listed = sheet.to_python(skip_empty_area=False, nrows=_ROWS)
    except (CalamineError, OSError, ValueError) as error:
        raise refused(name, f"it is no workbook ({error})") from error
    return [
        (n, [_cell(name, n, cell, refused) for cell in row])
        for n, row in enumerate(listed, 1)
        if any(c != "" for c in row)
    ]


def _cell(name: str, line: int, cell: object, refused: Refused) -> str:
    """A cell as text. A number that a spreadsheet rounded is refused: its digits are lost."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if not isinstance(cell, float):
        return str(cell)
    why = "line {} holds the number {}, whose digits a spreadsheet rounded"
    if not cell.is_integer():
        text = repr(cell)
        if len(text.replace(".", "").lstrip("-0")) > 15:
            raise refused(name, why.format(line, text))
        return text
    if abs(cell) >= 10**15:
        raise refused(name, why.format(line, f"{cell:.0f}"))
    return str(int(cell))
