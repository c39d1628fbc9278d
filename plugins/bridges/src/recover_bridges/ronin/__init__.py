"""Ronin: a deposit or withdrawal by the hash of its receipt,
which both gateways record with the receipt itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, told
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event

L1, L2 = "eip155:1", "eip155:2020"
_SIDE = "(address account,address token,uint256 chain)"
_RECEIPT = (
    f"bytes32 hash,(uint256 id,uint8 kind,{_SIDE} main,{_SIDE} ronin,"
    "(uint8 standard,uint256 id,uint256 amount) info) receipt"
)
_DOWN, _UP = Event(f"DepositRequested({_RECEIPT})"), Event(f"WithdrawalRequested({_RECEIPT})")
_CAME_DOWN, _CAME_UP = Event(f"Deposited({_RECEIPT})"), Event(f"Withdrew({_RECEIPT})")


class Ronin(Bridge):
    protocol = "ronin"
    own = Own("ronin")
    events = (_DOWN, _UP, _CAME_DOWN, _CAME_UP)
    info = told(
        protocol,
        "Ronin: a deposit or withdrawal by its receipt",
        "axieinfinity/ronin-bridge-contracts: MainchainGatewayV3, RoninGatewayV3, LibTransfer.Receipt",
        events,
        ("the bridge of before the theft of 2022 has other contracts, which are not read",),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for event, chain in ((_DOWN, L1), (_UP, L2), (_CAME_DOWN, L2), (_CAME_UP, L1)):
            for seen, said in self.ours(book, "gateway", event):
                # Single tokens are not followed.
                if seen.chain == chain and said["receipt"]["info"]["standard"] == 0:
                    yield self._asked(seen, said) if event in (_DOWN, _UP) else self._done(seen, said)

    def _asked(self, seen: Seen, said: Mapping[str, Any]) -> Sent:
        receipt, down = said["receipt"], seen.chain == L1
        here, there = (receipt["main"], receipt["ronin"]) if down else (receipt["ronin"], receipt["main"])
        to, event = (L2, _CAME_DOWN) if down else (L1, _CAME_UP)
        return Sent(
            **about(seen),
            key=said["hash"],
            to_chain=to,
            token=here["token"],
            amount=receipt["info"]["amount"],
            recipient=there["account"],
            own=self.own.everywhere(seen.chain),
            by=here["account"],
            into=chains.asset(to, there["token"]),
            expected=receipt["info"]["amount"],
            fee=0,
            sought=self.seek("gateway", to, event),
        )

    def _done(self, seen: Seen, said: Mapping[str, Any]) -> Had:
        receipt, down = said["receipt"], seen.chain == L2
        there = receipt["ronin"] if down else receipt["main"]
        origin = L1 if down else L2
        return Had(
            **about(seen),
            key=said["hash"],
            from_chain=origin,
            token=there["token"],
            amount=receipt["info"]["amount"],
            recipient=there["account"],
            own=self.own.everywhere(seen.chain),
            sought=self.seek("gateway", origin, _DOWN if down else _UP),
        )
