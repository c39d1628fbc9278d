"""Arbitrum One: deposits and tickets by the id that they get there, withdrawals by their place in the outbox.

Method: OffchainLabs/nitro, the inbox's messages of kinds 9 and 12, and the transactions of types 0x64 and 0x69
that they become; `ArbSys.L2ToL1Tx`. The value of a ticket arrives where it is redeemed, perhaps much later, or
never.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, seek, told
from recover_bridges.contracts import data
from recover_bridges.native.calls import Payment, payment
from recover_bridges.native.opstack import L1, OWN
from recover_bridges.native.rlp import listed, number
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event, keccak256, padded, word

L2 = "eip155:42161"
DELIVERED = Event(
    "MessageDelivered(uint256 indexed number,bytes32 indexed before,address inbox,uint8 kind,address sender,"
    "bytes32 hash,uint256 fee,uint64 time)"
)
INBOX = Event("InboxMessageDelivered(uint256 indexed number,bytes data)")
REDEEM = Event(
    "RedeemScheduled(bytes32 indexed ticket,bytes32 indexed retry,uint64 indexed sequence,"
    "uint64 gas,address donor,"
    "uint256 refund,uint256 submission)"
)
OUT = Event(
    "L2ToL1Tx(address caller,address indexed destination,uint256 indexed hash,uint256 indexed position,"
    "uint256 block,uint256 height,uint256 time,uint256 value,bytes data)"
)
EXECUTED = Event(
    "OutBoxTransactionExecuted(address indexed to,address indexed sender,uint256 indexed zero,uint256 index)"
)
_TICKET, _ETHER = 9, 12
_WORDS = 9
_ADDRESSES = (0, 4, 5)
"""Which of the words of a ticket's message are addresses."""


