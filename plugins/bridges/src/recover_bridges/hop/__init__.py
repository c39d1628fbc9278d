"""Hop: value leaves as the bridge's own token; a bonder pays at once, or a proof of the root frees it later.

Key: the transfer's id, computed again from what was sent. From Ethereum there is no id: the key is that of the
native message beneath, and Hop's own events only confirm it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, told
from recover_bridges.contracts import Own, data
from recover_bridges.native import opstack
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event, keccak256, padded, word

SENT = Event(
    "TransferSent(bytes32 indexed id,uint256 indexed destination,address indexed recipient,uint256 amount,"
    "bytes32 nonce,uint256 fee,uint256 index,uint256 least,uint256 deadline)"
)
BONDED = Event("WithdrawalBonded(bytes32 indexed id,uint256 amount)")
WITHDREW = Event("Withdrew(bytes32 indexed id,address indexed recipient,uint256 amount,bytes32 nonce)")
TO_L2 = Event(
    "TransferSentToL2(uint256 indexed destination,address indexed recipient,uint256 amount,uint256 least,"
    "uint256 deadline,address indexed relayer,uint256 fee)"
)
FROM_L1 = Event(
    "TransferFromL1Completed(address indexed recipient,uint256 amount,uint256 least,uint256 deadline,"
    "address indexed relayer,uint256 fee)"
)
ROLES = tuple(name for name in data("hop"))


class Hop(Bridge):
    protocol = "hop"
    own = Own("hop")
    events = (SENT, BONDED, WITHDREW, TO_L2, FROM_L1, *opstack.MESSAGES)
    info = told(
        protocol,
        "Hop: a transfer and its payment by the transfer's id",
        "hop-protocol/hop, L2_Bridge.getTransferId and the events of its bridges",
        events,
        ("bridges of tokens that the table does not have are not read", "from Ethereum only OP Stack chains are"),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen in book.of(SENT):
            yield from self._sent(seen)
        fees = {s.said["id"]: s.said["fee"] for s in book.of(SENT) if s.said is not None}
        for seen in book.of(BONDED):
            yield from self._had(seen, fees)
        for seen in book.of(WITHDREW):
            yield from self._had(seen, {})
        for seen in book.of(TO_L2):
            yield from self._to_l2(book, seen)
        for seen in book.of(FROM_L1):
            yield from self._from_l1(book, seen)

    def _roles(self, seen: Seen) -> tuple[str, ...]:
        return tuple(role for role in ROLES if self.own.holds(role, seen.chain, seen.contract))

    def _seek(self, role: str, chain: str, *events: tuple[Any, ...]) -> tuple[dict[str, Any], ...]:
        return tuple(each for event, *topics in events for each in self.seek(role, chain, event, *topics))

    def _sent(self, seen: Seen) -> Iterator[Side]:
        said = seen.said
        if said is None:
            return
        to, roles = chains.evm(said["destination"]), self._roles(seen)
        right = bool(roles) and said["id"] == transfer_id(said)
        yield Sent(
            **about(seen),
            key=said["id"],
            to_chain=to,
            amount=None,
            recipient=said["recipient"],
            own=self.own.everywhere(seen.chain),
            expected=None,
            refused="" if right else "version" if roles else "domain",
            body=word(said["amount"]),
            sought=self._seek(roles[0], to, (BONDED, said["id"]), (WITHDREW, said["id"])) if right else (),
        )

    def _had(self, seen: Seen, fees: Mapping[bytes, int]) -> Iterator[Side]:
        if seen.said is None:
            return
        roles = self._roles(seen)
        amount = None
        if seen.chain == "eip155:1":  # elsewhere a pool exchanges the bridge's own token for the real one
            amount = seen.said["amount"] - fees.get(seen.said["id"], 0)
        yield Had(
            **about(seen),
            key=seen.said["id"],
            from_chain="",
            token=chains.ZERO if seen.chain == "eip155:1" and "eth" in roles else "",
            amount=amount,
            recipient=seen.said.get("recipient"),
            own=self.own.everywhere(seen.chain),
            body=word(seen.said["amount"]),
            refused="" if roles else "domain",
        )

    def _to_l2(self, book: Book, seen: Seen) -> Iterator[Side]:
        said, roles = seen.said, self._roles(seen)
        if said is None or not roles:
            return
        to = chains.evm(said["destination"])
        message = next((m for m in opstack.sent(book, seen) if m.index < seen.index and m.to == to), None)
        if message is None or seen.chain != "eip155:1":
            return
        yield Sent(
            **about(seen),
            key=message.hash,
            to_chain=to,
            token=chains.ZERO if roles[0] == "eth" else "",
            amount=said["amount"],
            recipient=said["recipient"],
            own=self.own.everywhere(seen.chain),
            body=_fields(said),
            sought=opstack.relays(to, message.hash),
        )

    def _from_l1(self, book: Book, seen: Seen) -> Iterator[Side]:
        said, roles = seen.said, self._roles(seen)
        relay = next((r for r in opstack.relayed(book, seen) if r.index > seen.index), None)
        if said is None or not roles or relay is None or relay.said is None:
            return
        yield Had(
            **about(seen),
            key=relay.said["hash"],
            from_chain="eip155:1",
            recipient=said["recipient"],
            own=self.own.everywhere(seen.chain),
            body=_fields(said),
        )


def transfer_id(said: Any) -> bytes:
    """The id of a transfer from what its event says: keccak256(abi.encode(...)), all of one word each."""
    recipient = padded(said["recipient"])
    numbers = word(said["fee"]) + word(said["least"]) + word(said["deadline"])
    return keccak256(word(said["destination"]) + recipient + word(said["amount"]) + said["nonce"] + numbers)


def _fields(said: Any) -> bytes:
    numbers = word(said["amount"]) + word(said["least"]) + word(said["deadline"]) + word(said["fee"])
    return padded(said["recipient"]) + numbers + padded(said["relayer"])
