"""LayerZero version 2 and the tokens that cross by it (OFT, USDT0, Stargate version 2 by taxi).

Key: the packet's guid, computed again from what both endpoints record. An OFT may be anybody's contract: what it
says counts where the endpoint's own packet names it. A bus carries many passengers in one packet: those are open
ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, seek, told
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event, address, keccak256

PACKET = Event("PacketSent(bytes packet,bytes options,address library)")
DELIVERED = Event("PacketDelivered((uint32 eid,bytes32 sender,uint64 nonce) origin,address receiver)")
OFT_SENT = Event("OFTSent(bytes32 indexed guid,uint32 eid,address indexed from,uint256 sent,uint256 received)")
OFT_RECEIVED = Event("OFTReceived(bytes32 indexed guid,uint32 eid,address indexed to,uint256 received)")
RODE = Event("BusRode(uint32 eid,uint72 ticket,uint80 fare,bytes passenger)")
_HEADER = 113


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """The header of a packet, and its message."""

    nonce: int
    source: int
    sender: bytes
    destination: int
    receiver: bytes
    guid: bytes
    message: bytes


def packet(data: bytes) -> Packet:
    """A packet from its bytes. Raises ValueError for another version,
    or where its guid is not that of its header."""
    if len(data) < _HEADER or data[0] != 1:
        raise ValueError("a packet of another version")
    made = Packet(
        nonce=int.from_bytes(data[1:9], "big"),
        source=int.from_bytes(data[9:13], "big"),
        sender=data[13:45],
        destination=int.from_bytes(data[45:49], "big"),
        receiver=data[49:81],
        guid=data[81:113],
        message=data[113:],
    )
    if made.guid != guid(made.nonce, made.source, made.sender, made.destination, made.receiver):
        raise ValueError("the guid is not that of the packet's header")
    return made


def guid(nonce: int, source: int, sender: bytes, destination: int, receiver: bytes) -> bytes:
    """The id of a packet."""
    numbers = nonce.to_bytes(8, "big") + source.to_bytes(4, "big")
    return keccak256(numbers + sender + destination.to_bytes(4, "big") + receiver)


class LayerZero(Bridge):
    protocol = "layerzero-v2"
    own = Own("layerzero")
    events = (PACKET, DELIVERED, OFT_SENT, OFT_RECEIVED, RODE)
    info = told(
        protocol,
        "LayerZero version 2: a token's packet and its delivery by the packet's guid",
        "LayerZero-Labs/LayerZero-v2: PacketV1Codec, GUID, OFTCore",
        events,
        (
            "passengers of a bus are open ends: they share one packet",
            "messages that a token's contract hands on to another (compose) end at that contract",
        ),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen, said in self.ours(book, "endpoint", PACKET):
            yield from self._sent(book, seen, said["packet"])
        for seen in book.of(OFT_RECEIVED):
            yield from self._had(book, seen)
        for seen in book.of(RODE):
            # Its key is the ticket of a bus that leaves later, and comes in a packet of many.
            if seen.said is not None:
                to = chains.chain("layerzero-v2", seen.said["eid"])
                yield Sent(**about(seen), key=b"", to_chain=to, note="a passenger of a bus: many share one packet")

    def _sent(self, book: Book, seen: Seen, data: bytes) -> Iterator[Side]:
        moved = [s for s in book.beside(seen, OFT_SENT) if s.said is not None]
        try:
            read = packet(data)
        except ValueError:
            if moved:
                yield Sent(**about(seen), key=b"", to_chain="", refused="version")
            return
        right = [s for s in moved if s.said and s.said["guid"] == read.guid]
        named = [s for s in right if self._speaks(s, chains.account(seen.chain, read.sender))]
        if chains.chain("layerzero-v2", read.source) != seen.chain or len(named) != 1:
            return  # a message without value, or one that more than one contract lays claim to
        said, to = named[0].said or {}, chains.chain("layerzero-v2", read.destination)
        yield Sent(
            **about(seen),
            key=read.guid,
            to_chain=to,
            amount=said["sent"],
            own=frozenset({named[0].contract}),
            by=said["from"],
            expected=said["received"],
            body=read.sender + read.receiver,
            sought=seek(self._receiver(to, read.receiver), OFT_RECEIVED, read.guid),
        )

    def _speaks(self, seen: Seen, application: str | None) -> bool:
        """Whether a log says what a packet of an application carried: its own, or that of a pool of Stargate."""
        if seen.contract == application:
            return True
        pool = self.own.holds("pool", seen.chain, seen.contract)
        return pool and application in self.own.at("messaging", seen.chain)

    def _receiver(self, chain: str, cell: bytes) -> tuple[str, ...]:
        found = chains.account(chain, cell)
        if found is None:
            return ()
        return (found, *(self.own.at("pool", chain) if found in self.own.at("messaging", chain) else ()))

    def _had(self, book: Book, seen: Seen) -> Iterator[Side]:
        said, here = seen.said, chains.number("layerzero-v2", seen.chain)
        if said is None or here is None:
            return
        for each in book.beside(seen, DELIVERED):
            if each.said is None or not self.own.holds("endpoint", each.chain, each.contract):
                continue
            origin, receiver = each.said["origin"], each.said["receiver"]
            cell = bytes(12) + bytes.fromhex(receiver[2:])
            made = guid(origin["nonce"], origin["eid"], origin["sender"], here, cell)
            if made == said["guid"] and self._speaks(seen, receiver) and origin["eid"] == said["eid"]:
                yield self._arrival(seen, origin["eid"], origin["sender"], cell)

    def _arrival(self, seen: Seen, eid: int, sender: bytes, receiver: bytes) -> Had:
        said = seen.said or {}
        source = chains.chain("layerzero-v2", eid)
        try:
            oft: tuple[str, ...] = (address(sender),)
        except ValueError:
            oft = ()
        return Had(
            **about(seen),
            key=said["guid"],
            from_chain=source,
            amount=said["received"],
            recipient=said["to"],
            own=frozenset({seen.contract}),
            body=sender + receiver,
            sought=seek(oft, OFT_SENT, said["guid"]),
        )
