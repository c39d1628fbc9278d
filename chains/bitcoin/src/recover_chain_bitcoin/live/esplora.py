"""Esplora servers (Blockstream's, mempool.space's, one's own) by their HTTP API.

Source: Esplora's `API.md`. The network stands in the fragment of each URL, which is kept with the exhibit and
never sent: an answer alone does not say whether an address is of a test network or of a regression test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from recover.sdk import (
    Absent,
    Ask,
    Batch,
    Block,
    Coverage,
    Details,
    Error,
    Exhibit,
    Gap,
    History,
    Nothing,
    NotRecognised,
    Recorder,
    Request,
    SourceInfo,
    Spend,
    Status,
    Transaction,
)
from recover.sdk.counts import counted
from recover_chain_bitcoin import esplora, merkle, networks, node, transaction
from recover_chain_bitcoin.live import fields
from recover_chain_bitcoin.live.core import CHAINS
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.node import Node

_PATH: Final = re.compile(
    r"/(?:tx/(?P<tx>[0-9a-f]{64})(?P<what>|/hex|/merkleblock-proof|/outspends)"
    r"|address/(?P<address>[^/?#]{1,200})(?P<page>|/txs/chain(?:/[0-9a-f]{64})?))"
    r"#(?P<chain>bip122:[0-9a-f]{32})$"
)
_MOST: Final = 100_000
"""No history is followed past so many transactions: a server that never ends its pages is out of order."""


class Esplora:
    """Transactions, histories, spends and balances. `place` is the transaction's number on its page.

    Ids are recomputed from the fields of a transaction, and each confirmed one's Merkle path leads to a header
    that meets its proof of work. What inputs spend is the server's word. Coverage: pages are asked for until an
    empty one comes, which claims the history; it is reached only through all before it, each read without a fault.
    """

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="bitcoin-esplora",
            version="1",
            title="Esplora server: histories and proofs",
            chains=CHAINS,
            place="item",
            media="JSON and hexadecimal text, answers of an Esplora server",
            terms="The terms of the server that is asked: public ones limit how often, and learn which "
            "addresses are of interest",
            asks=("History", "Details", "Spend", "Status"),
            limits="A request for each page of 25 and one for each proof. What inputs spend is the server's word. "
            "Histories are of confirmed transactions; servers refuse very long ones.",
            primary=False,
        )

    def recognises(self, name: str, head: bytes) -> bool:
        return name.startswith(("http://", "https://")) and _PATH.search(name) is not None

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Raises Error when the server refuses, lies, or goes round in a circle."""
        chain = ask.chain
        if chain not in CHAINS:
            return
        if isinstance(ask, History | Status) and not ask.address.text.isalnum():
            raise Error(
                "not-an-address",
                f"An Esplora server cannot be asked about {ask.address.text[:100]}.",
                "It is a script without an address, and such a server knows addresses only.",
                "Ask a node of one's own or an Electrum server.",
            )
        asking = _Asking(recorder=recorder, chain=chain, source=self)
        native = networks.of(chain).native.id
        if isinstance(ask, Details):
            asking.details(ask.tx.text)
        elif isinstance(ask, Spend):
            asking.spend(ask.tx.text, ask.index)
        elif isinstance(ask, Status) and ask.asset in (None, native):
            asking.get(f"address/{ask.address.text}")
        elif isinstance(ask, History) and ask.asset in (None, native):
            asking.history(ask.address.text)
        yield from asking.taken

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error where an answer cannot be read or a recomputed id differs, NotRecognised for other URLs."""
        found = _PATH.search(exhibit.name)
        if found is None:
            raise NotRecognised(
                "no-esplora-answer",
                f"{exhibit.name[:200]} is no answer of an Esplora server.",
                "Its name is no URL that this source asks.",
                "Collect it again; files of other kinds are imported as what they are.",
            )
        network = networks.of(found["chain"])
        if found["tx"] is None:
            yield from _of_address(network, exhibit.data, found["address"], bool(found["page"]))
        elif found["what"] == "/hex":
            yield _raw(network, exhibit.data, found["tx"])
        elif found["what"] == "/merkleblock-proof":
            yield _proof(network, exhibit.data, found["tx"])
        elif found["what"] == "/outspends":
            yield _outspends(network, exhibit.data, found["tx"])
        else:
            yield from _transactions(network, node.load(exhibit.data), found["tx"])


@dataclass(slots=True, kw_only=True)
class _Asking:
    """One ask in the making: `taken` are its exhibits so far."""

    recorder: Recorder
    chain: str
    source: Esplora
    taken: list[Exhibit] = field(default_factory=list)

    def get(self, path: str) -> Exhibit:
        """One answer, decoded before it is relied on."""
        url = f"{self.recorder.endpoint.rstrip('/')}/{path}#{self.chain}"
        exhibit = self.recorder.capture(Request(url=url))
        for _ in self.source.decode(exhibit):
            pass
        self.taken.append(exhibit)
        return exhibit

    def details(self, tx: str) -> None:
        """The transaction's fields; its bytes and its proof, if the server says that it is confirmed."""
        try:
            top = node.load(self.get(f"tx/{tx}").data)
        except Error as error:
            if error.code == "no-answer" and "HTTP 404" in error.why:
                raise Absent(
                    "tx-not-found",
                    f"The Esplora server has no transaction {tx}.",
                    f"It answers {error.why}",
                    "Compare the id with where it was copied from; ask another server, or again in a minute.",
                ) from error
            raise
        if not _confirmed(top):
            raise fields.unconfirmed(tx, "The Esplora server")
        self.get(f"tx/{tx}/hex")
        self._proved(tx, top)

    def _proved(self, tx: str, said: Node) -> None:
        """The proof of a transaction. Raises Error where it stands in another block than a moment before."""
        proof = merkle.parse(_hexadecimal(self.get(f"tx/{tx}/merkleblock-proof").data))
        before = said.at("status").at("block_hash").hash()
        if proof.header.id != before:
            raise Error(
                "reorganised",
                f"The chain was reorganised while transaction {tx} was read.",
                f"It stood in block {before}, and its proof leads to block {proof.header.id}.",
                "Run again; what was read is kept, and no history is claimed to be whole because of it.",
            )

    def spend(self, tx: str, index: int) -> None:
        listed = list(node.load(self.get(f"tx/{tx}/outspends").data).items())
        if index >= len(listed):
            raise Error(
                "no-such-output",
                f"Transaction {tx} has no output {index}.",
                f"It has {len(listed)}.",
                "Correct the ask.",
            )
        if listed[index].at("spent").flag() and _settled(listed[index]):
            self.details(listed[index].at("txid").hash())

    def history(self, address: str) -> None:
        """Pages until an empty one; the proofs of each page's transactions before the next page."""
        self.get(f"address/{address}")
        seen: set[str] = set()
        last = ""
        while True:
            page = list(node.load(self.get(f"address/{address}/txs/chain{last}").data).items())
            if not page:
                return
            shown = {each.at("txid").hash(): each for each in page}
            fresh = list(shown)
            if seen & set(fresh) or len(seen) > _MOST:
                raise Error(
                    "pages-loop",
                    f"The pages of {address} go round in a circle, or never end.",
                    f"A transaction came twice, or there are more than {_MOST}.",
                    "Ask again later; what came is kept, and the history does not count as whole.",
                )
            for tx, each in shown.items():
                self._proved(tx, each)
            seen |= set(fresh)
            last = f"/{fresh[-1]}"


