"""Relay: an order paid into the depository, and a solver's payment that carries the order's id as its data.

Only the form with the depository is read: what was sent to a solver's wallet straight carries no id on this side.
"""

from __future__ import annotations

from collections.abc import Iterator

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, told
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event

TOKEN = Event("RelayErc20Deposit(address from,address token,uint256 amount,bytes32 id)")
COIN = Event("RelayNativeDeposit(address from,uint256 amount,bytes32 id)")


class Relay(Bridge):
    protocol = "relay"
    own = Own("relay")
    events = (TOKEN, COIN)
    info = told(
        protocol,
        "Relay: a deposit and the solver's payment by the order's id",
        "relayprotocol: the depository's events; that solvers' data end with the id was read in a real pair",
        events,
        ("payments of solvers whose wallets the table does not have are not read",),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for event in (TOKEN, COIN):
            for seen in book.of(event):
                if seen.said is not None:
                    yield self._sent(seen)
        for chain, id, facts in book.stated("tail"):
            if chain.startswith(chains.EVM) and self.own.holds("solver", chain, str(facts.get("from")).lower()):
                yield from self._had(book, chain, id, facts["tail"])

    def _sent(self, seen: Seen) -> Sent:
        said = seen.said or {}
        ours = self.own.holds("depository", seen.chain, seen.contract)
        return Sent(
            **about(seen),
            key=said["id"],
            to_chain="",
            anywhere=True,
            token=said.get("token", chains.ZERO),
            amount=said["amount"],
            own=self.own.everywhere(seen.chain) | {seen.contract},
            by=said["from"],
            refused="" if ours else "domain",
        )

    def _had(self, book: Book, chain: str, id: str, tail: str) -> Iterator[Side]:
        tx = book.tx(chain, id)
        # A transfer of a token names whom it pays in its call; what came of it stands among the movements.
        paid = [] if tx is None else [m for m in tx.moves if m.src == tx.sender and m.dst is not None]
        if tx is None or len(paid) > 1:
            return
        yield Had(
            key=bytes.fromhex(tail[2:]),
            chain=chain,
            tx=id,
            index=1 << 30,
            time=tx.time,
            from_chain="",
            token=paid[0].asset.rpartition(":")[2] if paid and "/erc20:" in paid[0].asset else chains.ZERO,
            amount=paid[0].amount if paid else None,
            recipient=paid[0].dst if paid else None,
        )
