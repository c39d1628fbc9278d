"""TronGrid, asked live: an account's histories, and transactions by id; and its TRC-20 histories alone.

Coverage: only a last page claims any, and it claims all that was asked. That is sound because a last page
other than the first is reached only through the fingerprints of the pages before it, and `collect` asks for a
page only after the one before was stored and read without a fault. A page in the middle claims nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from recover.sdk import (
    Ask,
    Batch,
    Coverage,
    Details,
    Error,
    Exhibit,
    History,
    Nothing,
    Recorder,
    SourceInfo,
    Status,
)
from recover_chain_tron import account, coins, fields, lists, node, page, state
from recover_chain_tron.asks import Settled
from recover_chain_tron.chain import CHAIN, asset, register
from recover_chain_tron.lists import KEY, List

BASE = "https://api.trongrid.io"
TOKENS, COINS, CALLS = "transactions/trc20", "transactions", "internal-transactions"
_TERMS = "TronGrid's terms of service; an API key of one's own"


class Grid:
    """TronGrid, whole: tokens, coins and calls of an account, and one transaction by its id."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="trongrid",
            version="1",
            title="TronGrid: histories of an account, what it holds, and transactions by id",
            chains=(CHAIN,),
            place="item",
            media="answers of TronGrid, as they are collected; saved ones are read by the other sources of TRON",
            terms=_TERMS,
            asks=("History", "Details", "Settled", "Status"),
            limits="200 items a page; what is not settled is said to be; calls inside as its index has them.",
            primary=False,
            secrets=(KEY,),
            optional=(KEY,),
            endpoint=BASE,
        )

    def recognises(self, name: str, head: bytes) -> bool:
        """By the address that was asked; a file is for the sources of one kind of answer each."""
        path = urlsplit(name).path if name.startswith(("http://", "https://")) else ""
        return page.Query.of(name) is not None or path.endswith((node.BODY, node.RECEIPT, *state.METHODS))

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A history: of a token its pages; of the coin the pages of transactions and of calls; of neither, all.

        Raises Error when a page cannot be read or the pages do not end.
        """
        if isinstance(ask, Details | Settled) and ask.chain == CHAIN:
            yield from node.details(ask, recorder, lists.HEADERS[:1])
        if isinstance(ask, Status) and ask.chain == CHAIN:
            yield from state.ask(ask, recorder, lists.HEADERS[:1])
        if not isinstance(ask, History) or ask.address.chain != CHAIN:
            return
        contract = _contract(ask)
        if ask.asset is None or contract is not None:
            yield from lists.pages(ask, List(path=TOKENS, check=self._check, contract=contract), recorder)
        if contract is None:
            yield from self._coins(ask, recorder)

    def _coins(self, ask: History, recorder: Recorder) -> Iterator[Exhibit]:
        """What the lists show of the coin, and then what the account holds, with whether the two agree."""
        sums = account.Sum(address=ask.address.text)
        ends = None if ask.until is None else lists.latest(ask.until)

        def check(exhibit: Exhibit) -> None:
            self._check(exhibit)
            if (query := page.Query.of(exhibit.name)) is not None:
                moved, until = coins.nets(exhibit, query)
                # Of what was before, the last page ends where the other part began: that part says up to when.
                sums.see(moved, until if query.until == ends else None)

        for path in (COINS, CALLS):
            yield from lists.pages(ask, List(path=path, check=check), recorder)
        yield account.ask(ask, recorder, sums)

    def _check(self, exhibit: Exhibit) -> None:
        for _ in self.decode(exhibit):
            pass

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 items that cannot be read."""
        query = page.Query.of(exhibit.name)
        if query is None:
            # A history's last question carries what was found, one for a state the block.
            found = "found=" in urlsplit(exhibit.name).fragment
            yield account.batch(exhibit) if found else node.answer(exhibit)
        elif exhibit.asked is not None and (why := _refusal(exhibit)):
            yield Batch.of(Nothing(why=why))
        elif query.list == TOKENS:
            yield _tokens(exhibit, query)
        else:
            yield coins.batch(exhibit, query)


class TronGrid:
    """TRC-20 transfers of one address, page by page. `place` is the item's number in the page, from 0."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="trongrid-trc20",
            version="2",
            title="TronGrid: TRC-20 history of an address",
            chains=(CHAIN,),
            place="item",
            media="JSON, a page of TronGrid's v1/accounts/{address}/transactions/trc20",
            terms=_TERMS,
            asks=("History",),
            limits="200 items a page; what is not settled is said to be; no block heights and no log numbers.",
            secrets=(KEY,),
            optional=(KEY,),
            endpoint=BASE,
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if not head.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"{"):
            return False
        if (query := page.Query.of(name)) is not None:
            return query.list == TOKENS and b'"data"' in head
        return b'"token_info"' in head and b'"transaction_id"' in head and b'"block_timestamp"' in head

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Every page of a History on this chain, in order; nothing for TRX, which is no TRC-20 token.

        Raises Error when a page cannot be read, or when a fingerprint comes back a second time.
        """
        if not isinstance(ask, History) or ask.address.chain != CHAIN:
            return
        contract = _contract(ask)
        if ask.asset is None or contract is not None:
            yield from lists.pages(ask, List(path=TOKENS, check=self._check, contract=contract), recorder)

    def _check(self, exhibit: Exhibit) -> None:
        for _ in self.decode(exhibit):
            pass

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error for a refusal of the server, and naming up to 20 items that cannot be read."""
        yield _tokens(exhibit, page.Query.of(exhibit.name))


def _contract(ask: History) -> str | None:
    """The contract of a TRC-20 token, None for every other asset and for none."""
    if ask.asset is None or not ask.asset.startswith(asset("")):
        return None
    return ask.asset.removeprefix(asset(""))


def _refusal(exhibit: Exhibit) -> str:
    """What a stored answer says instead of a page; empty for a page. It was an error when it came."""
    try:
        page.load(exhibit.name, exhibit.data)
    except Error as error:
        return f"{error.what} {error.why}"
    return ""


def _tokens(exhibit: Exhibit, query: page.Query | None) -> Batch:
    found = page.load(exhibit.name, exhibit.data)
    records = page.records(exhibit.name, found, query)
    if query is not None and query.whole and found.fingerprint is None:
        return Batch.of(*records, *_coverage(query, found))
    return Batch.of(*records)


def _coverage(query: page.Query, found: page.Page) -> Iterator[Coverage]:
    """Of the token that was asked for; else of each that the register lists, for the coin is not on such a
    page.
    """
    until = page.settled(found, query)
    for what in [asset(query.contract)] if query.contract is not None else register():
        yield Coverage(
            chain=CHAIN,
            address=query.address,
            asset=what,
            since=None if query.since is None else fields.moment(query.since),
            until=None if until is None else fields.moment(until),
        )
