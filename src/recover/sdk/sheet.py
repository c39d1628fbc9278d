"""Strict reading of large comma-separated files: columns of text, and the line on which every record begins.

RFC 4180, UTF-8, with or without byte order mark, LF or CRLF. Nothing is guessed and no type is inferred.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow
from numpy.typing import NDArray

from recover.sdk.errors import Error, NotRecognised

LISTED = 20
SHOWN = 40
_BOM = b"\xef\xbb\xbf"
# No honest header is longer; a hostile file without line ends is not searched to its end.
_HEADER = 2**16
_BLOCK = 2**24
HOPELESS = 1_000
"""Unreadable rows after which the rest is not read: the file is refused in any case, and reading takes time."""

_HOPELESS = 100_000  # rows with too few or too many cells after which the rest is not read

Mask = NDArray[np.bool_]


@dataclass(slots=True, kw_only=True)
class Problems:
    """What is wrong with which line of one file. Holds the first few; counts all."""

    name: str
    said: dict[int, str] = field(default_factory=dict)
    lines: set[int] = field(default_factory=set)

    def add(self, line: int, text: str) -> None:
        self.lines.add(line)
        self.said.setdefault(line, text)

    def at(self, lines: NDArray[np.int64], bad: Mask, say: Callable[[int], str]) -> None:
        """Note the rows that `bad` marks; `say` puts one of them into words."""
        for row in np.flatnonzero(bad)[:LISTED].tolist():
            self.add(int(lines[row]), say(row))
        self.lines.update(lines[bad].tolist())

    def check(self) -> None:
        """Raises Error naming up to 20 lines, if there is any problem."""
        if not self.lines:
            return
        told = [f"line {line}: {self.said[line]}" for line in sorted(self.said)[:LISTED]]
        more = len(self.lines) - len(told)
        if more > 0:
            told.append(f"and {more} more")
        count = len(self.lines)
        raise Error(
            "lines-unreadable",
            f"{count} line{'s' if count > 1 else ''} of {self.name} cannot be read.",
            "; ".join(told) + ".",
            "Export the file again and import it as it comes; do not open and save it in a spreadsheet.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The wanted columns as text, the line on which each row begins (the file's first line is 1), the problems."""

    table: pa.Table
    lines: NDArray[np.int64]
    problems: Problems

    def text(self, column: str) -> pa.ChunkedArray:
        return self.table.column(column)

    def require(self, column: str, good: Any, why: str) -> None:
        """Note every row in which the boolean column `good` does not hold."""
        values = self.text(column)
        bad = ~np.asarray(pc.fill_null(good, False))
        self.problems.at(self.lines, bad, lambda row: f"{column} {shown(values[row].as_py())} {why}")

    def only(self, keep: Mask) -> Sheet:
        """The rows that `keep` marks."""
        return Sheet(table=self.table.filter(pa.array(keep)), lines=self.lines[keep], problems=self.problems)


def shown(text: str) -> str:
    """A cell's text for a message: bounded, control characters escaped."""
    return ascii(text if len(text) <= SHOWN else text[:SHOWN] + "...")


