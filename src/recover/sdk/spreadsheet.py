"""What a spreadsheet makes of a table that it opened and saved, taken back where nothing was lost.

Encoding, list separator, quotation marks and the padding behind a line of one cell say nothing: they are put back.
Digits that a spreadsheet dropped (9.87654E+28) and figures that two locales read otherwise are refused by name.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass

_MARKS = ",;\t"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FIRST = 2**16
_ENGLISH = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?")
_CONTINENTAL = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d+))?")
_SHORTENED = re.compile(r"\d+(?:[.,]\d+)?[eE][+-]?\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A table as UTF-8 with commas, line by line as it was, and the list separator that it came with."""

    data: bytes
    mark: str = ","


def plain(data: bytes) -> Plain:
    """A table as it was before it was saved; the same bytes where nothing was changed.

    What is cut off inside a character becomes a character that no cell may hold, so that the cell is refused.
    """
    if data.startswith(_UTF16):
        data = data[: len(data) // 2 * 2].decode("utf-16", "replace").encode("utf-8")
    mark, first = _mark(data)
    if mark == "," and not _padded(first):
        return Plain(data=data)
    return Plain(data=_written(data, mark), mark=mark)


def units(text: str, decimals: int, mark: str = ",") -> int:
    """Base units from an amount in whole units, with or without thousands separators. Exact.

    `mark` is the file's list separator: where it is no comma, 1.234 can mean two things, and is refused.
    Raises ValueError with the reason.
    """
    bare = text.strip()
    if _SHORTENED.fullmatch(bare):
        raise ValueError("was shortened by a spreadsheet, and its digits are lost")
    english, continental = _ENGLISH.fullmatch(bare), _CONTINENTAL.fullmatch(bare)
    if mark == "," or not ("," in bare or "." in bare):
        continental = None
    if english and continental and (bare.count(",") + bare.count(".") > 0):
        raise ValueError("can be read in two ways, with a decimal comma and with a decimal point")
    found = english or continental
    if found is None:
        raise ValueError("is no amount")
    point = "." if found is english else ","
    whole, _, part = bare.partition(point)
    part = part.rstrip("0")
    if len(part) > decimals:
        raise ValueError(f"has more than the {decimals} decimals of its asset")
    digits = re.sub(r"[.,]", "", whole) + part.ljust(decimals, "0")
    if len(digits) > 100:
        raise ValueError("is larger than any amount")
    return int(digits)


def _mark(data: bytes) -> tuple[str, str]:
    """The list separator of the header, the first line that is no comment, and the first line of all."""
    text = data.removeprefix(codecs.BOM_UTF8)[:_FIRST].decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else ""
    header = next((line for line in lines if not line.lstrip('"').startswith("#")), "")
    bare = re.sub(r'"[^"]*"', "", header)
    if "," in bare:
        return ",", first
    return next((mark for mark in _MARKS[1:] if mark in bare), ","), first


def _padded(first: str) -> bool:
    """Whether a line of one cell has the empty cells behind it, or the quotation marks, of a spreadsheet."""
    return first.lstrip('"').startswith("#") and (first.startswith('"') or first.rstrip("\r").endswith(","))


def _written(data: bytes, mark: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    lines = io.StringIO(text, newline="")
    for cells in csv.reader(lines, delimiter=mark):
        if cells and cells[0].startswith("#"):
            # Only what a spreadsheet adds is taken off: a comma of the text itself stays.
            while len(cells) > 1 and not cells[-1]:
                cells.pop()
            out.write(mark.join(cells) + "\n")
        else:
            writer.writerow(cells)
    return out.getvalue().encode("utf-8", "surrogateescape")