def _of_address(network: Network, data: bytes, address: str, page: bool) -> Iterator[Batch]:
    top = node.load(data)
    if not page:
        held = esplora.summary(network, top)
        if held.address != address:
            raise _other(f"address {address}", f"It is about {held.address}.")
        waiting = top.at("mempool_stats").at("tx_count").number() if top.has("mempool_stats") else 0
        yield Batch.of(held, *([_unconfirmed(address, waiting)] if waiting else []))
        return
    if not list(top.items()):
        yield Batch.of(Coverage(chain=network.id, address=address))
        return
    yield from _transactions(network, top, None)


def _transactions(network: Network, top: Node, wanted: str | None) -> Iterator[Batch]:
    if wanted is not None and top.at("txid").hash() != wanted:
        raise _other(f"transaction {wanted}", f"It gave {top.at('txid').hash()}.")
    yield esplora.batch(network, top)
    listed = [top] if wanted is not None else list(top.items())
    resting = [
        tx for tx in listed if esplora.in_block(tx) and any(each.has("prevout") for each in tx.at("vin").items())
    ]
    if resting:
        yield Batch.of(
            Gap(
                code="inputs-reported",
                subject=resting[0].at("txid").hash(),
                why=f"What the inputs of {counted(len(resting), 'transaction')} spend is what the server says.",
                effect="The amounts and addresses of these inputs, and so the fees, are not proved here.",
            )
        )


