"""The project's own transfer file: facts of any chain, a row a transfer, in one plain table.

    #recover-transfers 1
    #source: where the facts are from
    #licence: under what terms
    #history: complete
    #until: 2026-01-31T23:59:59Z
    #asset: eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7
    view,chain,tx,time,from,to,asset,amount,decimals,symbol,status

`history: complete` claims the whole history of every view, up to the moment `until`; without it nothing there is
called at rest. `asset` says that the file was exported for that one alone: it has no row of another, and what it
claims is of that asset. `time` is ISO 8601 with its zone, `amount` a whole number of base units, `asset` a CAIP-19
id, `status` ok or failed. `from` is empty for a mint, `to` for a burn. `view` is the address whose history the row
was listed under, or empty. The columns `height`, `index` and `leg` may follow: the block, the transaction's
place in it, and the chain's own number for the movement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Ask, Batch, Coverage, Exhibit, Recorder, SourceInfo, sheet, spreadsheet
from recover.sdk.transfers import (
    Column,
    TransferRows,
    assets,
    conflicts,
    exact,
    firsts,
    mapped,
    number,
    whole_number,
    why_no_amount,
)
from recover_transfers import head

COLUMNS = ("view", "chain", "tx", "time", "from", "to", "asset", "amount", "decimals", "symbol", "status")
ORDER = ("height", "index", "leg")

# CAIP-2, the account part of CAIP-10, and CAIP-19. Which texts are addresses, only the chain's own plugin knows.
_CHAIN = r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}"
_ACCOUNT = r"[-.%a-zA-Z0-9]{1,128}"
_FORMS = {
    "chain": (f"^{_CHAIN}$", "is no CAIP-2 id"),
    "tx": (f"^{_ACCOUNT}$", "is no transaction id"),
    "view": (f"^({_ACCOUNT})?$", "is no address"),
    "from": (f"^({_ACCOUNT})?$", "is no address"),
    "to": (f"^({_ACCOUNT})?$", "is no address"),
    "asset": (f"^{_CHAIN}/[-a-z0-9]{{3,8}}:{_ACCOUNT}$", "is no CAIP-19 id"),
    "decimals": (r"^([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])?$", "is not a number from 0 to 255"),
    "symbol": (r"^[^\x00-\x1f\x7f]{0,256}$", "has control characters, or more than 256"),
    "status": (r"^(ok|failed)$", "is neither ok nor failed"),
}
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"
_ZONED = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})")
_ORDER = r"^(0|[1-9][0-9]{0,17})?$"


class Transfers:
    """Transfers in the project's own file. `place` is the line on which a row begins."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="transfers",
            version="1",
            title="Transfer file",
            chains=("*",),
            place="line",
            media="CSV that begins with #recover-transfers 1",
            terms="as the file's #licence line says",
            limits="What it says of a chain is as good as the source that it names.",
        )

    def recognises(self, name: str, head_bytes: bytes) -> bool:
        return head.begins(spreadsheet.plain(head_bytes).data)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 unreadable lines, NotRecognised for another kind of file."""
        data = spreadsheet.plain(exhibit.data).data
        top = head.read(exhibit.name, data)
        read = sheet.read(exhibit.name, data[top.at :], COLUMNS, top.line, ORDER)
        if not len(read.lines):
            read.problems.check()
            return
        times = _check(read, top.asset)
        read.problems.check()
        seen, moves = _seen(read), _moves(read, times)
        yield moves.batch(assets=seen)
        yield Batch.of(*(_coverage(moves, top) if top.complete else []), *conflicts(seen))


def _check(read: sheet.Sheet, only: str) -> Column:
    """Note every cell that is not what its column holds; the times, null where they are none. `only`: the asset of
    which alone the file is said to be, or empty."""
    if only:
        read.require(
            "asset", pc.equal(read.text("asset"), only), f"is not {only[:80]}, of which alone the file is"
        )
    for column, (form, why) in _FORMS.items():
        read.require(column, pc.match_substring_regex(read.text(column), form), why)
    for column in ORDER:
        if column in read.table.column_names:
            read.require(column, pc.match_substring_regex(read.text(column), _ORDER), "is not a whole number")
    amounts = read.text("amount")
    _note(read, pc.invert(whole_number(amounts)), lambda row: _amount_problem(amounts[row].as_py()))
    view, src, dst = read.text("view"), read.text("from"), read.text("to")
    listed = pc.or_(pc.equal(view, ""), pc.or_(pc.equal(view, src), pc.equal(view, dst)))
    _note(read, pc.invert(listed), lambda row: "the view is neither from nor to")
    _note(read, pc.and_(pc.equal(src, ""), pc.equal(dst, "")), lambda row: "from and to are both empty")
    home = pc.equal(pc.replace_substring_regex(read.text("asset"), "/.*$", ""), read.text("chain"))
    _note(read, pc.invert(home), lambda row: "the asset is not on the chain")
    return _times(read)


def _note(read: sheet.Sheet, bad: Column, say: Callable[[int], str]) -> None:
    read.problems.at(read.lines, np.asarray(bad), say)


def _amount_problem(text: str) -> str:
    return f"amount {sheet.shown(text)} {why_no_amount(text)}"


def _times(read: sheet.Sheet) -> Column:
    texts = read.text("time")
    formed = pc.match_substring_regex(texts, _TIME)
    if not pc.all(formed).as_py():
        texts = pc.if_else(formed, texts, pc.coalesce(mapped(texts, _zoned)[0], texts))
        formed = pc.match_substring_regex(texts, _TIME)
    read.require("time", formed, "is not of the form 2022-04-17T06:15:03.000Z")
    plain = pc.if_else(formed, texts, "1970-01-01T00:00:00.000Z")
    try:
        return pc.cast(plain, pa.timestamp("us", tz="UTC"))
    except pa.ArrowInvalid:
        real = mapped(plain, _real)[0]
        read.require("time", pc.is_valid(real), "is no day or time that there is")
        return real


def _zoned(text: str) -> str | None:
    """A time of another zone, or with other digits behind the second, as this file writes it."""
    if not _ZONED.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return f"{found:%Y-%m-%dT%H:%M:%S}.{found.microsecond // 1000:03}Z"


def _real(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def _moves(read: sheet.Sheet, times: Column) -> TransferRows:
    order = {name: number(read.text(name)) for name in ORDER if name in read.table.column_names}
    src = _somebody(read, "from")
    return TransferRows(
        chain=read.text("chain"),
        view=_or_null(read.text("view")),
        tx=read.text("tx"),
        time=times,
        failed=pc.equal(read.text("status"), "failed"),
        src=src,
        # A side stays, or the row would say nothing: of a movement from nobody to nobody the second.
        dst=pc.if_else(pc.is_null(src), _or_null(read.text("to")), _somebody(read, "to")),
        asset=read.text("asset"),
        value=exact(read.text("amount")),
        place=pa.array(read.lines),
        **order,
    )


_NOBODY = {"eip155": "0x" + "0" * 40, "tron": "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"}
"""The address of twenty zero bytes, which has no key: a token's contract says by it that it mints, or burns."""


