"""Mayan Swift: an order by its hash. What Mayan sends over CCTP has CCTP's key, and is read there.

The events name neither chain nor recipient, which stand in the call: the key alone joins them. Orders are often
paid together, and the driver is paid later (unlock), which is never the sender's money.
"""

from __future__ import annotations

from collections.abc import Iterator

from recover_bridges.book import Book
from recover_bridges.bridge import Bridge, told
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event

CREATED = Event("OrderCreated(bytes32 key)")
FULFILLED = Event("OrderFulfilled(bytes32 key,uint64 sequence,uint256 amount)")
REFUNDED = Event("OrderRefunded(bytes32 key,uint256 amount)")


class Mayan(Bridge):
    protocol = "mayan"
    own = Own("mayan")
    events = (CREATED, FULFILLED, REFUNDED)
    info = told(
        protocol,
        "Mayan Swift: an order and its fulfilment or refund by the order's hash",
        "mayan-finance: the events of Swift; the hash itself is not computed again here",
        events,
        ("the second version has other contracts, which are not read", "orders from Solana have no side here"),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen, said in self.ours(book, "swift", CREATED):
            own = self.own.everywhere(seen.chain)
            yield Sent(**about(seen), key=said["key"], to_chain="", anywhere=True, own=own)
        for event in (FULFILLED, REFUNDED):
            for seen, said in self.ours(book, "swift", event):
                tx, amount = book.tx(*seen.place), said["amount"]
                # Whom it paid: who had the amount from the contract, if it is one.
                got = {m.dst for m in tx.moves if m.amount == amount and m.src == seen.contract} if tx else set()
                yield Had(
                    **about(seen),
                    key=said["key"],
                    from_chain=seen.chain if event is REFUNDED else "",
                    amount=amount,
                    recipient=got.pop() if len(got) == 1 else None,
                    refund=event is REFUNDED,
                )
