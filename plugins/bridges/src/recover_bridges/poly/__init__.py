"""Poly Network: a message by its number on the chain that it left, which the manager there repeats."""

from __future__ import annotations

from collections.abc import Iterator

from recover_bridges import chains
from recover_bridges.book import Book
from recover_bridges.bridge import Bridge, told
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event

CROSSED = Event(
    "CrossChainEvent(address indexed sender,bytes id,address asset,uint64 to,bytes contract,bytes raw)"
)
EXECUTED = Event("VerifyHeaderAndExecuteTxEvent(uint64 from,bytes contract,bytes hash,bytes id)")
LOCKED = Event("LockEvent(address asset,address sender,uint64 to,bytes into,bytes recipient,uint256 amount)")
UNLOCKED = Event("UnlockEvent(address asset,address recipient,uint256 amount)")


class Poly(Bridge):
    protocol = "poly"
    own = Own("poly")
    events = (CROSSED, EXECUTED, LOCKED, UNLOCKED)
    info = told(
        protocol,
        "Poly Network: a lock and its release by the message's number",
        "polynetwork/eth-contracts: EthCrossChainManager, LockProxy",
        events,
        ("only Ethereum's managers are known: what left or came elsewhere has one side",),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen, said in self.ours(book, "manager", CROSSED):
            locks, here = book.told(seen, LOCKED), chains.number("poly", seen.chain)
            if here is None or len(locks) != 1:
                continue
            to, lock = chains.chain("poly", said["to"]), locks[0]
            into, recipient = lock["into"], lock["recipient"]
            yield Sent(
                **about(seen),
                key=_key(here, said["to"], said["id"]),
                to_chain=to,
                token=lock["asset"],
                amount=lock["amount"],
                recipient=f"0x{recipient.hex()}" if len(recipient) == 20 else None,
                by=lock["sender"],
                into=chains.asset(to, f"0x{into.hex()}") if len(into) == 20 else "",
                loose=True,
                sought=self.seek("manager", to, EXECUTED),
            )
        for seen, said in self.ours(book, "manager", EXECUTED):
            paid, here = book.told(seen, UNLOCKED), chains.number("poly", seen.chain)
            if here is None or len(paid) != 1:
                continue
            origin = chains.chain("poly", said["from"])
            yield Had(
                **about(seen),
                key=_key(said["from"], here, said["id"]),
                from_chain=origin,
                token=paid[0]["asset"],
                amount=paid[0]["amount"],
                recipient=paid[0]["recipient"],
                sought=self.seek("manager", origin, CROSSED),
            )


def _key(source: int, destination: int, id: bytes) -> bytes:
    return source.to_bytes(8, "big") + destination.to_bytes(8, "big") + id
