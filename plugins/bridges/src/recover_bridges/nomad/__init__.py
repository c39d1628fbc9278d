"""Nomad: a message by its origin and its number towards the chain where it is received."""

from __future__ import annotations

from collections.abc import Iterator

from recover_bridges import chains
from recover_bridges.book import Book
from recover_bridges.bridge import Bridge, told
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event

SENT = Event(
    "Send(address indexed token,address indexed from,uint32 indexed to,bytes32 recipient,uint256 amount,bool fast)"
)
DISPATCHED = Event(
    "Dispatch(bytes32 indexed hash,uint256 indexed leaf,uint64 indexed number,bytes32 root,bytes message)"
)
RECEIVED = Event(
    "Receive(uint64 indexed number,address indexed token,address indexed recipient,"
    "address provider,uint256 amount)"
)


class Nomad(Bridge):
    protocol = "nomad"
    own = Own("nomad")
    events = (SENT, DISPATCHED, RECEIVED)
    info = told(
        protocol,
        "Nomad: a sending and its receipt by the message's number",
        "nomad-xyz/monorepo: Home, BridgeRouter",
        events,
        ("that a message was received says nothing of who wrote it: forged ones robbed the bridge in 2022",),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen, said in self.ours(book, "router", SENT):
            mine = [d for d in book.beside(seen, DISPATCHED) if d.said is not None and d.index < seen.index]
            here = chains.number("nomad", seen.chain)
            homes = [d for d in mine if self.own.holds("home", seen.chain, d.contract)]
            if here is None or not homes or (homes[-1].said or {})["number"] >> 32 != said["to"]:
                continue
            to, number = chains.chain("nomad", said["to"]), (homes[-1].said or {})["number"] & 0xFFFFFFFF
            yield Sent(
                **about(seen),
                key=_key(here, said["to"], number),
                to_chain=to,
                token=said["token"],
                amount=said["amount"],
                recipient=chains.account(to, said["recipient"]),
                own=self.own.everywhere(seen.chain),
                by=said["from"],
                expected=said["amount"],
                fee=0,
                sought=self.seek("router", to, RECEIVED, here << 32 | number),
            )
        for seen, said in self.ours(book, "router", RECEIVED):
            here = chains.number("nomad", seen.chain)
            if here is None:
                continue
            source, number = said["number"] >> 32, said["number"] & 0xFFFFFFFF
            yield Had(
                **about(seen),
                key=_key(source, here, number),
                from_chain=chains.chain("nomad", source),
                token=said["token"],
                amount=said["amount"],
                recipient=said["recipient"],
                own=self.own.everywhere(seen.chain),
            )


def _key(source: int, destination: int, number: int) -> bytes:
    return b"".join(each.to_bytes(4, "big") for each in (source, destination, number))
