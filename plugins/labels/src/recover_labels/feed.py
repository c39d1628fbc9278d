"""The feed of another case (`recover feed`), in the forms for exchanges: what addresses were reported for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from recover.sdk import Ask, Batch, Exhibit, Recorder, SourceInfo, spreadsheet
from recover_labels.partners import CHAIN, MOST_OBJECTS, Reading, capped, loaded, published, shaped, text
from recover_labels.rows import batches, bounded, refuse
from recover_labels.versions import Statement, moment

_NEEDED = ("indicator", "type", "chain", "category", "grade")
_FIRST = ",".join(_NEEDED).encode()
_DOCUMENT = re.compile(rb'\s*\{\s*"as_of"\s*:\s*"[^"]{1,40}"\s*,\s*"issued_by"\s*:')


class Feed:
    """Reads `exchanges/addresses.csv`, and `feed.json`, `revocations.json` and `exchanges/addresses.json`."""

    info = SourceInfo(
        id="recover-feed",
        version="1",
        title="Feed of another case",
        chains=("*",),
        place="line",
        media="CSV or JSON that `recover feed build` wrote",
        terms="as the TLP of each entry states",
        limits="64 MiB; grade C at best; addresses are read, and every other entry is counted",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        """The columns of a feed, or the head of its document."""
        plain = spreadsheet.plain(head).data.removeprefix(b"\xef\xbb\xbf")
        return plain.startswith(_FIRST) or bool(_DOCUMENT.match(plain[:200]))

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: feeds are imported."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Labels in order; `place` is the line of a table, from 1, or the entry of a document, from 0.

        Raises Error, NotRecognised.
        """
        data = bounded("feed-size", exhibit.name, exhibit.data)
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            by, at, rows = _document(exhibit)
        else:
            by, at, rows = "", "", _table(exhibit)
        reading = Reading(exhibit, f"feed by {by or 'nobody named'}")
        for place, row in rows:
            _read(row, place, by, at, reading)
        yield from batches(self.info.id, self.info.version, reading.settled(), reading.gaps())


def _document(exhibit: Exhibit) -> tuple[str, str, list[tuple[int, Mapping[str, object]]]]:
    root = loaded("feed-json", exhibit)
    entries = root.get("entries") if isinstance(root, dict) else None
    shaped("feed-shape", exhibit, "feed", isinstance(entries, list) and len(entries) <= MOST_OBJECTS)
    rows: list[tuple[int, Mapping[str, object]]] = [
        (place, one) for place, one in enumerate(entries or ()) if isinstance(one, dict)
    ]
    return text(root.get("issued_by")), moment(root.get("as_of")), rows


def _table(exhibit: Exhibit) -> list[tuple[int, Mapping[str, object]]]:
    try:
        plain = spreadsheet.plain(exhibit.data).data.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(plain, newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        refuse("feed-csv", exhibit.name, [f"it is no comma-separated text in UTF-8 ({error})"], _AGAIN)
    head = rows[0] if rows else []
    shaped("feed-shape", exhibit, "feed", set(head) >= set(_NEEDED) and len(rows) <= MOST_OBJECTS)
    return [(place, dict(zip(head, cells, strict=False))) for place, cells in enumerate(rows[1:], 2) if cells]


def _read(row: Mapping[str, object], place: int, by: str, at: str, reading: Reading) -> None:
    kind, chain = text(row.get("type")), text(row.get("chain"))
    if kind != "address":
        reading.unread[f"entries of a feed of the type {kind[:60] or 'none'}"] += 1
        return
    address, grade = text(row.get("indicator")), text(row.get("grade"))
    gone = moment(row.get("withdrawn"))
    told = published(text(row.get("category")), chain if CHAIN.fullmatch(chain) else "", grade)
    told |= {"asserted": at[:10], "until": text(row.get("valid_until"))}
    of = Statement(f"{by} {chain} {address}", gone or at, "its maker withdrew it" if row.get("withdrawn") else "")
    reading.add(address, place, capped(grade), told, chain, of)


_AGAIN = "Ask for the feed again, and import `exchanges/addresses.csv` or `feed.json` as it comes."
