"""Explorers in the manner of Etherscan as a source: the whole history of an address, list by list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from recover.sdk import (
    Arrival,
    Ask,
    Batch,
    Block,
    Coverage,
    Error,
    Exhibit,
    History,
    Nothing,
    Recorder,
    Request,
    SourceInfo,
    State,
)
from recover_chain_evm import networks, topics, values
from recover_chain_evm.keccak import topic
from recover_chain_evm.live import lists, pages
from recover_chain_evm.live.node import Tip, when
from recover_chain_evm.live.tally import Tally
from recover_chain_evm.networks import Network

ENDPOINT = "https://api.etherscan.io/v2/api"
KEY = "etherscan-key"
SIZE = 1000
"""Rows of a page. Plans without charge give no more; others give up to 10,000, with no gain for most addresses."""

_DESTROYED = {
    "tether": topic("DestroyedBlackFunds(address,uint256)"),
    "tether-oft": topic("DestroyedBlockedFunds(address,uint256)"),
}
"""The logs in which issuers of a family say what they destroyed, where that is not a Transfer as well."""


@dataclass(slots=True)
class Explorer:
    """Payments, payments inside transactions, token transfers, and the logs that those lists leave out.

    `place` is the item's number in the page, from 0. The newest block is pinned by the first ask of a run, lists
    are asked for up to it, and it is looked at again before the end. Coverage is claimed by the last two
    requests of a history alone, made only after every page came and was read without a fault: of the listed tokens
    by the first, of everything by the second, made only where what was found of the coin adds up to the balance.
    """

    size: int = SIZE
    tips: dict[tuple[str, str], Tip] = field(default_factory=dict)

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="evm-explorer",
            version="1",
            title="An explorer in the manner of Etherscan: history of an address",
            chains=tuple(n.id for n in networks.known().values() if not n.test),
            place="item",
            media="JSON, a page of Etherscan's API, version 2",
            terms="the explorer's terms of service; an API key of one's own",
            asks=("History",),
            limits="The explorer's word: no roots, no proofs. Lists have no log numbers, and no place of a payment"
            " in its transaction. Blob fees, block rewards and validators' withdrawals are not in these lists.",
            primary=False,
            secrets=(KEY,),
            endpoint=ENDPOINT,
        )

    def recognises(self, name: str, head: bytes) -> bool:
        """Only by the URL: the rows of a page do not say which list they are of, nor of which chain."""
        return "module=" in name and "action=" in name and head.lstrip(b" \t\r\n").startswith(b"{")

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Every list of a History, page by page.

        Raises Error for a refusal, a limit, a page that cannot be read, where the chain was reorganised, and where
        what was found of the coin is not what the address holds.
        """
        network = networks.by_id(ask.address.chain) if isinstance(ask, History) else None
        if network is None or network.test or not isinstance(ask, History):
            return
        address = ask.address.text
        tip, exhibit = self._tip(network, recorder)
        yield exhibit
        tally = Tally(address=address)
        for asked in _lists(network, address):
            yield from self._list(network, recorder, asked, tip, tally, ask.arrived)
        _, exhibit = self._tip(network, recorder)
        yield exhibit
        exhibit = self._balance(network, recorder, address, pages.BALANCES)
        yield exhibit
        held, found = _held(exhibit, address), tally.total(network.native)
        if held != found:
            raise _differs(recorder.endpoint, network, address, held, found)
        yield self._balance(network, recorder, address, pages.BALANCE)

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error for a refusal and naming up to 20 unreadable rows, NotRecognised for another page."""
        query = pages.Query.of(exhibit)
        if query.action == pages.BLOCK:
            yield Batch.of(_block(query.network, exhibit))
        elif query.action in (pages.BALANCE, pages.BALANCES):
            yield Batch.of(*_closing(query, exhibit))
        else:
            found = pages.page(exhibit)
            yield from lists.batches(exhibit, found)
            if not found.rows:
                yield Batch.of(_EMPTY)

    def _tip(self, network: Network, recorder: Recorder) -> tuple[Tip, Exhibit]:
        """The pinned block, asked for again by its number where it is pinned already."""
        pinned = self.tips.get((recorder.endpoint, network.id))
        tag = "latest" if pinned is None else pinned.quantity
        asked = {"module": "proxy", "action": pages.BLOCK, "tag": tag, "boolean": "false"}
        exhibit = recorder.capture(_request(recorder, network, asked))
        block = _block(network, exhibit)
        assert block.height is not None, "a block without a number was refused"
        found = Tip(height=block.height, hash=block.id)
        if pinned is not None and pinned != found:
            raise _reorganised(recorder.endpoint, pinned, found)
        self.tips[recorder.endpoint, network.id] = found
        return found, exhibit

    def _balance(self, network: Network, recorder: Recorder, address: str, action: str) -> Exhibit:
        asked = {"module": "account", "action": action, "address": address, "tag": "latest"}
        exhibit = recorder.capture(_request(recorder, network, asked))
        for _ in self.decode(exhibit):
            pass
        return exhibit

    def _list(
        self,
        network: Network,
        recorder: Recorder,
        asked: dict[str, str],
        tip: Tip,
        tally: Tally,
        arrived: Arrival | None,
    ) -> Iterator[Exhibit]:
        """One list from the first block to the pinned one. After its first page, a long one goes on at the block
        in which what is followed arrived, and fills in what was between after that.
        """
        names = ("fromBlock", "toBlock") if asked["module"] == "logs" else ("startblock", "endblock")
        height = 0 if arrived is None or arrived.height is None else min(arrived.height, tip.height)
        spans = [(0, tip.height)]
        while spans:
            start, end = spans.pop()
            window = {names[0]: str(start), names[1]: str(end), "page": "1", "offset": str(self.size)}
            exhibit = recorder.capture(_request(recorder, network, {**asked, **window}))
            tally.add(list(self.decode(exhibit)), asked["action"])
            yield exhibit
            rest = pages.page(exhibit).rest
            if rest is not None and start < height <= end and rest < height:
                spans += [(rest, height - 1), (height, end)]
            elif rest is not None:
                spans.append((rest, end))


def _lists(network: Network, address: str) -> Iterator[dict[str, str]]:
    """What is asked: three lists, the wrapped coin's own logs, and what issuers destroyed (of every address)."""
    for action in (pages.PAYMENTS, pages.INTERNAL, pages.TOKENS):
        yield {"module": "account", "action": action, "address": address, "sort": "asc"}
    word = "0x" + "0" * 24 + address[2:]
    if network.wrapped is not None and network.wraps == "events":
        for event in (topics.DEPOSIT, topics.WITHDRAWAL):
            named = {"topic0": event, "topic0_1_opr": "and", "topic1": word}
            yield {"module": "logs", "action": pages.LOGS, "address": network.wrapped, **named}
    for token in network.tokens:
        if token.freeze in _DESTROYED:
            said = _DESTROYED[token.freeze]
            yield {"module": "logs", "action": pages.LOGS, "address": token.contract, "topic0": said}