class Arbitrum(Bridge):
    own = OWN
    protocol = "arbitrum"
    events = (DELIVERED, INBOX, REDEEM, OUT, EXECUTED)
    info = told(
        protocol,
        "Arbitrum One: deposits, tickets and withdrawals by the ids of the chain itself",
        "OffchainLabs/nitro: delayed inbox, retryable tickets, outbox",
        events,
        ("withdrawals of before Nitro (2022) are not read", "a ticket that expired is an open end"),
    )

    def read(self, book: Book) -> Iterator[Side]:
        sent = [side for seen in book.of(DELIVERED) for side in self._sent(book, seen)]
        yield from sent
        book.prepare((L2, f"0x{side.key.hex()}") for side in sent)
        for side in sent:
            if not side.sought:  # a plain deposit: the transaction that it became has the key for its id
                yield from self._deposited(book, side)
        for seen in book.of(REDEEM):
            yield from self._redeemed(book, seen)
        for seen in book.of(OUT):
            yield from self._out(seen)
        for seen in book.of(EXECUTED):
            if seen.said and seen.chain == L1 and seen.contract in data("native")["arbitrum-1"]["outbox"]:
                key = _position(seen.said["index"])
                yield Had(**about(seen), key=key, from_chain=L2, own=_own(L1), sought=_outs(seen.said))

    def _sent(self, book: Book, seen: Seen) -> Iterator[Sent]:
        said = seen.said
        # An L3 has the same event on another chain: its tickets have ids of their own.
        if said is None or seen.chain != L1 or seen.contract != data("native")["arbitrum-1"]["bridge"]:
            return
        inbox = [m.said for m in book.beside(seen, INBOX) if m.contract == said["inbox"] and m.said]
        body = next((m["data"] for m in inbox if m["number"] == said["number"]), None)
        if body is None or keccak256(body) != said["hash"]:
            return
        if said["kind"] == _ETHER and len(body) == 52:
            to, value = f"0x{body[:20].hex()}", int.from_bytes(body[20:], "big")
            yield self._departure(seen, deposit_id(said, to, value), to, value, chains.ZERO, "")
        elif said["kind"] == _TICKET and len(body) >= 32 * _WORDS:
            yield from self._ticket(seen, body)

    def _ticket(self, seen: Seen, body: bytes) -> Iterator[Sent]:
        said: Any = seen.said
        cells = [int.from_bytes(body[32 * n : 32 * n + 32], "big") for n in range(_WORDS)]
        if any(cells[at] >> 160 for at in _ADDRESSES):
            return
        key = ticket_id(said, cells, body[32 * _WORDS :])
        pays = payment(body[32 * _WORDS :], up=False)
        to, value = f"0x{cells[0]:040x}", cells[1]
        if pays is not None and pays.amount:
            yield self._departure(seen, key, pays.recipient, pays.amount, pays.here, "ticket")
        elif value and not body[32 * _WORDS :]:
            yield self._departure(seen, key, to, value, chains.ZERO, "ticket")

    def _departure(self, seen: Seen, key: bytes, to: str, amount: int, token: str, kind: str) -> Sent:
        sought = seek((data("native")["arbitrum-2"]["tickets"],), REDEEM, key) if kind else ()
        coin = chains.coin(L2) if token == chains.ZERO else ""
        return Sent(
            **about(seen),
            key=key,
            to_chain=L2,
            token=token,
            amount=amount,
            recipient=to,
            own=_own(L1),
            into=coin,
            expected=amount,
            fee=0,
            # Anybody may send a ticket that looks like a gateway's: both legs must be shown.
            loose=token != chains.ZERO,
            sought=sought,
        )

    def _deposited(self, book: Book, sent: Sent) -> Iterator[Side]:
        there = book.tx(L2, f"0x{sent.key.hex()}")
        if there is not None:
            at: dict[str, Any] = {"chain": L2, "tx": there.id, "index": -1, "time": there.time}
            yield Had(**at, key=sent.key, from_chain=L1, token=chains.ZERO, amount=sent.expected)

    def _redeemed(self, book: Book, seen: Seen) -> Iterator[Side]:
        said = seen.said
        if said is None or seen.chain != L2 or seen.contract != data("native")["arbitrum-2"]["tickets"]:
            return
        there = book.tx(L2, f"0x{said['retry'].hex()}")
        if there is not None:
            at: dict[str, Any] = {"chain": L2, "tx": there.id, "index": -1, "time": there.time}
            yield Had(**at, key=said["ticket"], from_chain=L1)

    def _out(self, seen: Seen) -> Iterator[Side]:
        said = seen.said
        if said is None or seen.chain != L2 or seen.contract != data("native")["arbitrum-2"]["system"]:
            return
        pays = payment(said["data"], up=True)
        if pays is None and said["value"]:
            coin = chains.ZERO
            pays = Payment(recipient=said["destination"], amount=said["value"], here=coin, there=coin)
        if pays is None or not pays.amount:
            return
        yield Sent(
            **about(seen),
            key=_position(said["position"]),
            to_chain=L1,
            token=pays.here,
            amount=pays.amount,
            recipient=pays.recipient,
            own=_own(L2) | {said["caller"]},
            into=chains.asset(L1, pays.there),
            expected=pays.amount,
            fee=0,
            loose=not said["value"],
            # The outbox writes the position as data: the recipient's are asked for, and read by it.
            sought=seek(data("native")["arbitrum-1"]["outbox"], EXECUTED, padded(said["destination"])),
        )


def _own(chain: str) -> frozenset[str]:
    found = data("native")["arbitrum-1" if chain == L1 else "arbitrum-2"].values()
    return frozenset(each for one in found for each in (one if isinstance(one, list) else [one]))


def _position(number: int) -> bytes:
    return word(chains.plain(L2)) + word(number)


def _outs(said: Any) -> tuple[dict[str, Any], ...]:
    return seek((data("native")["arbitrum-2"]["system"],), OUT, None, None, said["index"])


def deposit_id(said: Any, to: str, value: int) -> bytes:
    """The id of the transaction that a plain deposit becomes (type 0x64)."""
    fields = [number(chains.plain(L2)), word(said["number"]), padded(said["sender"])[12:]]
    return keccak256(b"\x64" + listed([*fields, bytes.fromhex(to[2:]), number(value)]))


def ticket_id(said: Any, cells: list[int], call: bytes) -> bytes:
    """The id of a ticket (type 0x69) from the words of its message."""
    to, value, deposited, submission, refund, beneficiary, gas, price, _ = cells
    fields = [number(chains.plain(L2)), word(said["number"]), padded(said["sender"])[12:], number(said["fee"])]
    fields += [number(deposited), number(price), number(gas), to.to_bytes(20, "big") if to else b""]
    fields += [number(value), beneficiary.to_bytes(20, "big"), number(submission), refund.to_bytes(20, "big")]
    return keccak256(b"\x69" + listed([*fields, call]))
