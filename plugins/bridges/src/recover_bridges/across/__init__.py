"""Across: a relayer pays at once out of its own money and is paid back later; it is no party of the crossing.

Key: origin chain, destination chain, number of the deposit. Four generations of events are read, all still met.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, told
from recover_bridges.contracts import Own
from recover_bridges.nearness import Payment
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event, padded, word

DEPOSIT_2 = Event(
    "FundsDeposited(uint256 amount,uint256 origin,uint256 destination,uint64 fee,uint32 indexed id,uint32 quoted,"
    "address indexed token,address recipient,address indexed depositor)"
)
DEPOSIT_25 = Event(
    "FundsDeposited(uint256 amount,uint256 origin,uint256 indexed destination,int64 fee,uint32 indexed id,"
    "uint32 quoted,address token,address recipient,address indexed depositor,bytes message)"
)
DEPOSIT_3 = Event(
    "V3FundsDeposited(address token,address output,uint256 amount,uint256 promised,uint256 indexed destination,"
    "uint32 indexed id,uint32 quoted,uint32 deadline,uint32 exclusive,address indexed depositor,address recipient,"
    "address relayer,bytes message)"
)
DEPOSIT_35 = Event(
    "FundsDeposited(bytes32 token,bytes32 output,uint256 amount,uint256 promised,uint256 indexed destination,"
    "uint256 indexed id,uint32 quoted,uint32 deadline,uint32 exclusive,bytes32 indexed depositor,"
    "bytes32 recipient,"
    "bytes32 relayer,bytes message)"
)
FILL_25 = Event(
    "FilledRelay(uint256 amount,uint256 total,uint256 filled,uint256 repayment,uint256 indexed origin,"
    "uint256 destination,int64 fee,int64 lp,uint32 indexed id,address token,address relayer,"
    "address indexed depositor,address recipient,bytes message,"
    "(address recipient,bytes message,int64 fee,bool slow,int256 payout) updated)"
)
FILL_3 = Event(
    "FilledV3Relay(address input,address token,uint256 amount,uint256 promised,uint256 repayment,"
    "uint256 indexed origin,uint32 indexed id,uint32 deadline,uint32 exclusive,address exclusiveRelayer,"
    "address indexed relayer,address depositor,address recipient,bytes message,"
    "(address recipient,bytes message,uint256 amount,uint8 kind) updated)"
)
FILL_35 = Event(
    "FilledRelay(bytes32 input,bytes32 token,uint256 amount,uint256 promised,uint256 repayment,"
    "uint256 indexed origin,uint256 indexed id,uint32 deadline,uint32 exclusive,bytes32 exclusiveRelayer,"
    "bytes32 indexed relayer,bytes32 depositor,bytes32 recipient,bytes32 message,"
    "(bytes32 recipient,bytes32 message,uint256 amount,uint8 kind) updated)"
)
_BUNDLE = (
    "ExecutedRelayerRefundRoot(uint256 returned,uint256 indexed chain,uint256[] amounts,uint32 indexed root,"
    "uint32 indexed leaf,address token,address[] refunded,{}address caller)"
)
BUNDLES = (Event(_BUNDLE.format("")), Event(_BUNDLE.format("bool deferred,")))
_DEPOSITS = (DEPOSIT_2, DEPOSIT_25, DEPOSIT_3, DEPOSIT_35)
_FILLS = (FILL_25, FILL_3, FILL_35)
_ONE = 10**18
_SOLANA = 34268394551451
"""Across's own number of Solana, the one chain here that is no EVM chain."""