def _raw(network: Network, data: bytes, wanted: str) -> Batch:
    raw = _hexadecimal(data)
    found = transaction.parse(raw, witness=network.segwit)
    if found.id != wanted:
        raise _other(f"transaction {wanted}", f"The id recomputed from the bytes that it gave is {found.id}.")
    # Bytes do not say whether a block holds them, and what none holds has moved nothing yet (BIP 125).
    return Batch.of(
        Nothing(why="The bytes give the id again: what it moves stands with its block, in its fields.")
    )


def _proof(network: Network, data: bytes, wanted: str) -> Batch:
    """The transaction's place and the block's header. Its legs are shown elsewhere: here is its id alone."""
    proof = merkle.parse(_hexadecimal(data))
    index = next((index for index, tx in proof.matches if tx == wanted), None)
    if index is None:
        raise _other(
            f"a proof of {wanted}", f"It proves {', '.join(tx for _, tx in proof.matches[:3]) or 'nothing'}."
        )
    head = proof.header
    time = datetime.fromtimestamp(head.time, UTC)
    return Batch.of(
        Transaction(
            chain=network.id,
            id=wanted,
            place=0,
            legs=(),
            time=time,
            index=index,
            block=head.id,
            proof="included",
        ),
        Block(chain=network.id, id=head.id, parent=head.parent, time=time, sealed=network.proves(head)),
    )


def _outspends(network: Network, data: bytes, wanted: str) -> Batch:
    """Which transactions are said to spend the outputs: named, without what they moved."""
    named, waiting = {wanted: None}, dict[str, None]()
    for each in node.load(data).items():
        if each.at("spent").flag():
            (named if _settled(each) else waiting)[each.at("txid").hash()] = None
    rows = (Transaction(chain=network.id, id=tx, place=0, legs=()) for tx in named)
    return Batch.of(*rows, *(_unconfirmed(tx, 1) for tx in waiting))


def _settled(spent: Node) -> bool:
    """Whether a block holds what spends an output; older servers do not say."""
    return not spent.has("status") or _confirmed(spent)


def _confirmed(top: Node) -> bool:
    return top.at("status").at("confirmed").flag()


def _hexadecimal(data: bytes) -> bytes:
    try:
        text = data.decode("ascii").strip()
    except UnicodeDecodeError:
        text = "it is not ASCII"
    return Node(value=text, path="the answer").bytes()


def _unconfirmed(subject: str, count: int) -> Gap:
    return Gap(
        code="unconfirmed",
        subject=subject,
        why=f"Transactions of it that the server knows and no block of its chain holds: {count}.",
        effect="They may never be confirmed: they are not followed as if they were.",
    )


def _other(asked: str, why: str) -> Error:
    return Error(
        "id-differs",
        f"The server did not give {asked}.",
        why,
        "Ask another server; this one is damaged or lies, and nothing of its answer is used.",
    )
