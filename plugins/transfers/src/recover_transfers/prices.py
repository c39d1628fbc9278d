"""The project's own price file: what one whole unit of an asset was worth at a moment, a row a price.

    #recover-prices 1
    #source: who published the prices
    #licence: under what terms
    #note: how they were made, such as the close of the day
    asset,currency,time,price

`asset` is a CAIP-19 id, `currency` an ISO 4217 code, `time` ISO 8601 with its zone, `price` a decimal number of
the currency for one whole unit of the asset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from recover.sdk import Ask, Batch, Error, Exhibit, Price, Recorder, SourceInfo, sheet, spreadsheet
from recover_transfers import head

FIRST = b"#recover-prices 1"
COLUMNS = ("asset", "currency", "time", "price")

_ASSET = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}/[-a-z0-9]{3,8}:[-.%a-zA-Z0-9]{1,128}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PRICE = re.compile(r"(0|[1-9][0-9]{0,17})(?:\.([0-9]{1,18}))?")
_ZONED = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})")


class Prices:
    """Prices in the project's own file. `place` is the line on which a row begins."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="prices",
            version="2",
            title="Price file",
            chains=("*",),
            place="line",
            media="CSV that begins with #recover-prices 1",
            terms="as the file's #licence line says",
            limits="A price is what its publisher says; no figure of a trace rests on one.",
        )

    def recognises(self, name: str, head_bytes: bytes) -> bool:
        return head.begins(spreadsheet.plain(head_bytes).data, FIRST)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 unreadable lines, NotRecognised for another kind of file."""
        data = spreadsheet.plain(exhibit.data).data
        top = head.read(exhibit.name, data, FIRST)
        if not top.source:
            raise Error(
                "price-source",
                f"{exhibit.name} does not say who published its prices.",
                "A price without a source cannot be checked, and backs no figure.",
                "Add the line `#source: WHO` below the first.",
            )
        read = sheet.read(exhibit.name, data[top.at :], COLUMNS, top.line, ())
        found = []
        for place, row in zip(read.lines, read.table.select(list(COLUMNS)).to_pylist(), strict=True):
            made = _price(row, top.source, int(place))
            if isinstance(made, str):
                read.problems.add(int(place), made)
            else:
                found.append(made)
        read.problems.check()
        yield Batch.of(*found)


def _price(row: dict[str, str], source: str, place: int) -> Price | str:
    """The price of a row, or what is wrong with it."""
    if not _ASSET.fullmatch(row["asset"]):
        return f"asset {sheet.shown(row['asset'])} is no CAIP-19 id"
    if not _CURRENCY.fullmatch(row["currency"]):
        return f"currency {sheet.shown(row['currency'])} is no ISO 4217 code"
    parts = _PRICE.fullmatch(row["price"])
    if parts is None:
        return f"price {sheet.shown(row['price'])} is no decimal number with at most 18 digits behind the point"
    if not _ZONED.fullmatch(row["time"]):
        return f"time {sheet.shown(row['time'])} is not of the form 2022-04-17T06:15:03Z"
    try:
        time = datetime.fromisoformat(row["time"]).astimezone(UTC)
    except (ValueError, OverflowError):
        return f"time {sheet.shown(row['time'])} is no day or time that there is"
    behind = parts[2] or ""
    # Digits, not a number with a point: so many whole parts of a power of ten.
    value = int(parts[1] + behind)
    return Price(
        asset=row["asset"],
        currency=row["currency"],
        value=value,
        scale=len(behind),
        time=time,
        source=source,
        place=place,
    )
