"""OP Stack chains (Optimism, Base): messages by their hash, computed again, and bare deposits by the id they get.

Method: the specification of the OP Stack, cross-domain messengers, deposits and withdrawals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, seek, told
from recover_bridges.contracts import Own
from recover_bridges.native.calls import Payment, payment
from recover_bridges.native.rlp import listed, number
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event, encode, keccak256, padded, selector, word

SENT = Event("SentMessage(address indexed target,address sender,bytes message,uint256 nonce,uint256 gas)")
VALUE = Event("SentMessageExtension1(address indexed sender,uint256 value)")
RELAYED = Event("RelayedMessage(bytes32 indexed hash)")
MESSAGES = (SENT, VALUE, RELAYED)
DEPOSITED = Event(
    "TransactionDeposited(address indexed from,address indexed to,uint256 indexed version,bytes opaque)"
)
PASSED = Event(
    "MessagePassed(uint256 indexed nonce,address indexed sender,address indexed target,uint256 value,uint256 gas,"
    "bytes data,bytes32 hash)"
)
FINALIZED = Event("WithdrawalFinalized(bytes32 indexed hash,bool success)")
L1 = "eip155:1"
OWN = Own("native")
_FIRST = selector("relayMessage(address,address,bytes,uint256)")
_SECOND = selector("relayMessage(uint256,address,address,uint256,uint256,bytes)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it was sent: its hash, to which chain, and what it carries."""

    seen: Seen
    hash: bytes
    to: str
    l2: str
    value: int
    target: str
    sender: str
    data: bytes

    @property
    def index(self) -> int:
        return self.seen.index


def sent(book: Book, beside: Seen) -> list[Message]:
    """The messages that the messengers sent in the transaction of a log."""
    return [m for each in book.beside(beside, SENT) if (m := read(book, each)) is not None]


def relayed(book: Book, beside: Seen) -> list[Seen]:
    """The messages that a messenger relayed in the transaction of a log."""
    return [s for s in book.beside(beside, RELAYED) if s.said is not None and _l2_of(s) is not None]


def relays(to: str, hash: bytes) -> tuple[dict[str, Any], ...]:
    """How the relay of a message to an OP Stack chain is found there."""
    return seek(OWN.at("messenger-2", to), RELAYED, hash)


def read(book: Book, seen: Seen) -> Message | None:
    """A message of a messenger that is known; None of any other contract."""
    l2 = _l2_of(seen)
    if seen.said is None or l2 is None:
        return None
    said = seen.said
    # The log after it says what value goes with it; messages of the first version have none.
    more = [v for v in book.beside(seen, VALUE) if v.contract == seen.contract and v.index == seen.index + 1]
    value = more[0].said["value"] if more and more[0].said else 0
    version = said["nonce"] >> 240
    if version > 1:
        return None
    return Message(
        seen=seen,
        hash=message_hash(said, value),
        to=l2 if seen.chain == L1 else L1,
        l2=l2,
        value=value,
        target=said["target"],
        sender=said["sender"],
        data=said["message"],
    )


def message_hash(said: Any, value: int) -> bytes:
    """The hash of a message in the version that its number names."""
    if said["nonce"] >> 240 == 0:
        call = _FIRST + encode(said["target"], said["sender"], said["message"], said["nonce"])
    else:
        call = _SECOND + encode(said["nonce"], said["sender"], said["target"], value, said["gas"], said["message"])
    return keccak256(call)


def _l2_of(seen: Seen) -> str | None:
    """The OP Stack chain whose messenger wrote a log."""
    if seen.chain == L1:
        return _whose("messenger-1", seen.contract)
    return seen.chain if OWN.holds("messenger-2", seen.chain, seen.contract) else None


def _whose(role: str, contract: str) -> str | None:
    return next((chain for chain in ("eip155:10", "eip155:8453") if OWN.holds(role, chain, contract)), None)


