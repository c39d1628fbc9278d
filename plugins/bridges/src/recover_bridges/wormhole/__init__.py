"""Wormhole's token bridge: a message by its emitter's chain, its emitter and its number, as guardians sign it.

Amounts in messages have at most eight decimals, so the movements of the ledger say how much it was. The
recipient is an account of 32 bytes: on Solana a token account, which is not its owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, told
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event, padded

PUBLISHED = Event(
    "LogMessagePublished(address indexed sender,uint64 sequence,uint32 nonce,bytes payload,uint8 level)"
)
REDEEMED = Event("TransferRedeemed(uint16 indexed chain,bytes32 indexed emitter,uint64 indexed sequence)")
_SIZE = 133
_PLAIN, _CARRYING = 1, 3


class Wormhole(Bridge):
    protocol = "wormhole"
    own = Own("wormhole")
    events = (PUBLISHED, REDEEMED)
    info = told(
        protocol,
        "Wormhole: a token bridge's message and its redemption by emitter and number",
        "wormhole-foundation/wormhole: token bridge, payloads 1 and 3",
        events,
        (
            "native token transfers (NTT) and messages of other contracts are not read",
            "where a contract redeems for somebody (payload 3), it is that contract that is named",
        ),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen, said in self.ours(book, "core", PUBLISHED):
            if self.own.holds("token", seen.chain, said["sender"]):
                yield from self._sent(seen, said)
        # Relayers' contracts write the same event again with the same key.
        for seen, said in self.ours(book, "token", REDEEMED):
            yield self._had(seen, said)

    def _sent(self, seen: Seen, said: Mapping[str, Any]) -> Iterator[Side]:
        payload, here = said["payload"], chains.number("wormhole", seen.chain)
        if here is None or not payload:
            return
        if payload[0] not in (_PLAIN, _CARRYING):
            if payload[0] != 2:  # what a token is called: no value
                yield Sent(**about(seen), key=b"", to_chain="", refused="version")
            return
        if len(payload) < _SIZE or (payload[0] == _PLAIN and len(payload) != _SIZE):
            yield Sent(**about(seen), key=b"", to_chain="", refused="version")
            return
        origin = chains.chain("wormhole", int.from_bytes(payload[65:67], "big"))
        to = chains.chain("wormhole", int.from_bytes(payload[99:101], "big"))
        token = chains.account(origin, payload[33:65]) or ""
        emitter = padded(said["sender"])
        yield Sent(
            **about(seen),
            key=_key(here, emitter, said["sequence"]),
            to_chain=to,
            amount=None,
            recipient=chains.account(to, payload[67:99]),
            own=self.own.everywhere(seen.chain),
            into=chains.asset(to, token) if origin == to and token else "",
            sought=self.seek("token", to, REDEEMED, here, emitter, said["sequence"]),
        )

    def _had(self, seen: Seen, said: Mapping[str, Any]) -> Had:
        origin = chains.chain("wormhole", said["chain"])
        return Had(
            **about(seen),
            key=_key(said["chain"], said["emitter"], said["sequence"]),
            from_chain=origin,
            own=self.own.everywhere(seen.chain),
            sought=self.seek("core", origin, PUBLISHED, said["emitter"]),
        )


def _key(chain: int, emitter: bytes, sequence: int) -> bytes:
    return chain.to_bytes(2, "big") + emitter + sequence.to_bytes(8, "big")
