"""Stargate version 1: swaps between its pools by LayerZero version 1's packets.

Key: both chains' numbers, the sending application, the number of the packet on that path; the payload's hash
must be equal on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, seek, told
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event, arguments, keccak256

PACKET = Event("Packet(bytes payload)")
RECEIVED = Event(
    "PacketReceived(uint16 indexed source,bytes path,address indexed application,uint64 nonce,bytes32 hash)"
)
SWAP = Event(
    "Swap(uint16 chain,uint256 pool,address from,uint256 amount,uint256 reward,uint256 fee,uint256 protocol,"
    "uint256 providers)"
)
REMOTE = Event("SwapRemote(address to,uint256 amount,uint256 protocol,uint256 fee)")
_SWAP = 1
_TYPES = (
    "uint8 kind,uint256 source,uint256 destination,uint256 gas,(uint256 credits,uint256 ideal) credit,"
    "(uint256 amount,uint256 fee,uint256 reward,uint256 providers,uint256 protocol,uint256 locked) swap,"
    "bytes to,bytes payload"
)


class Stargate(Bridge):
    protocol = "stargate-v1"
    own = Own("layerzero")
    events = (PACKET, RECEIVED, SWAP, REMOTE)
    info = told(
        protocol,
        "Stargate version 1: a swap and its payment by LayerZero's packet",
        "LayerZero-Labs/LayerZero (UltraLightNodeV2), stargate-protocol/stargate (Bridge, Pool)",
        events,
        ("a payment that failed there, and was tried again, is an open end",),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen, said in self.ours(book, "node-v1", PACKET):
            yield from self._sent(book, seen, said["payload"])
        for seen, said in self.ours(book, "node-v1", RECEIVED):
            yield from self._had(book, seen, said)

    def _sent(self, book: Book, seen: Seen, data: bytes) -> Iterator[Side]:
        if len(data) < 52:
            return
        source, destination = (int.from_bytes(data[at : at + 2], "big") for at in (8, 30))
        app, to = f"0x{data[10:30].hex()}", chains.chain("layerzero-v1", destination)
        if (
            not self.own.holds("stargate-v1", seen.chain, app)
            or chains.chain("layerzero-v1", source) != seen.chain
        ):
            return
        try:
            said = arguments(_TYPES, data[52:])
        except ValueError:
            return  # another message than a swap
        swaps = [swap for swap in book.told(seen, SWAP) if swap["chain"] == destination]
        if said["kind"] != _SWAP or len(said["to"]) != 20 or len(swaps) != 1:
            return
        there = self.own.at("node-v1", to)
        yield Sent(
            **about(seen),
            key=_key(source, destination, data[10:30], int.from_bytes(data[:8], "big")),
            to_chain=to,
            amount=None,
            recipient=f"0x{said['to'].hex()}",
            own=self.own.everywhere(seen.chain),
            by=swaps[0]["from"],
            body=keccak256(data[52:]),
            sought=seek(there, RECEIVED, source),
        )

    def _had(self, book: Book, seen: Seen, said: Mapping[str, Any]) -> Iterator[Side]:
        path, here = said["path"], chains.number("layerzero-v1", seen.chain)
        ours = self.own.holds("stargate-v1", seen.chain, said["application"])
        paid = book.told(seen, REMOTE)
        if here is None or not ours or len(path) < 20 or len(paid) != 1:
            return
        yield Had(
            **about(seen),
            key=_key(said["source"], here, path[:20], said["nonce"]),
            from_chain=chains.chain("layerzero-v1", said["source"]),
            recipient=paid[0]["to"],
            body=said["hash"],
            own=self.own.everywhere(seen.chain),
            sought=seek(self.own.at("node-v1", chains.chain("layerzero-v1", said["source"])), PACKET),
        )


def _key(source: int, destination: int, application: bytes, nonce: int) -> bytes:
    return source.to_bytes(2, "big") + destination.to_bytes(2, "big") + application + nonce.to_bytes(8, "big")
