"""Asking a server over HTTP JSON-RPC, through the recorder: one request, one answer, page after page by marker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from recover.sdk import Absent, Ask, Details, Error, Exhibit, History, Recorder, Request, Status
from recover.sdk.outside import visible
from recover_chain_xrpl.addresses import parts, read
from recover_chain_xrpl.answers import history, results
from recover_chain_xrpl.assets import CHAIN, XRP
from recover_chain_xrpl.reading import Fault, Json, load

PAGE = 200
"""Transactions asked for at once; a server may give fewer."""

_OFTEN = ("slowDown", "tooBusy")
_ABSENT = ("entryNotFound", "objectNotFound")


def collect(ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
    """Answer one ask. Raises Error where the server refuses or cannot be read."""
    if ask.chain != CHAIN:
        return
    if isinstance(ask, Details):
        # Servers know a transaction by capital digits; asked in one form, it is one exhibit.
        yield _told(_ask(recorder, "tx", transaction=ask.tx.text.upper(), binary=False))
    elif isinstance(ask, Status):
        yield from _status(ask, recorder)
    elif isinstance(ask, History):
        yield from _history(ask, recorder)


def _history(ask: History, recorder: Recorder) -> Iterator[Exhibit]:
    account = ask.address.text
    if found := parts(account):
        _, account, index = found
        entry = _ask(recorder, "ledger_entry", index=index, ledger_index="validated")
        yield entry
        # Of an entry that is no more, its owner's history tells.
        if _result(entry).get("error") not in _ABSENT:
            _good(entry)
            return
    yield from _pages(ask, read(account)[0], recorder)


def _pages(ask: History, account: str, recorder: Recorder) -> Iterator[Exhibit]:
    """Every page of an account. A long history begins in the ledger in which what is followed arrived, and goes
    forward; what was before comes after it, and the two together are the history."""
    begin = None if ask.arrived is None or ask.since or ask.until else ask.arrived.height
    reading = _Reading(ask=ask, account=account, recorder=recorder)
    if begin is None:
        yield from reading.pages(-1, -1)
        return
    # Most histories are one page, which is the quickest way to see that they are.
    page, fresh = reading.page(-1, -1, None)
    heights = [item.height for item in history(_result(page)) if item.height is not None]
    if "marker" not in _result(page) or not heights or max(heights) >= begin:
        yield from reading.pages(-1, -1)
        return
    if fresh:
        yield page
    yield from reading.pages(begin, -1)
    yield from reading.pages(-1, begin - 1)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One history under way. `asked` are the pages of this reading, each asked for once."""

    ask: History
    account: str
    recorder: Recorder
    asked: dict[str, Exhibit] = field(default_factory=dict)

    @property
    def forward(self) -> bool:
        """Newest first where only a beginning is set, so that older pages need not be read."""
        return self.ask.since is None or self.ask.until is not None

    def page(self, low: int, high: int, marker: Any) -> tuple[Exhibit, bool]:
        """One page, and whether it was asked for now. A validated ledger is final: a page that was full, and one
        of a range that has an end, stay as they are, so that a history goes on where it stopped."""
        more = {} if marker is None else {"marker": marker}
        given = {"account": self.account, "binary": False, "forward": self.forward, "limit": PAGE}
        params = {**given, "ledger_index_min": low, "ledger_index_max": high, **more}
        name = json.dumps(params, sort_keys=True)
        if name in self.asked:
            return self.asked[name], True
        kept = self.recorder.stored(_request(self.recorder, "account_tx", params)) if self.forward else None
        if kept is not None and _final(kept, high):
            return kept, False
        page = _good(_ask(self.recorder, "account_tx", **params))
        self.asked[name] = page
        if "transactions" not in _result(page):
            raise _unreadable(page, "it lists no transactions")
        return page, True

    def pages(self, low: int, high: int) -> Iterator[Exhibit]:
        """Every page of a range of ledgers; -1 is the first or the last that the server has. Raises Error."""
        seen: list[Any] = []
        old, tip = False, high == -1
        while True:
            page, fresh = self.page(low, high, seen[-1] if seen else None)
            old = old or not fresh
            if fresh:
                yield page
            result = _result(page)
            # The ledgers that the first page looked through bound the next ones too: else the tip would move
            # meanwhile.
            low, high = (int(result.get(name, was)) for name, was in (("ledger_index_min", low), (_HIGH, high)))
            if "marker" not in result or _past(self.ask, self.forward, result):
                break
            if result["marker"] in seen:
                raise Error(
                    "xrpl-pages-repeat",
                    f"The server gives the same page of {self.account} again and again.",
                    f"Its marker {json.dumps(result['marker'])[:80]} was given before.",
                    "Ask another server; the pages so far are kept.",
                )
            seen.append(result["marker"])
        if old and tip:  # what came since the pages that were here
            yield from self.pages(high + 1, -1)


