"""Rows of an exhibit as columns, whatever shape they came in: JSON objects, a sheet of text, a Parquet table.

Cells stay as they came until a decoder asks for a column as hashes, addresses, numbers and so on. What cannot be
read is noted with its place, and all of it is told at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.sdk import UINT256, Error, sheet
from recover_chain_evm import values, words

Column = Any  # pyarrow has no types to name
Cells = Any  # a list of a row's raw values, or a column of text

_MICROS = pa.timestamp("us", tz="UTC")
_LATEST = 4_102_444_800  # the year 2100
HASH = r"^0x[0-9a-f]{64}$"
_ADDRESS = r"^0x[0-9a-f]{40}$"
_SIZES = {HASH: 66, _ADDRESS: 42}
_DATA = r"^0x(?:[0-9a-f]{2})*$"
_SHORT = re.compile(r"([1-9][0-9]{0,77})[eE]\+?([0-9]{1,2})")
"""199e17: whole and exact as it is written. Statistics programs shorten numbers so."""
_NONE = type(None)
_FORMS = ((r"^(?:0|[1-9][0-9]{0,77})$", 10), (r"^0x[0-9a-fA-F]{1,64}$", 16))


@dataclass(slots=True, kw_only=True)
class Problems:
    """What is wrong at which place of one exhibit. `unit` is what places count: line or item."""

    name: str
    unit: str
    said: dict[int, str] = field(default_factory=dict)
    places: set[int] = field(default_factory=set)

    def add(self, place: int, text: str) -> None:
        self.places.add(place)
        if len(self.said) < sheet.LISTED or place in self.said:
            self.said.setdefault(place, text)

    def check(self) -> None:
        """Raises Error naming up to 20 places, if there is any problem."""
        if not self.places:
            return
        told = [f"{self.unit} {place}: {self.said[place]}" for place in sorted(self.said)]
        more = len(self.places) - len(told)
        told += [f"and {more} more"] if more else []
        raise Error(
            "rows-unreadable",
            f"{len(self.places)} {self.unit}{'s' if len(self.places) > 1 else ''} of {self.name} cannot be read.",
            "; ".join(told) + ".",
            "Export or fetch it again, and give it as it comes.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Raw columns of one length by the names that the decoders know, and each row's place in the exhibit."""

    places: NDArray[np.int64]
    cells: Mapping[str, Cells]
    problems: Problems

    @classmethod
    def of(
        cls, rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], places: Sequence[int], problems: Problems
    ) -> Frame:
        """From JSON objects; `names` says under which key the rows have each column. An absent key: no column."""
        keys: set[str] = set().union(*rows)
        present = {name: key for name, key in names.items() if key in keys}
        cells = {name: [row.get(key) for row in rows] for name, key in present.items()}
        return cls(places=np.array(places, np.int64), cells=cells, problems=problems)

    def __len__(self) -> int:
        return len(self.places)

    def has(self, name: str) -> bool:
        return name in self.cells

    def raw(self, name: str) -> list[Any]:
        """A column as it came; nulls where the exhibit does not have it."""
        found = self.cells.get(name)
        if found is None:
            return [None] * len(self)
        return list(found) if isinstance(found, list) else list(found.to_pylist())

    def only(self, keep: NDArray[np.bool_]) -> Frame:
        """The rows that `keep` marks."""
        rows = np.flatnonzero(keep)
        cells = {
            name: [found[i] for i in rows.tolist()] if isinstance(found, list) else found.take(pa.array(rows))
            for name, found in self.cells.items()
        }
        return Frame(places=self.places[keep], cells=cells, problems=self.problems)

    def texts(self, name: str) -> Column:
        """A column as text, null where it is empty."""
        found = self.cells.get(name)
        if found is None:
            return pa.nulls(len(self), pa.string())
        column = self._strings(name, found) if isinstance(found, list) else found
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        empty = pc.equal(column, "")
        return pc.if_else(empty, pa.scalar(None, pa.string()), column) if pc.any(empty).as_py() else column

    def hashes(self, name: str, *, optional: bool = False) -> Column:
        """A column of hashes in small digits."""
        return self._matched(name, HASH, "is not 0x and 64 hexadecimal digits", optional)

    def addresses(self, name: str, *, optional: bool = False) -> Column:
        """A column of addresses in small digits."""
        return self._matched(name, _ADDRESS, "is not 0x and 40 hexadecimal digits", optional)

    def data(self, name: str, *, optional: bool = False) -> Column:
        """A column of bytes as 0x and small digits."""
        return self._matched(name, _DATA, "is not 0x and pairs of hexadecimal digits", optional)

    def numbers(self, name: str, *, optional: bool = False) -> Column:
        """A column of whole numbers below 2**63, from decimal or hexadecimal text or as they are."""
        read = self._read(name)
        try:
            column = pa.array(read, pa.int64())
        except OverflowError:
            column = pa.array([self._small(i, name, v) for i, v in enumerate(read)], pa.int64())
        if not optional:
            self._require(name, column)
        return column

    def exact(self, name: str, *, optional: bool = False) -> list[int | None]:
        """A column of whole numbers up to 2**256 - 1."""
        read = self._read(name)
        if not optional:
            self._require(name, pa.array([v is not None or None for v in read], pa.bool_()))
        return read

    def amounts(self, name: str) -> words.Exact:
        """A column of exact amounts; nought where it is empty."""
        return words.of_numbers([v or 0 for v in self.exact(name, optional=True)])

    def times(self, name: str) -> Column:
        """Seconds since 1970 as times; texts in the form 2015-08-07 03:30:33 UTC are read too."""
        found = self.raw(name)
        seconds = _quickly(found) or [
            _moment(v) if isinstance(v, str) and "-" in v else self._number(i, name, v)
            for i, v in enumerate(found)
        ]
        late = [i for i, v in enumerate(seconds) if v is not None and not 0 <= v < _LATEST]
        for i in late:
            self._bad(i, name, found[i])
            seconds[i] = None
        return pc.cast(pc.cast(pa.array(seconds, pa.int64()), pa.timestamp("s", tz="UTC")), _MICROS)

    def blame(self, row: int, text: str) -> None:
        """Note what is wrong with one row."""
        self.problems.add(int(self.places[row]), text)

    def exponents(self, name: str) -> list[int]:
        """The rows in which a number is written with an exponent."""
        cells = enumerate(self.raw(name))
        return [row for row, value in cells if isinstance(value, str) and _SHORT.fullmatch(value)]

    def _read(self, name: str) -> list[int | None]:
        """A column of whole numbers. All of one form are read at once, anything else cell by cell."""
        found = self.raw(name)
        quick = _quickly(found)
        return [self._number(i, name, v) for i, v in enumerate(found)] if quick is None else quick

    def _number(self, row: int, name: str, value: Any) -> int | None:
        if isinstance(value, str) and (short := _SHORT.fullmatch(value)):
            value = int(short[1]) * 10 ** int(short[2])
        try:
            found: int | None = values.maybe(value, values.number, name)
        except ValueError as error:
            self.blame(row, str(error))
            return None
        return found

    def _small(self, row: int, name: str, value: int | None) -> int | None:
        if value is not None and not 0 <= value < 2**63:
            self._bad(row, name, value)
            return None
        return value

    def _bad(self, row: int, name: str, value: Any) -> None:
        self.blame(row, f"{name} {values.shown(str(value))} is out of range")

    def _strings(self, name: str, found: list[Any]) -> Column:
        try:
            return pa.array(found, pa.string())
        except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
            return pa.array([self._string(i, name, v) for i, v in enumerate(found)], pa.string())

    def _string(self, row: int, name: str, value: Any) -> str | None:
        try:
            if value is None or (isinstance(value, str) and value.encode("utf-8") is not None):
                return value
        except UnicodeEncodeError:
            pass
        self.blame(row, f"{name} {values.shown(value)} is no text")
        return None

    def _matched(self, name: str, form: str, why: str, optional: bool) -> Column:
        shown = self.texts(name)
        if words.all_digits(shown, _SIZES.get(form)):
            return shown
        column = pc.utf8_lower(shown) if len(self) else pa.array([], pa.string())
        good = pc.match_substring_regex(column, form)
        if optional:
            good = pc.fill_null(good, True)
        good = pc.fill_null(good, False)
        if not pc.all(good).as_py() and len(self):
            for row in np.flatnonzero(~np.asarray(good)).tolist():
                self.blame(row, f"{name} {values.shown(column[row].as_py())} {why}")
            column = pc.if_else(good, column, pa.scalar(None, pa.string()))
        return column

    def _require(self, name: str, column: Column) -> None:
        if column.null_count:
            for row in np.flatnonzero(np.asarray(pc.is_null(column))).tolist():
                self.blame(row, f"{name} is missing")


def _quickly(found: list[Any]) -> list[int | None] | None:
    """The numbers of a column that is all numbers, all decimal text or all hexadecimal text; else None."""
    kinds = set(map(type, found))
    if kinds <= {_NONE}:
        return found
    if kinds <= {int, _NONE}:
        read: list[int | None] = found
    elif kinds == {str}:
        try:
            column = pa.array(found, pa.string())
        except UnicodeEncodeError:
            return None
        base = next((b for form, b in _FORMS if pc.all(pc.match_substring_regex(column, form)).as_py()), 0)
        if not base:
            return None
        read = [int(text, base) for text in found]
    else:
        return None
    known = [v for v in read if v is not None]
    return read if min(known) >= 0 and max(known) <= UINT256 else None


def _moment(text: str) -> int | None:
    from datetime import UTC, datetime

    plain = text.removesuffix(" UTC").removesuffix("Z")
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        return -1
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def read_all(name: str, unit: str, read: Callable[[Problems], Any]) -> Any:
    """What `read` gives, after every problem it noted was told. Raises Error."""
    problems = Problems(name=name, unit=unit)
    found = read(problems)
    problems.check()
    return found