class OpStack(Bridge):
    own = OWN
    protocol = "op-stack"
    events = (*MESSAGES, DEPOSITED, PASSED, FINALIZED)
    info = told(
        protocol,
        "OP Stack: a message and its relay by the message's hash",
        "ethereum-optimism/specs: cross-domain messengers, deposits, withdrawals",
        events,
        (
            "a message to a contract that is no standard bridge counts only where both chains show the payment",
            "a message that failed there, and was never tried again, is an open end",
        ),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen in book.of(SENT):
            message = read(book, seen)
            if message is not None:
                yield from self._sent(message)
        for seen in book.of(RELAYED):
            l2 = _l2_of(seen)
            if seen.said is not None and l2 is not None:
                origin = L1 if seen.chain != L1 else l2
                own = self._own(seen.chain, l2)
                yield Had(**about(seen), key=seen.said["hash"], from_chain=origin, own=own)
        yield from self._bare_deposits(book)
        yield from self._bare_withdrawals(book)

    def _own(self, chain: str, l2: str) -> frozenset[str]:
        side = "1" if chain == L1 else "2"
        roles = ("messenger", "bridge", "portal") if side == "1" else ("messenger", "bridge", "passer")
        return frozenset(each for role in roles for each in self.own.at(f"{role}-{side}", l2))

    def _sent(self, message: Message) -> Iterator[Side]:
        seen, up = message.seen, message.to == L1
        pays = payment(message.data, up=up)
        standard = message.target in self.own.at("bridge-1" if up else "bridge-2", message.l2)
        if pays is None and message.value:
            pays = Payment(recipient=message.target, amount=message.value, here=chains.ZERO, there=chains.ZERO)
        if pays is None or not pays.amount:
            return  # it carries no value: a call
        role = "messenger-1" if up else "messenger-2"
        yield Sent(
            **about(seen),
            key=message.hash,
            to_chain=message.to,
            token=pays.here,
            amount=pays.amount,
            recipient=pays.recipient,
            own=self._own(seen.chain, message.l2) | {message.sender},
            into=chains.asset(message.to, pays.there),
            expected=pays.amount,
            fee=0,
            loose=not standard and not message.value,
            sought=self.seek(role, message.l2, RELAYED, message.hash),
        )

    def _bare_deposits(self, book: Book) -> Iterator[Side]:
        """Deposits at the portal that no messenger made: known on the other side by the id that they get there."""
        for seen in book.of(DEPOSITED):
            l2 = _whose("portal-1", seen.contract) if seen.chain == L1 else None
            if seen.said is None or l2 is None or book.beside(seen, SENT):
                continue
            tx = book.tx(*seen.place)
            made = deposit(seen.said, tx.block if tx else None, seen.index)
            if made is None or not made.value:
                continue
            yield Sent(
                **about(seen),
                key=made.id,
                to_chain=l2,
                token=chains.ZERO,
                amount=made.mint,
                recipient=made.to or made.sender,
                own=self._own(L1, l2),
                into=chains.coin(l2),
                expected=made.value,
                fee=0,
            )
            there = book.tx(l2, f"0x{made.id.hex()}")
            if there is not None:
                yield Had(
                    key=made.id,
                    chain=l2,
                    tx=there.id,
                    index=-1,
                    time=there.time,
                    from_chain=L1,
                    token=chains.ZERO,
                    amount=made.value,
                    recipient=made.to or made.sender,
                )

    def _bare_withdrawals(self, book: Book) -> Iterator[Side]:
        """Withdrawals that no messenger made: by the hash that both sides record."""
        for seen in book.of(PASSED):
            said = seen.said
            if said is None or not self.own.holds("passer-2", seen.chain, seen.contract):
                continue
            if book.beside(seen, SENT) or not said["value"]:
                continue
            yield Sent(
                **about(seen),
                key=said["hash"],
                to_chain=L1,
                token=chains.ZERO,
                amount=said["value"],
                recipient=said["target"],
                own=self._own(seen.chain, seen.chain),
                into=chains.coin(L1),
                expected=said["value"],
                fee=0,
                sought=self.seek("portal-1", seen.chain, FINALIZED, said["hash"]),
            )
        for seen in book.of(FINALIZED):
            l2 = _whose("portal-1", seen.contract) if seen.chain == L1 else None
            if seen.said is None or l2 is None or not seen.said["success"] or book.beside(seen, RELAYED):
                continue
            yield Had(
                **about(seen),
                key=seen.said["hash"],
                from_chain=l2,
                token=chains.ZERO,
                own=self._own(L1, l2),
                sought=self.seek("passer-2", l2, PASSED),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """A deposit at the portal, and the id that it gets on the other chain."""

    id: bytes
    sender: str
    to: str | None
    mint: int
    value: int


def deposit(said: Any, block: str | None, index: int) -> Deposit | None:
    """None where the block is not shown, or of another version."""
    opaque = said["opaque"]
    if block is None or said["version"] != 0 or len(opaque) < 73 or index < 0:
        return None
    mint, value = int.from_bytes(opaque[:32], "big"), int.from_bytes(opaque[32:64], "big")
    gas, creates = int.from_bytes(opaque[64:72], "big"), opaque[72] != 0
    source = keccak256(word(0) + keccak256(bytes.fromhex(block[2:]) + word(index)))
    to = None if creates else said["to"]
    fields = [source, padded(said["from"])[12:], b"" if to is None else padded(to)[12:]]
    fields += [number(mint), number(value), number(gas), b"", opaque[73:]]
    id = keccak256(b"\x7e" + listed(fields))
    return Deposit(id=id, sender=said["from"], to=to, mint=mint, value=value)