def written(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every line that is not blank, with its number from 1; blank ones cost nothing, however many there are."""
    data = data.removeprefix(_BOM)
    number, counted = 1, 0
    for found in _WRITTEN.finditer(data):
        number += data.count(b"\n", counted, found.start())
        counted = found.start()
        yield number, found[0]


_WRITTEN = re.compile(rb"[^ \t\r\n][^\n]*")  # from the first character that is not blank


def records(name: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The records of a small file after its header, each with the line on which it ends, without empty ones.

    What is no UTF-8 is read with marks in its place. Raises Error naming the line where it is no CSV, and for more
    empty rows than any honest file has.
    """
    reader = csv.reader(io.StringIO(data.decode("utf-8-sig", "replace"), newline=""))
    empty = 0
    try:
        next(reader, None)
        for cells in reader:
            if any(cells):
                yield reader.line_num, cells
                continue
            empty += 1
            if empty > _HOPELESS:
                raise csv.Error(f"there are more than {_HOPELESS:,} empty rows up to here")
    except csv.Error as error:
        raise Error(
            "csv-unreadable",
            f"{name} cannot be read.",
            f"Line {reader.line_num}: {error}.",
            "Export the file again and import it as it comes.",
        ) from None


def header(data: bytes) -> list[str]:
    """The names in the first line of `data`; empty when it is no comma-separated text."""
    first = data.removeprefix(_BOM)[:_HEADER].split(b"\n", 1)[0].removesuffix(b"\r")
    try:
        return next(csv.reader([first.decode("utf-8")], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return []


def read(name: str, data: bytes, wanted: Sequence[str], first: int = 1, optional: Sequence[str] = ()) -> Sheet:
    """The `wanted` columns of `data`, and those `optional` ones that it has; `first` is its header's line.

    Raises NotRecognised naming the columns that are missing, Error where the text is not UTF-8 or where its
    quotation marks do not pair up. Rows with too few or too many cells are noted as problems.
    """
    data = data.removeprefix(_BOM)
    names = header(data)
    _check_header(name, names, wanted)
    _check_text(name, data, first)
    starts = _starts(data)
    lines = starts[1:] + (first - 1)
    ragged: list[arrow.InvalidRow] = []
    columns = [*wanted, *(c for c in optional if c in names)]
    table = _parse(name, data, columns, ragged) if len(lines) else _nothing(columns)
    # Two ways of cutting the file into records, by line ends and by cells. A stray quotation mark makes them
    # differ, and then no line number could be trusted.
    if table.num_rows + len(ragged) != len(lines):
        raise Error(
            "quotes-unpaired",
            f"The quotation marks or line ends of {name} do not pair up.",
            f"It has {len(lines)} records by its line ends and {table.num_rows + len(ragged)} by its cells.",
            "Export the file again; a cell with a quotation mark in it must itself be quoted (RFC 4180).",
        )
    problems = Problems(name=name)
    # Arrow numbers the header 1; the first row is 0 here.
    at = np.array([row.number - 2 for row in ragged], np.int64)
    for row, place in zip(ragged, at, strict=True):
        problems.add(int(lines[place]), f"{row.actual_columns} cells where the header has {row.expected_columns}")
    return Sheet(table=table, lines=np.delete(lines, at), problems=problems)


def _check_header(name: str, names: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [column for column in wanted if column not in names]
    twice = sorted({column for column in wanted if names.count(column) > 1})
    if missing or twice:
        said = [f"missing: {', '.join(missing)}"] if missing else []
        said += [f"there twice: {', '.join(twice)}"] if twice else []
        raise NotRecognised(
            "columns-differ",
            f"{name} does not have the columns of this kind of file.",
            f"Columns {'; '.join(said)}. Its first line is {shown(','.join(names))}.",
            "Name another source with --as, or export the file again with all columns.",
        )


def _starts(data: bytes) -> NDArray[np.int64]:
    """The line, from 1, on which each record begins. A line end inside quotation marks ends no record."""
    raw = np.frombuffer(data, np.uint8)
    if not len(raw):
        return np.zeros(0, np.int64)
    # Arrow passes over empty lines, so they begin no record here either. They are told by the bytes around a line
    # end, before any index is made: a file of nothing but line ends would have as many as it has bytes.
    blank = (raw == ord("\n")) | ((raw == ord("\r")) & (np.append(raw[1:], raw[-1:]) == ord("\n")))
    begins = ~blank
    begins[1:] &= raw[:-1] == ord("\n")
    starts = np.flatnonzero(begins)
    if ord('"') in data:
        # Outside of quotation marks where an even number of them came before; a doubled one inside counts twice.
        quotes = np.flatnonzero(raw == ord('"'))
        starts = starts[(starts == 0) | (np.searchsorted(quotes, starts - 1) % 2 == 0)]
    breaks = np.flatnonzero(raw == ord("\n"))
    lines: NDArray[np.int64] = np.searchsorted(breaks, starts).astype(np.int64) + 1
    return lines


def _parse(name: str, data: bytes, columns: Sequence[str], ragged: list[arrow.InvalidRow]) -> pa.Table:
    def note(row: arrow.InvalidRow) -> str:
        ragged.append(row)
        return "skip" if len(ragged) < _HOPELESS else "error"

    try:
        return arrow.read_csv(
            io.BytesIO(data),
            # One thread: only then does Arrow number the rows that it skips.
            read_options=arrow.ReadOptions(use_threads=False, block_size=_BLOCK),
            # RFC 4180 lets a quoted cell hold a line end; without the option Arrow may cut a block inside a
            # record.
            parse_options=arrow.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
            convert_options=arrow.ConvertOptions(
                include_columns=list(columns),
                column_types={column: pa.string() for column in columns},
                # An empty cell is an empty text: whether it may be empty is each source's to say.
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowCapacityError) as error:
        raise _unreadable(name, str(error)) from None


def _check_text(name: str, data: bytes, first: int) -> None:
    # Arrow tells of bytes that are not UTF-8, and not of their line.
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + first
        raise _unreadable(name, f"line {line}: byte {data[error.start]:#04x} is not UTF-8") from None


def _unreadable(name: str, why: str) -> Error:
    return Error(
        "sheet-unreadable",
        f"{name} cannot be read as comma-separated text.",
        f"{why.splitlines()[0][:200]}.",
        "Export the file again as CSV in UTF-8.",
    )


def _nothing(columns: Sequence[str]) -> pa.Table:
    return pa.table({column: pa.chunked_array([], pa.string()) for column in columns})
