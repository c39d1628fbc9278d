"""What a transaction orders: read from the bytes whose hash is its id, and from nothing else.

Method: Tron.proto and core/contract/*.proto of the protocol. The JSON beside the bytes (`raw_data`) is what a
server made of them, and is not read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, urlencode

from recover_chain_tron import address, wire
from recover_chain_tron.chain import canonical

_CONTRACT, _MEMO = 11, 10
_RESOURCES = ("BANDWIDTH", "ENERGY", "TRON_POWER")
GASFREE = bytes.fromhex("6f21b898")
"""`permitTransfer(address,address,address,uint256,uint256,uint256,uint256,uint256,bytes)` of GasFree's controller:
token, user, receiver, value, largest fee, deadline, version, nonce, the user's signature (GasFree
specification).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a permission. `alone`: its weight reaches the threshold by itself."""

    permission: str
    number: int
    address: str
    weight: int
    threshold: int
    operations: str

    @property
    def alone(self) -> bool:
        return self.weight >= self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one transaction orders. `kind` is the contract's name; amounts are in sun or base units.

    `to` is the payee, the contract called, or who is lent resources; `token` the number of a TRC-10 token;
    `method` the four bytes of the call as digits; `user` the owner for whom a relayer sends, and `receiver`
    whom he pays. `extras` counts what is paid for at a flat rate beside bandwidth and energy: a note, further
    signatures.
    """

    kind: str
    owner: str
    to: str = ""
    amount: int = 0
    token: str = ""
    token_amount: int = 0
    method: str = ""
    user: str = ""
    receiver: str = ""
    resource: str = ""
    permission: int = 0
    extras: int = 0

    def note(self) -> str:
        """The order as the anchor of a request. An anchor is never sent: it tells the decoder of the receipt,
        which
        does not say who sent the transaction, what the bytes of the body said."""
        return urlencode([(f.name, v) for f in fields(self) if (v := getattr(self, f.name)) not in ("", 0)])

    @classmethod
    def noted(cls, anchor: str) -> Order | None:
        """The order that a request's anchor names; None where it names none. Raises ValueError."""
        given = dict(parse_qsl(anchor))
        if not {"kind", "owner"} <= given.keys():
            return None
        known = {f.name: f.type for f in fields(cls)}
        if given.keys() - known.keys() or given["kind"] not in {each.name for each in _kinds().values()}:
            raise ValueError("the anchor of the request is none of an order")
        return cls(**{name: int(text) if known[name] == "int" else text for name, text in given.items()})  # type: ignore[arg-type]

    @property
    def unread(self) -> bool:
        """Whether what it moves is not read here."""
        return any(each.gap for each in _kinds().values() if each.name == self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A transaction's bytes, read. `keys` are those of a change of permissions; `data` what a contract is called
    with."""

    id: str
    order: Order
    keys: tuple[Key, ...]
    data: bytes
    memo: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    number: int
    name: str
    owner: int = 1
    to: int = 0
    amount: int = 0
    token: int = 0
    locked: int = 0
    resource: int = 0
    still: bool = False
    gap: bool = False


@cache
def _kinds() -> Mapping[int, _Kind]:
    listed = tomllib.loads(files(__package__).joinpath("contracts.toml").read_text("utf-8"))["contract"]
    return {each["number"]: _Kind(**each) for each in listed}


def names() -> frozenset[str]:
    """The kinds of contract that move nothing between accounts."""
    return frozenset(each.name for each in _kinds().values() if each.still)


def read(raw: bytes, signatures: int = 1) -> Body:
    """A transaction out of its raw bytes. Raises ValueError saying what does not hold."""
    whole = wire.read(raw)
    listed = whole.each(_CONTRACT)
    if len(listed) != 1:
        raise ValueError(f"it has {len(listed)} contracts, and a transaction has one")
    contract = wire.read(listed[0])
    kind = _kinds().get(contract.number(1))
    if kind is None:
        raise ValueError(f"its contract is of the kind {contract.number(1)}, which is none that is known here")
    said = contract.inner(2).inner(2)
    memo = whole.data(_MEMO)
    data = said.data(4) if kind.name == "TriggerSmartContract" else b""
    order = Order(
        kind=kind.name,
        owner=_account(said.data(kind.owner)),
        permission=contract.number(5),
        extras=bool(memo) + (signatures > 1),
        **_moved(kind, said),
        **_called(data),
    )
    keys = _keys(said) if kind.name == "AccountPermissionUpdateContract" else ()
    return Body(id=sha256(raw).hexdigest(), order=order, keys=keys, data=data, memo=memo)


def _moved(kind: _Kind, said: wire.Message) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if kind.to and said.data(kind.to):
        found["to"] = _account(said.data(kind.to))
    if kind.resource:
        number = said.number(kind.resource)
        found["resource"] = _RESOURCES[number] if 0 <= number < len(_RESOURCES) else str(number)
    if kind.amount or kind.locked:
        found["amount"] = _amount(said.number(kind.amount or kind.locked))
    if kind.token:
        found["token"] = said.data(kind.token).decode("ascii", "replace")
        found["token_amount"] = found.pop("amount")
    if kind.name == "TriggerSmartContract":
        found["amount"], value, token = _amount(said.number(3)), _amount(said.number(5)), said.number(6)
        found |= {"token": str(token), "token_amount": value} if value else {}
    elif kind.name == "CreateSmartContract":
        found["amount"], value = _amount(said.inner(2).number(5)), _amount(said.number(3))
        found |= {"token": str(said.number(4)), "token_amount": value} if value else {}
    return found


def _called(data: bytes) -> dict[str, Any]:
    found = {"method": data[:4].hex()} if len(data) >= 4 else {}
    if data[:4] == GASFREE and len(data) >= 4 + 32 * 9:
        found |= {"user": word(data[36:68]), "receiver": word(data[68:100])}
    return found


def word(word: bytes) -> str:
    """The address in a word of 32 bytes. Clients leave the prefix 41 in front of it, and the machine ignores
    that.
    """
    return address.encode(bytes([address.PREFIX]) + word[12:])


def _keys(said: wire.Message) -> tuple[Key, ...]:
    found: list[Key] = []
    listed = [(0, "owner", each) for each in said.each(2)] + [(1, "witness", each) for each in said.each(3)]
    listed += [(number, "active", each) for number, each in enumerate(said.each(4), start=2)]
    for number, kind, raw in listed:
        permission = wire.read(raw)
        name = permission.data(3).decode("utf-8", "replace")[:32]
        for key in map(wire.read, permission.each(7)):
            found.append(
                Key(
                    permission=f"{kind} {name}".strip() if name != kind else kind,
                    number=number,
                    address=_account(key.data(1)),
                    weight=key.number(2),
                    threshold=permission.number(4),
                    operations=permission.data(6).hex(),
                )
            )
    return tuple(found)


def _account(payload: bytes) -> str:
    return canonical(payload.hex()) if len(payload) == 21 else _refused(payload)


def _refused(payload: bytes) -> str:
    raise ValueError(f"an address of {len(payload)} bytes stands in it, and one has 21")


def _amount(value: int) -> int:
    if value < 0:
        raise ValueError(f"an amount is {value}, below nought")
    return value
