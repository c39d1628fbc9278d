"""TronGrid's account history of TRC-20 transfers: `v1/accounts/{address}/transactions/trc20`.

Shapes: TRON developer documentation, "TRC-20 transaction history". Pages hold at most 200 items, newest first;
`meta.fingerprint` names the next page and is absent from the last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from recover.sdk import Ask, Batch, Coverage, Error, Exhibit, History, Recorder, Request, SourceInfo
from recover_chain_tron import fields, page
from recover_chain_tron.chain import CHAIN, asset, canonical

BASE = "https://api.trongrid.io"
LIMIT = 200
_KEY = "trongrid-key"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TronGrid:
    """TRC-20 transfers of one address, page by page. `place` is the item's number in the page, from 0.

    Coverage: only the last page claims any, and it claims all that was asked. That is sound because a last page
    other than the first is reached only through the fingerprints of the pages before it, and `collect` asks for
    a page only after the one before was stored and read without a fault. A page in the middle claims nothing.

    Where a page ends inside a transaction, what its block moved is asked for once more, on one page: equal
    transfers on both sides of the cut could not be told apart.
    """

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="trongrid-trc20",
            version="1",
            title="TronGrid: TRC-20 history of an address",
            chains=(CHAIN,),
            place="item",
            media="JSON, a page of TronGrid's v1/accounts/{address}/transactions/trc20",
            terms="TronGrid's terms of service; an API key of one's own",
            asks=("History",),
            limits="200 items a page; confirmed transfers only; no block heights and no log numbers.",
            secrets=(_KEY,),
            optional=(_KEY,),
            endpoint=BASE,
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if not head.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"{"):
            return False
        if page.Query.of(name) is not None:
            return b'"data"' in head
        return b'"token_info"' in head and b'"transaction_id"' in head and b'"block_timestamp"' in head

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Every page of a History on this chain, in order; nothing for TRX, which is no TRC-20 token.

        Raises Error when a page cannot be read, or when a fingerprint comes back a second time.
        """
        if not isinstance(ask, History) or ask.address.chain != CHAIN:
            return
        contract = None if ask.asset is None else ask.asset.removeprefix(asset(""))
        if ask.asset is not None and contract == ask.asset:
            return
        seen: set[str] = set()
        fingerprint: str | None = None
        before: tuple[str, int] | None = None
        while True:
            exhibit = recorder.capture(_request(recorder.endpoint, ask, contract, fingerprint))
            for _ in self.decode(exhibit):
                pass
            yield exhibit
            first, last = page.ends(exhibit.name, exhibit.data)
            if before is not None and first == before:
                yield from self._whole(ask, contract, recorder, before[1])
            before = last
            fingerprint = page.load(exhibit.name, exhibit.data).fingerprint
            if fingerprint is None:
                return
            if fingerprint in seen:
                raise _loop(exhibit.name)
            seen.add(fingerprint)

    def _whole(self, ask: History, contract: str | None, recorder: Recorder, millis: int) -> Iterator[Exhibit]:
        """One page of all that moved in one block. Raises Error where even that is cut."""
        at = fields.moment(millis)
        exhibit = recorder.capture(_request(recorder.endpoint, replace(ask, since=at, until=at), contract, None))
        if page.load(exhibit.name, exhibit.data).fingerprint is not None:
            raise Error(
                "block-cut",
                f"More than {LIMIT} transfers of {ask.address.text} stand in one block.",
                f"The block of {at.isoformat()} does not fit on one page, and a transaction is cut by its end.",
                "Ask a node for the transaction's logs. What came is kept; the history does not count as whole.",
            )
        for _ in self.decode(exhibit):
            pass
        yield exhibit

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error for a refusal of the server, and naming up to 20 items that cannot be read."""
        found = page.load(exhibit.name, exhibit.data)
        query = page.Query.of(exhibit.name)
        records = page.records(exhibit.name, found, query)
        if query is not None and query.whole and found.fingerprint is None:
            yield Batch.of(*records, _coverage(query))
        else:
            yield Batch.of(*records)


def _coverage(query: page.Query) -> Coverage:
    return Coverage(
        chain=CHAIN,
        address=query.address,
        asset=None if query.contract is None else asset(query.contract),
        since=None if query.since is None else fields.moment(query.since),
        until=None if query.until is None else fields.moment(query.until),
    )


def _request(base: str, ask: History, contract: str | None, fingerprint: str | None) -> Request:
    fields: list[tuple[str, str]] = [("only_confirmed", "true"), ("limit", str(LIMIT))]
    if contract is not None:
        fields.append(("contract_address", contract))
    if ask.since is not None:
        fields.append(("min_timestamp", str((ask.since - _EPOCH) // timedelta(milliseconds=1))))
    if ask.until is not None:
        fields.append(("max_timestamp", str(-((_EPOCH - ask.until) // timedelta(milliseconds=1)))))
    if fingerprint is not None:
        fields.append(("fingerprint", fingerprint))
    url = f"{base.rstrip('/')}/v1/accounts/{canonical(ask.address.text)}/transactions/trc20?{urlencode(fields)}"
    return Request(url=url, headers=(("TRON-PRO-API-KEY", f"{{{_KEY}}}"), ("Accept", "application/json")))


def _loop(name: str) -> Error:
    return Error(
        "pages-loop",
        f"The pages of {name.partition('?')[0]} go round in a circle.",
        "The server named a page that was already read as the next one.",
        "Ask again later. The pages that came are kept, and the history does not count as whole.",
    )