_HIGH = "ledger_index_max"


def _final(page: Exhibit, high: int) -> bool:
    """Whether a page that came before would come again as it is."""
    try:
        result = _result(_good(page))
    except Error:
        return False  # what came then was a refusal
    return result.get("validated") is True and "transactions" in result and ("marker" in result or high != -1)


def _past(ask: History, forward: bool, result: Json) -> bool:
    """Whether the page goes beyond the time that was asked for, in the direction of reading."""
    times = [item.time for item in history(result) if item.time is not None]
    if not times:
        return False
    if forward:
        return ask.until is not None and max(times) > ask.until
    return ask.since is not None and min(times) < ask.since


def _status(ask: Status, recorder: Recorder) -> Iterator[Exhibit]:
    if found := parts(ask.address.text):
        yield _good(_ask(recorder, "ledger_entry", index=found[2], ledger_index="validated"), _ABSENT)
        return
    account = read(ask.address.text)[0]
    asset = ask.asset or XRP.id
    space, _, reference = asset.partition("/")[2].partition(":")
    if asset == XRP.id:
        yield _good(_ask(recorder, "account_info", account=account, ledger_index="validated"), ("actNotFound",))
    elif space == "xls33":
        token = {"mpt_issuance_id": reference, "account": account}
        yield _good(_ask(recorder, "ledger_entry", mptoken=token, ledger_index="validated"), _ABSENT)
    elif space in ("token", "xls30"):
        peer = reference.rpartition(".")[2]
        lines = _ask(recorder, "account_lines", account=account, peer=peer, ledger_index="validated")
        yield _good(lines, ("actNotFound",))


def _ask(recorder: Recorder, method: str, **params: Any) -> Exhibit:
    return recorder.capture(_request(recorder, method, params))


def _request(recorder: Recorder, method: str, params: Json) -> Request:
    said = {"method": method, "params": [{**params, "api_version": 2}]}
    body = json.dumps(said, sort_keys=True, separators=(",", ":")).encode("utf-8")
    headers = (("Content-Type", "application/json"),)
    return Request(url=recorder.endpoint, method="POST", headers=headers, body=body)


def _result(exhibit: Exhibit) -> Json:
    try:
        found = results(load(exhibit.data))[0]
        if not found:
            raise Fault("it holds no result")
        return found
    except (Fault, IndexError) as fault:
        raise _unreadable(exhibit, str(fault)) from None


def _unreadable(exhibit: Exhibit, why: str) -> Error:
    return Error(
        "xrpl-answer-unreadable",
        f"{exhibit.name} gave something that is no answer of an XRP Ledger server.",
        why,
        "Check that its `endpoint` in your recover.toml is the JSON-RPC address of a server.",
    )


def _told(exhibit: Exhibit) -> Exhibit:
    """The transaction, where a validated ledger holds it. Raises Error."""
    result = _result(exhibit)
    if result.get("error") == "txnNotFound":
        raise Absent(
            "xrpl-not-found",
            f"The server at {exhibit.name} did not answer what it was asked.",
            "txnNotFound: it has no such transaction in the ledgers that it holds.",
            "Compare the id with where it was copied from; ask a server with the whole history.",
        )
    if _good(exhibit) and result.get("validated") is not True:
        raise Absent(
            "unconfirmed",
            f"The server at {exhibit.name} knows the transaction, and of no validated ledger that holds it.",
            "It may never be validated: nothing counts as moved by it.",
            "Ask again in a few seconds.",
        )
    return exhibit


def _good(exhibit: Exhibit, known: tuple[str, ...] = ()) -> Exhibit:
    """The exhibit, unless its answer is a refusal. A server refuses with the status 200."""
    result = _result(exhibit)
    if "error" not in result or result["error"] in known:
        return exhibit
    often = result["error"] in _OFTEN
    said = visible(str(result.get("error_message") or result.get("error_exception") or ""), 200)
    raise Error(
        "rate-limited" if often else "no-answer",
        f"The server at {exhibit.name} did not answer what it was asked.",
        f"{visible(str(result['error']), 80)}: {said}",
        "Ask again later, or a server with the whole history; what was answered before is kept.",
    )
