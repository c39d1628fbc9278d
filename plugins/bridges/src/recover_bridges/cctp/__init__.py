"""Circle's CCTP: USDC burned here and minted there; the message that says so is the same bytes on both chains.

Version 1 has a number for each message of a domain. Version 2 has none in what is sent: its key is the hash of
what both sides record, so that equal burns are candidates for each other, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, told
from recover_bridges.cctp.message import Burn, burn, message
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event, keccak256

SENT = Event("MessageSent(bytes message)")
BURNED_1 = Event(
    "DepositForBurn(uint64 indexed nonce,address indexed token,uint256 amount,address indexed depositor,"
    "bytes32 recipient,uint32 domain,bytes32 messenger,bytes32 caller)"
)
BURNED_2 = Event(
    "DepositForBurn(address indexed token,uint256 amount,address indexed depositor,"
    "bytes32 recipient,uint32 domain,"
    "bytes32 messenger,bytes32 caller,uint256 fee,uint32 indexed finality,bytes hook)"
)
RECEIVED_1 = Event(
    "MessageReceived(address indexed caller,uint32 source,uint64 indexed nonce,bytes32 sender,bytes body)"
)
RECEIVED_2 = Event(
    "MessageReceived(address indexed caller,uint32 source,bytes32 indexed nonce,bytes32 sender,"
    "uint32 indexed finality,bytes body)"
)
MINTED_1 = Event("MintAndWithdraw(address indexed recipient,uint256 amount,address indexed token)")
MINTED_2 = Event("MintAndWithdraw(address indexed recipient,uint256 amount,address indexed token,uint256 fee)")


class Cctp(Bridge):
    """One version: `number` 0 or 1, as its messages have it."""

    own = Own("cctp")

    def __init__(self, number: int) -> None:
        self.number = number
        self.protocol = f"cctp-v{number + 1}"  # type: ignore[misc]
        self.twins = number == 1  # type: ignore[misc]
        self._suffix = "-v2" if number else ""
        self._burned, self._received, self._minted = (
            (BURNED_2, RECEIVED_2, MINTED_2) if number else (BURNED_1, RECEIVED_1, MINTED_1)
        )
        self.events = (SENT, self._burned, self._received, self._minted)  # type: ignore[misc]
        self.info = told(
            self.protocol,
            f"CCTP version {number + 1}: a burn and its mint by the message between them",
            "circlefin/evm-cctp-contracts, layout of messages and of bodies that burn",
            self.events,
            ("equal burns to one recipient cannot be told apart in version 2: they are candidates",)
            if number
            else (),
        )

    def read(self, book: Book) -> Iterator[Side]:
        seen_burns: set[tuple[str, str, int]] = set()
        for seen in book.of(SENT):
            sides, burnt = [*self._sent(book, seen)], self._burnt(book, seen)
            if sides and burnt is not None:
                seen_burns.add((*burnt.place, burnt.index))
            yield from sides
        for burnt in book.of(self._burned):
            if (*burnt.place, burnt.index) not in seen_burns:
                yield from self._unsaid(burnt)
        for seen in book.of(self._received):
            yield from self._had(book, seen)

    def _sent(self, book: Book, seen: Seen) -> Iterator[Side]:
        if seen.said is None or chains.number("cctp", seen.chain) is None:
            return
        burnt = self._burnt(book, seen)
        here = self.own.holds(f"transmitter{self._suffix}", seen.chain, seen.contract)
        if burnt is None or here != self._ours(burnt):
            return
        try:
            read = message(seen.said["message"])
            body = burn(read.version, read.body)
        except ValueError:
            if here:
                yield Sent(**about(seen), key=b"", to_chain="", refused="version")
            return
        if read.version != self.number or not _same_burn(burnt, body):
            return
        to = chains.chain("cctp", read.destination)
        ours = here and chains.chain("cctp", read.source) == seen.chain
        token = chains.account(seen.chain, body.token)
        yield Sent(
            **about(seen),
            key=self._key(read.source, read.destination, read.nonce, read.sender, body),
            to_chain=to,
            token=token or "",
            amount=body.amount,
            recipient=chains.account(to, body.recipient),
            body=body.masked,
            own=self.own.everywhere(seen.chain),
            by=chains.account(seen.chain, body.sender),
            fee=None if self.number else 0,
            refused="" if ours else "domain",
            sought=self._sought(to, body),
        )

    def _burnt(self, book: Book, seen: Seen) -> Seen | None:
        """The messenger tells of a burn right after the message was sent; one without it carries no value."""
        after = [b for b in book.beside(seen, self._burned) if b.index > seen.index and b.said is not None]
        return min(after, key=lambda each: each.index, default=None)

    def _unsaid(self, burnt: Seen) -> Iterator[Side]:
        """A burn of its own messenger whose message no log shows as it is sent: a departure all the same."""
        said = burnt.said
        if said is None or not self._ours(burnt) or chains.number("cctp", burnt.chain) is None:
            return
        to = chains.chain("cctp", said["domain"])
        yield Sent(
            **about(burnt),
            key=b"",
            to_chain=to,
            token=said["token"],
            amount=said["amount"],
            recipient=chains.account(to, said["recipient"]),
            own=self.own.everywhere(burnt.chain),
            by=said["depositor"],
            refused="version",
        )

    def _ours(self, burnt: Seen) -> bool:
        return self.own.holds(f"messenger{self._suffix}", burnt.chain, burnt.contract)

    def _sought(self, to: str, body: Burn) -> tuple[dict[str, object], ...]:
        # No topic of the mint is the key: the recipient's mints are asked for, and read by it.
        return self.seek(f"messenger{self._suffix}", to, self._minted, body.recipient)

    def _had(self, book: Book, seen: Seen) -> Iterator[Side]:
        said, here = seen.said, chains.number("cctp", seen.chain)
        if said is None or here is None:
            return
        try:
            body = burn(self.number, said["body"])
        except ValueError:
            return
        origin = chains.chain("cctp", said["source"])
        recipient = chains.account(seen.chain, body.recipient)
        minted = [m for m in book.beside(seen, self._minted) if m.said is not None and m.index < seen.index]
        mint = next((m for m in reversed(minted) if m.said and m.said["recipient"] == recipient), None)
        transmitted = self.own.holds(f"transmitter{self._suffix}", seen.chain, seen.contract)
        ours = transmitted and mint is not None and self._ours(mint)
        # Its own messenger minted, and to somebody else than the message names.
        before = [r.index for r in book.beside(seen, self._received) if r.index < seen.index]
        mine = [m for m in minted if m.index > max(before, default=-1)]
        another = transmitted and mint is None and any(self._ours(each) for each in mine)
        # It mints what was burned, less the fee that the message itself has.
        even = mint is None or mint.said is None or mint.said["amount"] == body.amount - body.fee
        nonce = said["nonce"] if self.number else said["nonce"].to_bytes(8, "big")
        yield Had(
            **about(seen),
            key=self._key(said["source"], here, nonce, said["sender"], body),
            from_chain=origin,
            token=mint.said["token"] if mint and mint.said else "",
            amount=mint.said["amount"] if mint and mint.said else body.amount - body.fee,
            recipient=recipient,
            body=body.masked,
            fee=body.fee,
            refused="recipient" if another else "domain" if not ours else "" if even else "uneven",
            sought=self._begun(origin, said, body),
        )

    def _begun(self, origin: str, said: object, body: Burn) -> tuple[dict[str, object], ...]:
        role = f"messenger{self._suffix}"
        if self.number:
            return self.seek(role, origin, BURNED_2, body.token, body.sender)
        return self.seek(role, origin, BURNED_1, said["nonce"])  # type: ignore[index]

    def _key(self, source: int, destination: int, nonce: bytes, sender: bytes, body: Burn) -> bytes:
        numbers = source.to_bytes(4, "big")
        if self.number == 0:
            return numbers + nonce
        return keccak256(numbers + destination.to_bytes(4, "big") + sender + body.masked)


def _same_burn(burnt: Seen, body: Burn) -> bool:
    said = burnt.said or {}
    return bool(said.get("amount") == body.amount and said.get("recipient") == body.recipient)
