"""A node's JSON-RPC as a source: whole histories, single transactions, and what an address holds at a block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from recover.sdk import (
    Absent,
    Ask,
    Batch,
    Crossing,
    Details,
    Error,
    Exhibit,
    History,
    Recorder,
    SourceInfo,
    Status,
)
from recover_chain_evm import networks, values
from recover_chain_evm.live import bundles, closing, read, search, sought, status, tokens, wire
from recover_chain_evm.live.node import Node
from recover_chain_evm.live.provider import Provider
from recover_chain_evm.live.session import Session, probes
from recover_chain_evm.live.tally import Tally
from recover_chain_evm.networks import Network

SOURCE = "evm-rpc"


@dataclass(slots=True)
class NodeRpc:
    """A node of one's own or a provider's. `place` is the item of a batch, from 0.

    Every batch opens with the chain's id and the header of the pinned block, so each exhibit says by itself for
    which chain and up to where it answers. An address's coverage is claimed by the last batch of its history
    alone, which is asked for only after every search and every block came and was read without a fault, and it
    claims the assets in which what was found adds up to what the address holds.

    `blocks` is how many blocks one batch holds. The sessions hold what a run learns of a node, never evidence.
    """

    blocks: int = bundles.BLOCKS
    sessions: dict[tuple[str, str], Session] = field(default_factory=dict)

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id=SOURCE,
            version="1",
            title="A node's JSON-RPC",
            chains=networks.ids(),
            place="item",
            media="JSON-RPC 2.0, answers to a batch of calls",
            terms="those of the node's operator; none for a node of one's own",
            asks=("History", "Details", "Status", "Crossing"),
            limits="What moved inside a transaction needs a node that traces; payments of the coin, which leave no"
            " log, are found only where the node has an index of calls (Otterscan's calls or trace_filter).",
            primary=False,
        )

    def recognises(self, name: str, head: bytes) -> bool:
        """A batch of answers, by its first bytes. It is read only beside the request that the case keeps."""
        start = head.lstrip(b" \t\r\n")[:256]
        return start.startswith(b"[") and b'"jsonrpc"' in start and b'"id"' in start

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Answer a History, Details, Status or Crossing of one of these chains, in batches.

        Raises Error for a node of another chain, a reorganised one, one that refuses or limits what is needed, one
        whose answers cannot be read, and one whose receipts or transactions are not those of the block's header.
        """
        network = _network(ask)
        if network is None or not isinstance(ask, History | Details | Status | Crossing):
            return
        tally = Tally(address=ask.address.text if isinstance(ask, History) else "")
        try:
            for exhibit in self._answer(ask, network, recorder, tally):
                tally.add(list(self.decode(exhibit)))
                yield exhibit
        except (KeyError, ValueError) as error:
            raise _unfit(recorder.endpoint, error) from None

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises NotRecognised where what was asked is not known, Error for answers that contradict themselves."""
        yield from read.batches(exhibit)

    def _answer(
        self, ask: History | Details | Status | Crossing, network: Network, recorder: Recorder, tally: Tally
    ) -> Iterator[Exhibit]:
        session = self.sessions.setdefault((recorder.endpoint, network.id), Session())
        node = Node(recorder=recorder, provider=Provider(recorder=recorder), chain=network.id, tip=session.tip)
        if node.tip is None:
            session.learn(node.ask(probes()))
            session.tip = node.tip
            yield from node.take()
        if isinstance(ask, History):
            first = 0 if ask.arrived is None else ask.arrived.height or 0
            yield from self._history(network, node, session, tally, first)
        elif isinstance(ask, Details):
            yield from self._details(ask.tx.text, node, session)
        elif isinstance(ask, Crossing):
            yield from sought.ask(node, session, ask, self.blocks)
        else:
            yield from status.ask(node, network, ask)

    def _history(
        self, network: Network, node: Node, session: Session, tally: Tally, first: int
    ) -> Iterator[Exhibit]:
        """`tally` holds what was read of each exhibit by the time that the next one is asked for; the blocks from
        `first` on come before those below it.
        """
        address, found, receipts = tally.address, search.Found(), list[values.Fields]()
        yield from search.by_logs(node, session, network, address, found, first)
        yield from search.by_calls(node, session, address, found, first)
        yield from bundles.fetch(node, session, found.listed(first), receipts, self.blocks)
        yield from tokens.ask(node, network, address, receipts)
        yield from closing.ask(node, session, network, receipts, tally)

    def _details(self, tx: str, node: Node, session: Session) -> Iterator[Exhibit]:
        (answer,) = node.require([wire.Call(method="eth_getTransactionByHash", params=(tx,))])
        yield from node.take()
        where = (
            None if answer.result is None else values.fields(answer.result, "the transaction").get("blockNumber")
        )
        if where is None:
            raise _in_no_block(answer, tx, node.recorder.endpoint)
        yield from bundles.fetch(node, session, [(values.number(where), (tx,))], [], self.blocks)


def _network(ask: Ask) -> Network | None:
    if isinstance(ask, History | Status):
        return networks.by_id(ask.address.chain)
    return networks.by_id(ask.chain) if isinstance(ask, Details | Crossing) else None


def _in_no_block(answer: wire.Answer, tx: str, name: str) -> Absent:
    if answer.result is None:
        return Absent(
            "answer-null",
            f"The node at {name} has no transaction {tx}.",
            "It answers null, as nodes do for an id that they do not know.",
            "Compare the id with where it was copied from, or ask a node that keeps all transactions.",
        )
    return Absent(
        "unconfirmed",
        f"The node at {name} knows transaction {tx}, and no block of its chain holds it.",
        "It may never be confirmed, and another can take its place: nothing counts as moved by it.",
        "Ask again once a block holds it.",
    )


def _unfit(name: str, error: Exception) -> Error:
    why = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
    return Error(
        "answer-unfit",
        f"The node at {name} gave an answer that does not fit what was asked.",
        f"{why[:1].upper()}{why[1:]}.",
        "Ask another node. What came is kept, and no history counts as whole because of it.",
    )
