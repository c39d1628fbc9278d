"""The pages of an account at TronGrid, one after the other: forward in time, each read before the next is
asked for.

Shapes: TRON developer documentation, TronGrid `v1/accounts/{address}/transactions`, `.../transactions/trc20` and
`.../internal-transactions`. Pages hold at most 200 items; `meta.fingerprint` names the next and is absent from the
last. Forward, a page that is full stays as it is: so a history that was cut off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from recover.sdk import Error, Exhibit, History, Recorder, Request
from recover_chain_tron import fields, page
from recover_chain_tron.asks import SETTLING
from recover_chain_tron.chain import canonical

LIMIT = 200
MARGIN = timedelta(minutes=10)
"""How long before an arrival a long history begins: what is older was settled when it was asked for."""

KEY = "trongrid-key"
HEADERS = (("TRON-PRO-API-KEY", f"{{{KEY}}}"), ("Accept", "application/json"))


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """One kind of list of an account: its path, and how an exhibit of it is checked before the next is asked
    for.
    """

    path: str
    check: Callable[[Exhibit], Any]
    contract: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What one page showed: its items, the first and last time, the transactions in the last and first moment."""

    items: tuple[Any, ...]
    first: int
    last: int
    begins: frozenset[str]
    ends: frozenset[str]

    @classmethod
    def of(cls, items: tuple[Any, ...]) -> _Seen | None:
        """None for a page without items. Raises ValueError or KeyError."""
        timed = [(fields.millis(each["block_timestamp"]), _id(each)) for each in items]
        if not timed:
            return None
        first, last = min(timed)[0], max(timed)[0]
        return cls(
            items=items,
            first=first,
            last=last,
            begins=frozenset(tx for at, tx in timed if at == first),
            ends=frozenset(tx for at, tx in timed if at == last),
        )


def _id(item: Any) -> str:
    found = item.get("transaction_id") or item.get("txID") or item.get("tx_id")
    if not isinstance(found, str):
        raise ValueError("an item names no transaction")
    return found


def pages(ask: History, wanted: List, recorder: Recorder) -> Iterator[Exhibit]:
    """Every page of a list. A long one begins at the moment at which what is followed arrived, and goes forward;
    what was before comes after it, and the two together are the history.

    Raises Error when a page cannot be read, when pages go round in a circle, stay the same or go back in time:
    what came is kept, and the history does not count as whole.
    """
    begin = None if ask.arrived is None or ask.arrived.time is None else ask.arrived.time - MARGIN
    if begin is None or ask.since is not None or ask.until is not None:
        yield from _pages(ask, wanted, recorder)
        return
    # Most histories are one page, which is the quickest way to see that they are.
    exhibit, fresh = _page(recorder, request(recorder.endpoint, ask, wanted, None), wanted)
    found = page.load(exhibit.name, exhibit.data)
    here = _seen(exhibit, found.items)
    if found.fingerprint is None or found.at is None or here is None or fields.moment(here.last) >= begin:
        yield from _pages(ask, wanted, recorder, (exhibit, fresh))
        return
    if fresh:
        yield exhibit
    yield from _pages(replace(ask, since=begin), wanted, recorder)
    yield from _pages(replace(ask, until=begin - fields.MILLISECOND), wanted, recorder)


def _pages(
    ask: History, wanted: List, recorder: Recorder, first: tuple[Exhibit, bool] | None = None
) -> Iterator[Exhibit]:
    """Every page in the ask's range, forward in time; where one ends inside a transaction, its block once more."""
    named: set[str] = set()
    before: _Seen | None = None
    again = 0
    mark: str | None = None
    while True:
        exhibit, fresh = first or _page(recorder, request(recorder.endpoint, ask, wanted, mark), wanted)
        first = None
        if fresh:
            yield exhibit
        found = page.load(exhibit.name, exhibit.data)
        here = _seen(exhibit, found.items)
        if here is not None and before is not None and here.items == before.items:
            again += 1
        elif here is not None:
            if before is not None and here.first < before.last:
                raise _back(exhibit.name)
            if before is not None and here.begins & before.ends:
                yield from _moment(ask, wanted, recorder, before.last)
            before, again = here, 0
        mark = found.fingerprint
        if mark is None:
            return
        if mark in named or again > 1:
            raise _loop(exhibit.name)
        named.add(mark)


