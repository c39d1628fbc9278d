"""Scroll: messages between its messengers by their hash, computed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, told
from recover_bridges.native.calls import Payment, payment
from recover_bridges.native.opstack import L1, OWN
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event, encode, keccak256, selector

L2 = "eip155:534352"
SENT = Event(
    "SentMessage(address indexed sender,address indexed target,uint256 value,uint256 nonce,"
    "uint256 gas,bytes message)"
)
RELAYED = Event("RelayedMessage(bytes32 indexed hash)")
_CALL = selector("relayMessage(address,address,uint256,uint256,bytes)")


class Scroll(Bridge):
    own = OWN
    protocol = "scroll"
    events = (SENT, RELAYED)
    info = told(
        protocol,
        "Scroll: a message and its relay by the message's hash",
        "scroll-tech/scroll-contracts: L1ScrollMessenger, L2ScrollMessenger",
        events,
        ("a message to a contract that is no gateway counts only where both chains show the payment",),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen, said in self.ours(book, "scroll", SENT):
            yield from self._sent(seen, said)
        for seen, said in self.ours(book, "scroll", RELAYED):
            yield Had(**about(seen), key=said["hash"], from_chain=_other(seen.chain), own=self._own(seen))

    def _own(self, seen: Seen) -> frozenset[str]:
        return frozenset(self.own.at("scroll", seen.chain))

    def _sent(self, seen: Seen, said: Mapping[str, Any]) -> Iterator[Side]:
        to, up = _other(seen.chain), seen.chain != L1
        call = encode(said["sender"], said["target"], said["value"], said["nonce"], said["message"])
        key, pays = keccak256(_CALL + call), payment(said["message"], up=up)
        if pays is None and said["value"]:
            pays = Payment(recipient=said["target"], amount=said["value"], here=chains.ZERO, there=chains.ZERO)
        if pays is None or not pays.amount:
            return
        yield Sent(
            **about(seen),
            key=key,
            to_chain=to,
            token=pays.here,
            amount=pays.amount,
            recipient=pays.recipient,
            own=self._own(seen) | {said["sender"]},
            into=chains.asset(to, pays.there),
            expected=pays.amount,
            fee=0,
            loose=not said["value"],
            sought=self.seek("scroll", to, RELAYED, key),
        )


def _other(chain: str) -> str:
    return L2 if chain == L1 else L1