class Across(Bridge):
    protocol = "across"
    own = Own("across")
    events = (*_DEPOSITS, *_FILLS, *BUNDLES)
    info = told(
        protocol,
        "Across: a deposit and its fill by the deposit's number",
        "across-protocol/contracts, the events of SpokePool in its versions 2, 2.5, 3 and 3.5",
        events,
        (
            "a deposit that was not filled comes back in a bundle of refunds that names none: a candidate",
            "fills of version 2 of 2022 are not read",
        ),
    )

    def read(self, book: Book) -> Iterator[Side]:
        back = self._bundles(book)
        for event in _DEPOSITS:
            for seen in book.of(event):
                yield from self._deposit(seen, back)
        for event in _FILLS:
            for seen in book.of(event):
                yield from self._fill(event, seen)

    def _bundles(self, book: Book) -> dict[tuple[str, str, str, int], list[Payment]]:
        """By chain, token, receiver and amount, what bundles of refunds paid: to relayers, and to depositors whose
        deposits nobody filled."""
        found: dict[tuple[str, str, str, int], list[Payment]] = {}
        for seen, said in self.ours(book, "pool", *BUNDLES):
            for who, amount in zip(said["refunded"], said["amounts"], strict=False):
                if seen.time is not None:
                    one = Payment(tx=seen.tx, asset="", amount=amount, time=seen.time, who=who)
                    found.setdefault((seen.chain, said["token"], who, amount), []).append(one)
        return found

    def _deposit(self, seen: Seen, bundles: Mapping[tuple[str, str, str, int], list[Payment]]) -> Iterator[Side]:
        said = seen.said
        if said is None:
            return
        to = _chain(said["destination"])
        origin = said.get("origin", chains.plain(seen.chain))
        token = _address(said["token"])
        if token is None:
            return
        ours = self.own.holds("pool", seen.chain, seen.contract) and origin == chains.plain(seen.chain)
        promised = said.get("promised")
        output = _address(said.get("output", "")) or ""
        by = _address(said["depositor"])
        last = datetime.fromtimestamp(said["deadline"], UTC) if "deadline" in said else None
        paid = bundles.get((seen.chain, token, by or "", said["amount"]), ())
        yield Sent(
            **about(seen),
            key=_key(origin, said["destination"], said["id"]),
            to_chain=to,
            token=token,
            amount=said["amount"],
            recipient=_account(to, said["recipient"]),
            body=_body(said["token"], said) if promised is not None else _terms(said),
            own=self.own.everywhere(seen.chain) | {seen.contract},
            by=by,
            back=tuple(one for one in paid if last is not None and one.time > last),
            into=chains.asset(to, output) if output not in ("", chains.ZERO) else "",
            expected=promised,
            fee=said["amount"] - promised if promised is not None and output == chains.ZERO else None,
            refused="" if ours else "domain",
            sought=self._sought(to, origin, said["id"]),
        )

    def _sought(self, to: str, origin: int, id: int) -> tuple[Any, ...]:
        fills = self.seek("pool", to, FILL_35, origin, id)
        return (*fills, *self.seek("pool", to, FILL_3, origin, id), *self.seek("pool", to, FILL_25, origin, id))

    def _fill(self, event: Event, seen: Seen) -> Iterator[Side]:
        said = seen.said
        if said is None:
            return
        token, here = _address(said["token"]), chains.plain(seen.chain)
        if token is None:
            return
        origin = _chain(said["origin"])
        part, amount, fee = None, said["updated"].get("amount"), None
        if event is FILL_25:
            part = said["filled"]
            lost = said["updated"]["fee"] + said["lp"]
            amount = None if said["updated"]["slow"] else part * (_ONE - lost) // _ONE
            fee = None if amount is None else part - amount
        ours = self.own.holds("pool", seen.chain, seen.contract) and said.get("destination", here) == here
        # What was promised is fixed in the deposit. That its sender agreed to other terms stands in a signature
        # that no event of the fill repeats.
        name = "fee" if event is FILL_25 else "amount"
        even = said["updated"][name] == said["fee" if event is FILL_25 else "promised"]
        yield Had(
            **about(seen),
            key=_key(said["origin"], here, said["id"]),
            from_chain=origin,
            token=token,
            amount=amount,
            recipient=_account(seen.chain, said["updated"]["recipient"])
            or _account(seen.chain, said["recipient"]),
            body=_body(said["input"], said) if event is not FILL_25 else _terms(said),
            own=self.own.everywhere(seen.chain),
            part=part,
            fee=fee,
            refused="domain" if not ours else "" if even else "uneven",
            sought=self._begun(origin, here, said["id"]),
        )

    def _begun(self, origin: str, here: int, id: int) -> tuple[Any, ...]:
        late = [*self.seek("pool", origin, DEPOSIT_35, here, id), *self.seek("pool", origin, DEPOSIT_3, here, id)]
        return (*late, *self.seek("pool", origin, DEPOSIT_25, here, id))


def _key(origin: int, destination: int, id: int) -> bytes:
    return word(origin) + word(destination) + word(id)


def _chain(number: int) -> str:
    return chains.chain("cctp", 5) if number == _SOLANA else chains.evm(number)


def _cell(value: str | bytes) -> bytes:
    return padded(value) if isinstance(value, str) else value


def _address(value: str | bytes) -> str | None:
    return value if isinstance(value, str) else chains.account(chains.EVM, value)


def _account(chain: str, value: str | bytes) -> str | None:
    """An account in the form of its chain; None for nobody."""
    cell = _cell(value)
    return chains.account(chain, cell) if any(cell) else None


def _body(token: str | bytes, said: Any) -> bytes:
    """What deposit and fill both record beside the key: they must be equal to the byte."""
    numbers = word(said["amount"]) + word(said["promised"]) + word(said["deadline"])
    return _cell(token) + numbers + _cell(said["depositor"]) + _cell(said["recipient"])


def _terms(said: Any) -> bytes:
    """The same of version 2, whose fills name the token of their own chain, and which have no amount promised."""
    fee: bytes = said["fee"].to_bytes(32, "big", signed=True)
    return word(said["amount"]) + fee + _cell(said["depositor"]) + _cell(said["recipient"])
