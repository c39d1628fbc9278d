"""Gnosis: the xDai bridge by the word that both sides record, the Omnibridge by the id of its message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, told
from recover_bridges.native.opstack import L1, OWN
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event

L2 = "eip155:100"
UP = Event("UserRequestForSignature(address recipient,uint256 value,bytes32 nonce)")
DOWN = Event("UserRequestForAffirmation(address recipient,uint256 value,bytes32 nonce)")
CAME_DOWN = Event("AffirmationCompleted(address recipient,uint256 value,bytes32 nonce)")
CAME_UP = Event("RelayedMessage(address recipient,uint256 value,bytes32 nonce)")
BEGUN = Event(
    "TokensBridgingInitiated(address indexed token,address indexed sender,uint256 value,bytes32 indexed id)"
)
BRIDGED = Event("TokensBridged(address indexed token,address indexed recipient,uint256 value,bytes32 indexed id)")


class Gnosis(Bridge):
    own = OWN
    protocol = "gnosis"
    events = (UP, DOWN, CAME_DOWN, CAME_UP, BEGUN, BRIDGED)
    info = told(
        protocol,
        "Gnosis: the xDai bridge and the Omnibridge by the key that both sides record",
        "omni/tokenbridge-contracts: XDaiForeignBridge, HomeBridgeErcToNative, Omnibridge",
        events,
        ("requests of before the bridge had numbers are known by their transaction, and are not read",),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for event, chain in ((DOWN, L1), (UP, L2), (CAME_DOWN, L2), (CAME_UP, L1)):
            for seen, said in self.ours(book, "xdai", event):
                if seen.chain == chain:
                    yield self._asked(seen, said) if event in (DOWN, UP) else self._done(seen, said)
        for seen, said in self.ours(book, "omnibridge", BEGUN):
            yield self._begun(seen, said)
        for seen, said in self.ours(book, "omnibridge", BRIDGED):
            yield self._bridged(seen, said)

    def _asked(self, seen: Seen, said: Mapping[str, Any]) -> Sent:
        to = _other(seen.chain)
        return Sent(
            **about(seen),
            key=_way(seen.chain) + said["nonce"],
            to_chain=to,
            token=chains.ZERO if seen.chain == L2 else "",
            amount=said["value"],
            recipient=said["recipient"],
            own=frozenset(self.own.at("xdai", seen.chain)),
            into=chains.coin(to) if to == L2 else "",
            expected=said["value"],
            fee=0,
            sought=self.seek("xdai", to, CAME_DOWN if to == L2 else CAME_UP),
        )

    def _done(self, seen: Seen, said: Mapping[str, Any]) -> Had:
        origin = _other(seen.chain)
        return Had(
            **about(seen),
            key=_way(origin) + said["nonce"],
            from_chain=origin,
            token=chains.ZERO if seen.chain == L2 else "",
            amount=said["value"],
            recipient=said["recipient"],
            fee=0,
            sought=self.seek("xdai", origin, DOWN if origin == L1 else UP),
        )

    def _begun(self, seen: Seen, said: Mapping[str, Any]) -> Sent:
        to = _other(seen.chain)
        return Sent(
            **about(seen),
            key=said["id"],
            to_chain=to,
            token=said["token"],
            amount=said["value"],
            own=frozenset(self.own.at("omnibridge", seen.chain)),
            by=said["sender"],
            sought=self.seek("omnibridge", to, BRIDGED, None, None, said["id"]),
        )

    def _bridged(self, seen: Seen, said: Mapping[str, Any]) -> Had:
        origin = _other(seen.chain)
        return Had(
            **about(seen),
            key=said["id"],
            from_chain=origin,
            token=said["token"],
            amount=said["value"],
            recipient=said["recipient"],
            own=frozenset(self.own.at("omnibridge", seen.chain)),
            sought=self.seek("omnibridge", origin, BEGUN, None, None, said["id"]),
        )


def _other(chain: str) -> str:
    return L2 if chain == L1 else L1


def _way(chain: str) -> bytes:
    """Numbers begin anew in each direction: the chain that they are of stands before them."""
    return chains.plain(chain).to_bytes(4, "big")
