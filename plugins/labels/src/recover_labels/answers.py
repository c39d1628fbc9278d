"""Tables that an exchange answers with: deposits, withdrawals and accounts, as labels of its customers' addresses.

An address that was credited for a customer is a deposit address of whoever answers. Where a withdrawal went, the
exchange cannot say whose it is: such rows are counted. Who the customer is stands in the exhibit and in no label.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache

from recover.sdk import Ask, Batch, Exhibit, Recorder, SourceInfo, spreadsheet
from recover_labels.networks import DATA
from recover_labels.partners import MOST_OBJECTS, Reading, shaped, text
from recover_labels.rows import batches, bounded, refuse

_FEW = 10
"""Rows in which the heading is looked for: people put titles above a table."""


class ExchangeAnswer:
    """Reads CSV and the first sheet of a workbook, where a heading names an address and what happened there."""

    info = SourceInfo(
        id="exchange-answer",
        version="1",
        title="Table that an exchange answered with",
        chains=("*",),
        place="line",
        media="CSV or XLSX (Excel workbook) of an exchange's deposits and withdrawals, named with --as",
        terms="as the answer states; it holds personal data",
        limits="64 MiB; grade C; names deposit addresses, of the service that a column names; shows no movement",
        primary=False,
    )

    def recognises(self, name: str, head: bytes) -> bool:
        """A heading of such a table among the first rows; of a workbook, its head cannot say what is in it."""
        if head.startswith(b"PK\x03\x04"):
            return b"[Content_Types].xml" in head[:200]
        lines = spreadsheet.plain(head).data.decode("utf-8-sig", "replace").splitlines()[:_FEW]
        return any(_columns(_cells(line)) for line in lines)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: answers are imported."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Labels in the order of the rows; `place` is the row, from 1. Raises Error, NotRecognised."""
        data = bounded("answer-size", exhibit.name, exhibit.data)
        rows = _sheet(exhibit) if data.startswith(b"PK\x03\x04") else _csv(exhibit)
        at, columns = next(((n, found) for n, row in enumerate(rows[:_FEW]) if (found := _columns(row))), (0, {}))
        shaped(
            "answer-shape", exhibit, "table with an address and a type, a transaction or an account", bool(columns)
        )
        reading = Reading(exhibit, f"answer of an exchange in {exhibit.name}")
        for place, cells in enumerate(rows[at + 1 :], at + 2):
            told = {name: text(cells[n]) for name, n in columns.items() if n < len(cells)}
            _read({**dict.fromkeys(columns, ""), **told}, place, reading)
        yield from batches(self.info.id, self.info.version, reading.settled(), reading.gaps())


@cache
def _known() -> tuple[Mapping[str, list[str]], Mapping[str, str], Mapping[str, list[str]]]:
    told = tomllib.loads((DATA / "answers.toml").read_text(encoding="utf-8"))
    kinds = {word: kind for kind, words in told["kinds"].items() for word in words}
    return told["columns"], kinds, told["statuses"]


def _plain(cell: str) -> str:
    return re.sub(r"[\s._()-]", "", cell.casefold())


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _columns(row: list[str]) -> dict[str, int]:
    """What each column means; empty where the row is no heading of such a table."""
    heads = [_plain(cell) for cell in row]
    found = {
        name: heads.index(word) for name, words in _known()[0].items() for word in reversed(words) if word in heads
    }
    return found if "address" in found and {"kind", "tx", "account"} & set(found) else {}


def _read(told: Mapping[str, str], place: int, reading: Reading) -> None:
    if not any(told.values()):
        return
    kind = _known()[1].get(_plain(told.get("kind", "")), "") if "kind" in told else "deposit"
    service, standing = told.get("service", ""), _standing(told)
    if kind != "deposit":
        reading.unread[
            "withdrawals, of which an exchange cannot say whose they are" if kind else "other rows"
        ] += 1
    elif standing:
        reading.unread[standing] += 1
    elif not service:
        reading.unread["deposits of a service that no column names"] += 1
    else:
        said = {
            "service": service,
            "label": f"{service} customer deposit",
            "role": "deposit",
            "category": "exchange",
        }
        said |= {"asserted": told.get("time", "")[:10], "tx": told.get("tx", "")}
        network = told.get("network") or told.get("asset", "")
        reading.add(told["address"], place, "C", said, network)


def _standing(told: Mapping[str, str]) -> str:
    """Why a row names no deposit address, by what it says of its status; empty where it does."""
    status = told.get("status", "")
    if _says("denied", f"{status} {told.get('remark', '')}"):
        return "deposits that the answer itself does not call credited"
    if status and not _says("credited", status):
        return "deposits of a status that is not known here"
    return ""


def _says(what: str, cell: str) -> bool:
    """Whether a cell has one of the words of `what`, as a word, or anywhere where its script has no spaces."""
    plain = cell.casefold()
    words = frozenset(re.findall(r"[a-z]+", plain))
    return any(word in words if word.isascii() else word in plain for word in _known()[2][what])


def _csv(exhibit: Exhibit) -> list[list[str]]:
    try:
        plain = spreadsheet.plain(exhibit.data).data.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(plain, newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        refuse("answer-csv", exhibit.name, [f"it is no comma-separated text in UTF-8 ({error})"], _AGAIN)
    shaped("answer-shape", exhibit, "table of an exchange", len(rows) <= MOST_OBJECTS)
    return rows


def _sheet(exhibit: Exhibit) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(exhibit.data))
        found = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=MOST_OBJECTS)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        refuse("answer-xlsx", exhibit.name, [f"it is no workbook ({error})"[:300]], _AGAIN)
    return [[str(cell) for cell in row] for row in found]


_AGAIN = "Ask for the table again, as CSV in UTF-8 or as XLSX, and import it as it comes."