def _seen(exhibit: Exhibit, items: tuple[Any, ...]) -> _Seen | None:
    try:
        return _Seen.of(items)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        fields.unreadable(exhibit.name, [fields.why(error)])


def _page(recorder: Recorder, wanted: Request, listed: List) -> tuple[Exhibit, bool]:
    """The page, and whether it was asked for now. One that was full of settled ones is as it was, and so is the
    last of a range that was settled; others are not.
    """
    kept = recorder.stored(wanted)
    if kept is not None:
        try:
            listed.check(kept)
            found, query = page.load(kept.name, kept.data), page.Query.of(kept.name)
            ends = None if query is None else query.until
            over = found.at is not None and ends is not None and ends < found.at - SETTLING
            if (over or found.fingerprint is not None) and not page.young(found):
                return kept, False
        except Error:
            pass  # what came then was a refusal
    exhibit = recorder.capture(wanted)
    listed.check(exhibit)
    return exhibit, True


def _moment(ask: History, wanted: List, recorder: Recorder, millis: int) -> Iterator[Exhibit]:
    """One page of all that moved in one block: equal transfers on both sides of a cut could not be told apart.

    Raises Error where even that page is cut.
    """
    at = fields.moment(millis)
    sent = request(recorder.endpoint, replace(ask, since=at, until=at), wanted, None)
    exhibit = recorder.stored(sent) or recorder.capture(sent)
    if page.load(exhibit.name, exhibit.data).fingerprint is not None:
        raise Error(
            "block-cut",
            f"More than {LIMIT} transfers of {ask.address.text} stand in one block.",
            f"The block of {at.isoformat()} does not fit on one page, and a transaction is cut by its end.",
            "Ask a node for the transaction's logs. What came is kept; the history does not count as whole.",
        )
    wanted.check(exhibit)
    yield exhibit


def request(base: str, ask: History, wanted: List, mark: str | None) -> Request:
    """The request for one page, its times in whole milliseconds that leave nothing of the range out."""
    # Not of settled ones only: stolen money moves on within that minute. What is younger is said to be
    # (`page.young`).
    given = [("limit", str(LIMIT)), ("order_by", "block_timestamp,asc")]
    if wanted.contract is not None:
        given.append(("contract_address", wanted.contract))
    if ask.since is not None:
        given.append(("min_timestamp", str((ask.since - fields.EPOCH) // fields.MILLISECOND)))
    if ask.until is not None:
        given.append(("max_timestamp", str(latest(ask.until))))
    if mark is not None:
        given.append(("fingerprint", mark))
    url = f"{base.rstrip('/')}/v1/accounts/{canonical(ask.address.text)}/{wanted.path}?{urlencode(given)}"
    return Request(url=url, headers=HEADERS)


def latest(moment: datetime) -> int:
    """The last millisecond of a range that ends at this moment."""
    return -((fields.EPOCH - moment) // fields.MILLISECOND)


def _loop(name: str) -> Error:
    return Error(
        "pages-loop",
        f"The pages of {name.partition('?')[0]} go round in a circle.",
        "The server named a page that was already read as the next one, or gave one page again and again.",
        "Ask again later. The pages that came are kept, and the history does not count as whole.",
    )


def _back(name: str) -> Error:
    return Error(
        "pages-unordered",
        f"The pages of {name.partition('?')[0]} are not in the order of time that was asked for.",
        "A page begins before the one before it ended, so that one between them may be missing.",
        "Ask again later, or another source. What came is kept; the history does not count as whole.",
    )