def _somebody(read: sheet.Sheet, column: str) -> Column:
    """Who paid or was paid; null where nobody did. The chain's own coin is never burnt by sending it somewhere."""
    texts, asset = read.text(column), read.text("asset")
    nobody = pc.equal(texts, "")
    for chain, zero in _NOBODY.items():
        token = pc.and_(pc.starts_with(asset, f"{chain}:"), pc.invert(pc.match_substring(asset, "/slip44:")))
        nobody = pc.or_(nobody, pc.and_(token, pc.equal(texts, zero)))
    return pc.if_else(nobody, pa.scalar(None, pa.string()), texts)


def _or_null(texts: Column) -> Column:
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _seen(read: sheet.Sheet) -> pa.Table:
    return assets(
        asset=read.text("asset"),
        symbol=read.text("symbol"),
        name=pa.repeat("", len(read.lines)),
        decimals=number(read.text("decimals")),
        place=pa.array(read.lines),
    )


def _coverage(moves: TransferRows, top: head.Head) -> list[Coverage]:
    """A complete file claims the whole history of each of its views, in its asset or in all, up to the time it was
    made."""
    rows = pa.table({"chain": moves.chain, "view": moves.view, "place": moves.place})
    found = firsts(rows.filter(pc.is_valid(moves.view)), ["chain", "view"])
    places = found.to_pylist()
    until, asset = top.until, top.asset or None
    return [
        Coverage(chain=r["chain"], address=r["view"], asset=asset, until=until, place=r["place"]) for r in places
    ]
