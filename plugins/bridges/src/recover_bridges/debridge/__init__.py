"""deBridge DLN: an order here, and a solver's payment there; the order's id is computed again from the order.

The solver is paid later by a message of its own (unlock), which is never the sender's money.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, seek, told
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event, keccak256, word

_ORDER = (
    "(uint64 nonce,bytes maker,uint256 giveChain,bytes giveToken,uint256 give,uint256 takeChain,bytes takeToken,"
    "uint256 take,bytes receiver,bytes patcher,bytes authority,bytes taker,bytes beneficiary,bytes call) order"
)
CREATED = Event(
    f"CreatedOrder({_ORDER},bytes32 id,bytes affiliate,uint256 fixed,uint256 percent,uint32 code,bytes more)"
)
FULFILLED = Event(f"FulfilledOrder({_ORDER},bytes32 id,address sender,address unlocker)")
FULFILLED_2 = Event(f"FulfilledOrder({_ORDER},bytes32 id,uint256 amount,address sender,address unlocker)")
CANCELLED = Event("ClaimedOrderCancel(bytes32 id,address beneficiary,uint256 amount,address token)")


class DeBridge(Bridge):
    protocol = "debridge"
    own = Own("debridge")
    events = (CREATED, FULFILLED, FULFILLED_2, CANCELLED)
    info = told(
        protocol,
        "deBridge DLN: an order and its fulfilment by the order's id",
        "debridge-finance: DlnSource, DlnDestination, the layout of an order's id",
        events,
        ("where the maker lowered what he takes, what came is less than the order says",),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen in book.of(CREATED):
            if seen.said is not None:
                yield self._sent(seen)
        for event in (FULFILLED, FULFILLED_2):
            for seen in book.of(event):
                if seen.said is not None:
                    yield from self._had(seen)
        for seen, said in self.ours(book, "source", CANCELLED):
            yield Had(
                **about(seen),
                key=said["id"],
                from_chain=seen.chain,
                token=said["token"],
                amount=said["amount"],
                recipient=said["beneficiary"],
                own=self.own.everywhere(seen.chain),
                refund=True,
            )

    def _sent(self, seen: Seen) -> Sent:
        said: Any = seen.said
        order, to = said["order"], chains.chain("debridge", said["order"]["takeChain"])
        here = self.own.holds("source", seen.chain, seen.contract)
        here = here and order["giveChain"] == chains.number("debridge", seen.chain)
        right = order_id(order) == said["id"]
        taken = _account(to, order["takeToken"])
        return Sent(
            **about(seen),
            key=said["id"],
            to_chain=to,
            token=_account(seen.chain, order["giveToken"]) or "",
            amount=_paid(order, said),
            recipient=_account(to, order["receiver"]),
            own=self.own.everywhere(seen.chain) | {seen.contract},
            by=_account(seen.chain, order["maker"]),
            into=chains.asset(to, taken) if taken else "",
            expected=order["take"],
            body=_body(order),
            refused="domain" if not here else "" if right else "version",
            sought=(
                *seek(self.own.at("destination", to), FULFILLED_2),
                *seek(self.own.at("destination", to), FULFILLED),
            ),
        )

    def _had(self, seen: Seen) -> Iterator[Side]:
        said: Any = seen.said
        order = said["order"]
        here = self.own.holds("destination", seen.chain, seen.contract)
        here = here and order["takeChain"] == chains.number("debridge", seen.chain)
        right = order_id(order) == said["id"]
        origin = chains.chain("debridge", order["giveChain"])
        amount = said.get("amount", order["take"])
        more = amount > order["take"]  # a maker can lower what he takes, and nobody pays more than was ordered
        yield Had(
            **about(seen),
            key=said["id"],
            from_chain=origin,
            token=_account(seen.chain, order["takeToken"]) or "",
            amount=amount,
            recipient=_account(seen.chain, order["receiver"]),
            own=self.own.everywhere(seen.chain),
            body=_body(order),
            refused="domain" if not here else "version" if not right else "uneven" if more else "",
            sought=seek(self.own.at("source", origin), CREATED),
        )


def order_id(order: Mapping[str, Any]) -> bytes:
    """The id of an order: the hash of its fields, each of no fixed length after a byte with its length."""
    packed = order["nonce"].to_bytes(8, "big") + _sized(order["maker"]) + word(order["giveChain"])
    packed += _sized(order["giveToken"]) + word(order["give"]) + word(order["takeChain"])
    packed += _sized(order["takeToken"]) + word(order["take"])
    for name in ("receiver", "patcher", "authority", "taker", "beneficiary"):
        packed += _sized(order[name])
    packed += b"\x01" + keccak256(order["call"]) if order["call"] else b"\x00"
    return keccak256(packed)


def _sized(cell: bytes) -> bytes:
    if len(cell) > 255:
        return cell  # no id is of such an order: it will not be equal
    return bytes([len(cell)]) + cell


def _account(chain: str, cell: bytes) -> str | None:
    if len(cell) == 20 and chain.startswith(chains.EVM):
        return f"0x{cell.hex()}"
    return chains.account(chain, cell) if len(cell) == 32 else None


def _paid(order: Mapping[str, Any], said: Mapping[str, Any]) -> int:
    """What the maker paid: what the order gives is left after the fee in percent; the fixed fee is in the coin."""
    coin = not any(order["giveToken"])
    whole: int = order["give"] + said["percent"]
    return whole + said["fixed"] if coin else whole


def _body(order: Mapping[str, Any]) -> bytes:
    """The order to the byte, both sides alike, save that its maker may have lowered what he takes."""
    return keccak256(b"".join(_sized(order[name]) for name in ("maker", "receiver", "takeToken")))
