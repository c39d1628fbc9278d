"""A list of victims as CSV or XLSX: a header with the names of fields, and one row a payment."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

from recover.sdk import spreadsheet
from recover.sdk.errors import Error
from recover.victims.questions import checked

_MOST = 64 << 20
_ROWS = 1_000_000

Said = list[tuple[str, dict[str, str]]]
"""(where it stands, what was said), row by row."""


def read(name: str, data: bytes) -> Said:
    """Every row that says something. Raises Error naming the line that cannot be read."""
    if len(data) > _MOST:
        raise _unreadable(name, f"it has {len(data) >> 20} MiB, and at most {_MOST >> 20} are read")
    rows = _xlsx(name, data) if data.startswith(b"PK\x03\x04") else _csv(name, data)
    if not rows:
        raise _unreadable(name, "it has no header")
    head = [cell.strip() for cell in rows[0][1]]
    named = [one for one in head if one]
    if len(set(named)) != len(named):
        raise _unreadable(name, "two columns have one name")
    found: Said = []
    for line, cells in rows[1:]:
        if any(cell.strip() for cell in cells[len(head) :]):
            raise _unreadable(name, f"line {line} has more cells than the header")
        said = {key: cell for key, cell in zip(head, cells, strict=False) if key}
        if any(cell.strip() for cell in said.values()):
            where = f"{name}, line {line}"
            found.append((where, checked(said, where)))
    return found


def _csv(name: str, data: bytes) -> list[tuple[int, list[str]]]:
    plain = spreadsheet.plain(data).data
    try:
        reader = csv.reader(io.StringIO(plain.decode("utf-8-sig"), newline=""), strict=True)
        return [(reader.line_num, cells) for cells in reader if any(cells)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(name, f"it is no comma-separated text in UTF-8 ({error})") from error


def _xlsx(name: str, data: bytes) -> list[tuple[int, list[str]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = book.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False, nrows=_ROWS)
    except (CalamineError, OSError, ValueError) as error:
        raise _unreadable(name, f"it is no workbook ({error})") from error
    return [
        (n, [_cell(name, n, cell) for cell in row]) for n, row in enumerate(rows, 1) if any(c != "" for c in row)
    ]


def _cell(name: str, line: int, cell: object) -> str:
    """A cell as text. A number that a spreadsheet rounded is refused: its digits are lost."""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        if not cell.is_integer():
            text = repr(cell)
            if len(text.replace(".", "").lstrip("-0")) > 15:
                raise _unreadable(name, f"line {line} holds the number {text}, whose digits a spreadsheet rounded")
            return text
        if abs(cell) >= 10**15:
            raise _unreadable(name, f"line {line} holds the number {cell:.0f}, whose digits a spreadsheet rounded")
        return str(int(cell))
    return str(cell)


def _unreadable(name: str, why: str) -> Error:
    return Error(
        "intake-unreadable",
        f"{name} is not taken in.",
        f"{why[0].upper()}{why[1:]}.",
        "Nothing of it was stored. Save it as CSV, with amounts and ids as text, and import it again.",
    )