def _request(recorder: Recorder, network: Network, asked: dict[str, str]) -> Request:
    """The key is a placeholder, which must not be percent-encoded."""
    url = f"{recorder.endpoint}?{urlencode({'chainid': str(network.number), **asked})}&apikey={{{KEY}}}"
    return Request(url=url, headers=(("Accept", "application/json"),))


def _block(network: Network, exhibit: Exhibit) -> Block:
    try:
        block = values.fields(pages.result(exhibit), "the block")
        height = values.number(block["number"], "number")
        return Block(
            chain=network.id,
            id=values.digest(block["hash"], "hash"),
            parent=values.digest(block["parentHash"], "parentHash"),
            height=height,
            time=when(block["timestamp"]),
            tip=height,
        )
    except (KeyError, ValueError) as error:
        raise _unreadable(exhibit, error) from None


def _closing(query: pages.Query, exhibit: Exhibit) -> Iterator[State | Coverage]:
    """The balance now. Asked as of several addresses, it ends the lists and claims the tokens; asked as of one, it
    comes only after what was found of the coin was seen to add up to it, and claims everything."""
    chain, network, address = query.network.id, query.network, query.address
    amount = _held(exhibit, address)
    yield State(kind="balance", chain=chain, address=address, asset=network.native, amount=amount)
    if query.action == pages.BALANCE:
        yield Coverage(chain=chain, address=address)
        return
    for token in network.tokens:
        yield Coverage(chain=chain, address=address, asset=network.erc20 + token.contract)


def _held(exhibit: Exhibit, address: str) -> int:
    """The balance out of either form of the answer. Raises Error."""
    try:
        values.account(address)
        found = pages.result(exhibit)
        if isinstance(found, str):
            return values.number(found, "the balance")
        (row,) = (values.fields(each, "a balance") for each in values.items(found, "the balances"))
        if str(row["account"]).lower() != address:
            raise ValueError("the balance is another account's")
        return values.number(row["balance"], "the balance")
    except (KeyError, ValueError) as error:
        raise _unreadable(exhibit, error) from None


_EMPTY = Nothing(why="The explorer answered, and lists nothing on this page.")


def _unreadable(exhibit: Exhibit, error: Exception) -> Error:
    why = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
    return Error(
        "explorer-unreadable",
        f"An answer of {exhibit.name.partition('?')[0]} cannot be read.",
        f"{why}.",
        "Ask again; if it comes the same, the server's format has changed.",
    )


def _reorganised(name: str, pinned: Tip, found: Tip) -> Error:
    return Error(
        "chain-reorganised",
        f"Block {pinned.height} at {name} was {pinned.hash} and is now {found.hash}.",
        "The chain was reorganised while its lists were read.",
        "Run again when the block is final; what came is kept, and no history counts as whole because of it.",
    )


def _differs(name: str, network: Network, address: str, held: int, found: int) -> Error:
    return Error(
        "coin-history-incomplete",
        f"What {name} lists of {address} adds up to {found} base units of {network.symbol}; it holds {held}.",
        "Blob fees, block rewards, validators' withdrawals and the coins of the first block are in no list;"
        " or a payment is missing, or the balance changed meanwhile.",
        "Ask a node as well. What came is used; the history of the coin does not count as whole because of it.",
    )
