"""Long tables of a workbook, put into its sheets as XML in one go.

The library that writes workbooks is called cell by cell, which takes longer than all else of a letter with
thousands of payments. It writes the first rows, with their faces; the others are set like these.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape

Cell = str | float

LONG = 100
"""So many rows of a table are written by the library."""


def filled(book: bytes, more: Mapping[int, Sequence[Sequence[Cell]]]) -> bytes:
    """The workbook with more rows below those of its sheets, which are numbered from 1; the same but for these."""
    if not any(more.values()):
        return book
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            found = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", info.filename)
            if found and (rows := more.get(int(found[1]))):
                data = _longer(data.decode(), rows).encode()
            new.writestr(info, data)
    return out.getvalue()


def _longer(sheet: str, rows: Sequence[Sequence[Cell]]) -> str:
    head, end, tail = sheet.partition("</sheetData>")
    last = int(re.findall(r'<row r="(\d+)"', head)[-1])
    # Below the head, which has a face of its own.
    body = head[head.index('<row r="2"') :]
    text, figure = (re.search(kind, body) for kind in (r's="(\d+)" t="s"', r's="(\d+)"><v>'))
    faces = {str: text[1] if text else "0", float: figure[1] if figure else "0"}
    made = "".join(_rows(faces, last + 1, rows))
    head = re.sub(r'(<dimension ref="\w+:[A-Z]+)\d+"', rf'\g<1>{last + len(rows)}"', head)
    return head + made + end + tail


def _rows(faces: Mapping[type, str], first: int, rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    names = [_column(number) for number in range(max(map(len, rows)))]
    for at, row in enumerate(rows, first):
        cells = [
            f'<c r="{name}{at}" s="{faces[float]}"><v>{value:.16G}</v></c>'
            if isinstance(value, float)
            else f'<c r="{name}{at}" s="{faces[str]}" t="inlineStr"><is><t xml:space="preserve">'
            f"{escape(value, quote=False)}</t></is></c>"
            for name, value in zip(names, row, strict=False)
        ]
        yield f'<row r="{at}">{"".join(cells)}</row>'


def _column(number: int) -> str:
    """The letters of a column, from 0."""
    high, low = divmod(number, 26)
    return (_column(high - 1) if high else "") + chr(ord("A") + low)
