"""Celer cBridge, pools of version 2: a payment names the transfer that it answers."""

from __future__ import annotations

from collections.abc import Iterator

from recover_bridges import chains
from recover_bridges.book import Book
from recover_bridges.bridge import Bridge, told
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event

SENT = Event(
    "Send(bytes32 id,address sender,address receiver,address token,uint256 amount,uint64 to,"
    "uint64 nonce,uint32 slip)"
)
RELAYED = Event(
    "Relay(bytes32 id,address sender,address receiver,address token,uint256 amount,uint64 from,bytes32 answers)"
)


class Celer(Bridge):
    protocol = "celer"
    own = Own("celer")
    events = (SENT, RELAYED)
    info = told(
        protocol,
        "Celer cBridge: a transfer and its payment by the transfer's id",
        "celer-network/sgn-v2-contracts: Bridge",
        events,
        ("tokens that are minted (peg) and the refunds of version 1 have other events, which are not read",),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen in book.of(SENT):
            said = seen.said
            if said is None:
                continue
            to = chains.evm(said["to"])
            yield Sent(
                **about(seen),
                key=said["id"],
                to_chain=to,
                token=said["token"],
                amount=said["amount"],
                recipient=said["receiver"],
                own=self.own.everywhere(seen.chain),
                by=said["sender"],
                refused="" if self.own.holds("bridge", seen.chain, seen.contract) else "domain",
                sought=self.seek("bridge", to, RELAYED),
            )
        for seen in book.of(RELAYED):
            said = seen.said
            if said is None:
                continue
            origin = chains.evm(said["from"])
            yield Had(
                **about(seen),
                key=said["answers"],
                from_chain=origin,
                token=said["token"],
                amount=said["amount"],
                recipient=said["receiver"],
                own=self.own.everywhere(seen.chain),
                refused="" if self.own.holds("bridge", seen.chain, seen.contract) else "domain",
                sought=self.seek("bridge", origin, SENT),
            )
