"""Small tables that a person hands over, as CSV or XLSX: rows of text, each with the line on which it stands."""

from __future__ import annotations

import csv
import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from html import unescape

from recover.sdk import spreadsheet
from recover.sdk.errors import Error
from recover.sdk.outside import visible

_MOST = 64 << 20
_UNPACKED = 256 << 20
_ROWS = 1_000_000

Refused = Callable[[str, str], Error]
"""From a file's name and what is wrong with it, the Error that its reader raises."""

Spoilt = Callable[[int, str], None]
"""Takes a line that cannot be read as it was meant, and why; what it does not raise for leaves the line out."""


def rows(
    name: str, data: bytes, refused: Refused, spoilt: Spoilt | None = None, sheet: str = ""
) -> list[tuple[int, dict[str, str]]]:
    """(line, cell by heading) of every row that says something.

    Of a workbook with several sheets that hold anything `sheet` names the one; none is passed over in silence. A
    row with more cells than the header, with an error in the place of a value (`#REF!`) or with digits that a
    spreadsheet rounded goes to `spoilt`; without that the file is refused for it.

    Raises what `refused` makes for a file that is no table, is too large, or names a column twice.
    """

    def refuse(line: int, why: str) -> None:
        raise refused(name, f"line {line} {why}")

    spoilt = spoilt or refuse
    if len(data) > _MOST:
        raise refused(name, f"it has {len(data) >> 20} MiB, and at most {_MOST >> 20} are read")
    if data.startswith(b"PK\x03\x04"):
        listed = _xlsx(name, data, refused, spoilt, sheet)
    else:
        listed = _csv(name, data, refused)
    if not listed:
        raise refused(name, "it has no header")
    head = [cell.strip() for cell in listed[0][1]]
    named = [one for one in head if one]
    if len(set(named)) != len(named):
        raise refused(name, "two columns have one name")
    found = []
    for line, cells in listed[1:]:
        if any(cell.strip() for cell in cells[len(head) :]):
            spoilt(line, "has more cells than the header")
            continue
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


def _xlsx(name: str, data: bytes, refused: Refused, spoilt: Spoilt, sheet: str) -> list[tuple[int, list[str]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as folder:
            if (size := sum(one.file_size for one in folder.infolist())) > _UNPACKED:
                raise refused(name, f"it unpacks to {size >> 20} MiB, and at most {_UNPACKED >> 20} are read")
            failed = _failed(folder)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        held = {
            one: found
            for one in book.sheet_names
            if (found := book.get_sheet_by_name(one).to_python(skip_empty_area=False, nrows=_ROWS))
        }
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile, KeyError, NotImplementedError) as error:
        raise refused(name, f"it is no workbook ({error})") from error
    if not held:
        return []
    if (sheet and sheet not in held) or (not sheet and len(held) > 1):
        listed = ", ".join(repr(visible(one, 40)) for one in held)
        raise refused(name, f"{len(held)} sheets of it hold something ({listed}), and which is meant is not said")
    chosen = sheet or next(iter(held))
    wrong = failed.get(chosen, {})
    lines: list[tuple[int, list[str]]] = []
    for n, row in enumerate(held[chosen], 1):
        try:
            if n in wrong:
                raise ValueError(f"holds the error {wrong[n]} in the place of a value")
            if any(cell != "" for cell in row):
                lines.append((n, [_cell(cell) for cell in row]))
        except ValueError as error:
            spoilt(n, str(error))
    return lines


_FORMULA = rb"(?:<f\b[^>]{0,200}>[^<]{0,9000}</f>|<f\b[^>]{0,200}/>)?"
_CELL = re.compile(rb"<c\b([^>]{0,200})>" + _FORMULA + rb"<v>([^<]{0,40})</v>")
_SHEET = re.compile(r"<sheet\b[^>]{0,2000}>")
_RELATION = re.compile(r"<Relationship\b[^>]{0,2000}>")


def _failed(folder: zipfile.ZipFile) -> dict[str, dict[int, str]]:
    """Sheet -> line -> the error that a cell of it holds (ECMA-376, 18.18.11: cells of type `e`)."""
    targets = {
        _attribute(one, "Id"): _attribute(one, "Target")
        for one in _RELATION.findall(folder.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace"))
    }
    found: dict[str, dict[int, str]] = {}
    for one in _SHEET.findall(folder.read("xl/workbook.xml").decode("utf-8", "replace")):
        target = targets.get(_attribute(one, "r:id"), "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        if path in folder.namelist():
            found[_attribute(one, "name")] = dict(_errors(folder.read(path)))
    return found


def _attribute(element: str, name: str) -> str:
    held = re.search(rf"""\b{re.escape(name)}=(?:"([^"]*)"|'([^']*)')""", element)
    return unescape(held[1] if held[1] is not None else held[2]) if held else ""


def _errors(sheet: bytes) -> Iterator[tuple[int, str]]:
    for held, value in _CELL.findall(sheet):
        said = held.decode("utf-8", "replace")
        line = re.search(r"\d+$", _attribute(said, "r"))
        if _attribute(said, "t") == "e" and line:
            yield int(line[0]), visible(value.decode("utf-8", "replace"), 20)


def _cell(cell: object) -> str:
    """A cell as text. Raises ValueError for a number that a spreadsheet rounded: its digits are lost."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if not isinstance(cell, float):
        return str(cell)
    why = "holds the number {}, whose digits a spreadsheet rounded"
    if not cell.is_integer():
        text = repr(cell)
        if len(text.replace(".", "").lstrip("-0")) > 15:
            raise ValueError(why.format(text))
        return text
    if abs(cell) >= 10**15:
        raise ValueError(why.format(f"{cell:.0f}"))
    return str(int(cell))
