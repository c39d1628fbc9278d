"""Forms for exchanges and for whoever reads the feed whole, revocations, and counts for the public."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence

from recover.prevention.published import FIELDS, Feed, Row

LEAST = 10
"""A count of fewer tells of single cases: it is not published (k-anonymity, k = 10)."""


def files(feed: Feed) -> Iterator[tuple[str, bytes]]:
    """`feed.json` has every entry, `exchanges/` the addresses, `revocations.json` what is withdrawn."""
    yield "feed.json", _document(feed, [*feed.rows.values()])
    addresses = [row for row in feed.rows.values() if row["type"] == "address"]
    yield "exchanges/addresses.json", _document(feed, addresses)
    yield "exchanges/addresses.csv", _table(addresses)
    yield "revocations.json", _document(feed, feed.withdrawn())
    yield "public/aggregate.json", _aggregate(feed)


def _document(feed: Feed, rows: Sequence[Row]) -> bytes:
    said = {
        "as_of": f"{feed.at:%Y-%m-%dT%H:%M:%SZ}",
        "issued_by": feed.agency,
        "entries": [{name: _cell(row, name) for name in FIELDS} for row in rows],
    }
    return json.dumps(said, indent=1, ensure_ascii=False).encode() + b"\n"


def _cell(row: Row, name: str) -> str | int | None:
    return int(row[name]) if name == "source_count" else row[name] or None


def _table(rows: Sequence[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    # Every cell is an address, a word of ours, a moment or a checked contact: none can be a formula.
    writer.writerows([row[name] for name in FIELDS] for row in rows)
    return out.getvalue().encode()


def _aggregate(feed: Feed) -> bytes:
    """Counts of standing entries by category, none below `LEAST`; the sum only where no cell that is left out can
    be worked out from it. There is no second division: two of them tell what each keeps back."""
    counts: dict[str, int] = {}
    for row in feed.standing():
        counts[row["category"]] = counts.get(row["category"], 0) + 1
    shown = {key: n for key, n in sorted(counts.items()) if n >= LEAST}
    whole = sum(counts.values())
    hidden = whole - sum(shown.values())
    said = {"as_of": f"{feed.at:%Y-%m}", "least": LEAST, "by_category": shown}
    return (
        json.dumps({**said, "entries": whole if shown and not 0 < hidden < LEAST else None}, indent=1).encode()
        + b"\n"
    )
