"""Polygon PoS: a deposit goes down by the number of its state sync, which both chains record.

What goes up is burned, and freed by a proof of the burning that no event names: it is an open end.
"""

from __future__ import annotations

from collections.abc import Iterator

from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, seek, told
from recover_bridges.contracts import data
from recover_bridges.native.opstack import L1, OWN
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event, arguments, keccak256, word

L2 = "eip155:137"
SYNCED = Event("StateSynced(uint256 indexed id,address indexed receiver,bytes data)")
COMMITTED = Event("StateCommitted(uint256 indexed id,bool success)")
_DEPOSIT = keccak256(b"DEPOSIT")


class Polygon(Bridge):
    own = OWN
    protocol = "polygon"
    events = (SYNCED, COMMITTED)
    info = told(
        protocol,
        "Polygon PoS: a deposit by the number of its state sync",
        "maticnetwork/pos-portal and contracts: RootChainManager, StateSender, StateReceiver",
        events,
        (
            "what goes back to Ethereum is an open end",
            "messages of other contracts than the portal's are not read",
        ),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen in book.of(SYNCED):
            if (
                seen.said is not None
                and seen.chain == L1
                and seen.contract == data("native")["polygon-1"]["sender"]
            ):
                yield from self._sent(seen)
        receiver = data("native")["polygon-2"]["receiver"]
        for seen in book.of(COMMITTED):
            if seen.said is not None and seen.chain == L2 and seen.contract == receiver and seen.said["success"]:
                yield Had(**about(seen), key=word(seen.said["id"]), from_chain=L1)

    def _sent(self, seen: Seen) -> Iterator[Side]:
        said = seen.said or {}
        try:
            outer = arguments("bytes32 kind,bytes data", said["data"])
            inner = arguments("address user,address token,bytes data", outer["data"])
        except ValueError:
            return
        if outer["kind"] != _DEPOSIT or len(inner["data"]) != 32:
            return  # another message, or a single token
        amount = int.from_bytes(inner["data"], "big")
        yield Sent(
            **about(seen),
            key=word(said["id"]),
            to_chain=L2,
            token=inner["token"],
            amount=amount,
            recipient=inner["user"],
            own=frozenset(data("native")["polygon-1"]["predicates"]),
            expected=amount,
            fee=0,
            loose=True,
            sought=seek((data("native")["polygon-2"]["receiver"],), COMMITTED, said["id"]),
        )
