"""Workbooks of other cases: the sheet `names` of what `recover export --as xlsx` wrote, as a partner's labels."""

from __future__ import annotations

import io
from collections.abc import Iterator

from recover.sdk import Ask, Batch, Exhibit, NotRecognised, Recorder, SourceInfo
from recover_labels.partners import MOST_OBJECTS, Reading, capped, inner, text
from recover_labels.rows import batches, bounded
from recover_labels.versions import UNVERSIONED, Statement

SHEET = "names"
_NEEDED = frozenset(("kind", "chain", "address", "grade", "label", "service", "role"))
_NAMING = frozenset(("label", "deposit-address"))


class Workbook:
    """Reads the sheet `names`; every other sheet holds what no partner's word can show here."""

    info = SourceInfo(
        id="recover-xlsx",
        version="1",
        title="Workbook of another case",
        chains=("*",),
        place="line",
        media="XLSX (Excel workbook) that `recover export --as xlsx` wrote",
        terms="as whoever hands it over states",
        limits="64 MiB; grade C at best; only the sheet names is read",
        primary=False,
    )

    def recognises(self, name: str, head: bytes) -> bool:
        """A workbook of any kind: which one, its head cannot say, so it is named with --as."""
        return head.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in head[:200]

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: workbooks are imported."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Labels in the order of the rows; `place` is the sheet's row, from 1. Raises NotRecognised."""
        rows = _rows(exhibit)
        head = rows[0] if rows else []
        if not set(head) >= _NEEDED or len(rows) > MOST_OBJECTS:
            raise _no(exhibit, f"its sheet {SHEET} has not the columns {', '.join(sorted(_NEEDED))}")
        reading = Reading(exhibit, f"workbook {exhibit.name}")
        for place, cells in enumerate(rows[1:], 2):
            told = {name: cell.removeprefix("'") for name, cell in zip(head, cells, strict=False)}
            if told["kind"] not in _NAMING:
                reading.unread[f"attributions of the kind {told['kind'][:60]}"] += 1
                continue
            if told["kind"] == "deposit-address":
                told |= {"role": "deposit", "label": told["label"] or f"{told['service']} deposit address"}
            own = inner(told.get("params"))
            gone = text(own.get("withdrawn")) or text(own.get("against")) or text(own.get("ahead"))
            of = (
                Statement("", text(own.get("withdrawn")), "the other case does not count it")
                if gone
                else UNVERSIONED
            )
            until = {"until": own.get("until")}
            reading.add(told["address"], place, capped(told["grade"]), {**told, **until}, of=of)
        yield from batches(self.info.id, self.info.version, reading.settled(), reading.gaps())


def _rows(exhibit: Exhibit) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    data = bounded("xlsx-size", exhibit.name, exhibit.data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if SHEET not in book.sheet_names:
            raise _no(exhibit, f"it has no sheet {SHEET}")
        found = book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False, nrows=MOST_OBJECTS + 1)
    except (CalamineError, OSError, ValueError) as error:
        raise _no(exhibit, f"it is no workbook ({error})"[:300]) from None
    return [[str(cell) for cell in row] for row in found]


def _no(exhibit: Exhibit, why: str) -> NotRecognised:
    return NotRecognised(
        "xlsx-shape",
        f"{exhibit.name} is no workbook of this program.",
        f"{why[0].upper()}{why[1:]}.",
        "Ask for `recover export --as xlsx` of the other case, or save the table as CSV and import that.",
    )
