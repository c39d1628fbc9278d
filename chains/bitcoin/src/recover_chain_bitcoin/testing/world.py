"""A regtest world in which every output's owner is written down as it is made."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from recover.sdk import Error
from recover_chain_bitcoin.testing import owner as wallets
from recover_chain_bitcoin.testing.node import BEGIN, Node
from recover_chain_bitcoin.testing.owner import Coin, Owner

STEP: Final = 600
"""Seconds between blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """One output to make. `owner` is who will control it; `back` says that it is the change of one who pays."""

    owner: str
    address: str
    amount: int
    back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One transaction's truth: what it was, whose the inputs are (in order), which outputs are change.

    `kind`: payment, exact (no change), consolidation, batch, payjoin, joinmarket, whirlpool-tx0, whirlpool, peel,
    deposit, sweep. `outputs` are the owners of the outputs in order, empty text for data that nobody owns.
    """

    tx: str
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    change: tuple[int, ...]
    height: int


@dataclass(slots=True, kw_only=True)
class World:
    """A node, its owners and what was done. Deeds are made of confirmed coins only; `mine` confirms them."""

    node: Node
    seed: str
    picked: random.Random
    people: dict[str, Owner] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    _fresh: list[tuple[str, Coin]] = field(default_factory=list)

    def join(self, *people: Owner) -> None:
        """Open a wallet for each."""
        for each in people:
            wallets.open_wallet(self.node, each, self.seed)
            self.people[each.name] = each

    def receive(self, name: str) -> str:
        """An address of this owner's to be paid at, noted as such."""
        return self.note(name, wallets.receive(self.node, self.people[name]))

    def change(self, name: str) -> str:
        return self.note(name, wallets.change(self.node, self.people[name]))

    def do(
        self, kind: str, coins: Sequence[Coin], pays: Sequence[Pay], data: bytes = b"", order: str = ""
    ) -> Deed:
        """Spend these coins (already taken from their wallets) to these outputs, in the payer's order of outputs.

        Raises Error when the inputs do not cover the outputs: value never comes from nowhere.
        """
        payers = [self.owners[coin.address] for coin in coins]
        if sum(coin.amount for coin in coins) <= sum(pay.amount for pay in pays):
            raise Error(
                "unbalanced", f"A {kind} pays more than it has.", f"Payers: {payers}.", "Correct the deed."
            )
        payer = self.people[payers[0]]
        listed = _ordered(list(pays), order or payer.order, self.picked)
        tx = self._send(payer, coins, listed, data)
        height = self.node.height + 1
        fresh = [
            (pay.owner, Coin(tx=tx, index=index, amount=pay.amount, address=pay.address, height=height))
            for index, pay in enumerate(listed)
        ]
        deed = Deed(
            tx=tx,
            kind=kind,
            inputs=tuple(payers),
            outputs=(*(pay.owner for pay in listed), *([""] if data else [])),
            change=tuple(index for index, pay in enumerate(listed) if pay.back),
            height=height,
        )
        self.record(deed, fresh)
        return deed

    def record(self, deed: Deed, fresh: Sequence[tuple[str, Coin]]) -> None:
        """Write down a deed and the coins that it makes; `mine` puts them into their owners' wallets."""
        self.deeds.append(deed)
        self._fresh.extend(fresh)

    def mine(self, count: int = 1) -> None:
        """Confirm what was done, the clock going on by STEP a block."""
        for _ in range(count):
            self.node.rpc("setmocktime", BEGIN + STEP * (self.node.height + 1))
            self.node.mine()
        if self.node.rpc("getmempoolinfo")["size"]:
            raise Error("not-mined", "A deed was left out of its block.", "Its fee is too low.", "Raise its rate.")
        for name, coin in self._fresh:
            self.people[name].coins.append(coin)
        self._fresh.clear()

    def coinbase(self, name: str, count: int) -> None:
        """Mine `count` blocks to this owner; their coins are there after a hundred more."""
        address = self.receive(name)
        for _ in range(count):
            self.node.rpc("setmocktime", BEGIN + STEP * (self.node.height + 1))
            (block,) = self.node.mine(1, address)
            made = self.node.rpc("getblock", block, 2)["tx"][0]
            amount = units(made["vout"][0]["value"])
            coin = Coin(tx=made["txid"], index=0, amount=amount, address=address, height=self.node.height)
            self._fresh.append((name, coin))

    def note(self, name: str, address: str) -> str:
        """Write down whose an address is. Raises Error when it is somebody else's."""
        if self.owners.setdefault(address, name) != name:
            raise Error("two-owners", f"{address} has two owners.", "Wallets share a key.", "Use other names.")
        return address

    def _send(self, payer: Owner, coins: Sequence[Coin], pays: Sequence[Pay], data: bytes) -> str:
        height = self.node.height if payer.replaceable else 0
        sequence: dict[str, int] = {} if payer.replaceable else {"sequence": 0xFFFFFFFF}
        spent = [{"txid": coin.tx, "vout": coin.index, **sequence} for coin in coins]
        outputs: list[dict[str, str]] = [{pay.address: decimal(pay.amount)} for pay in pays]
        if data:
            outputs.append({"data": data.hex()})
        raw: str = self.node.rpc("createrawtransaction", spent, outputs, height, payer.replaceable)
        for name in sorted({self.owners[coin.address] for coin in coins}):
            signed: dict[str, Any] = self.node.rpc("signrawtransactionwithwallet", raw, wallet=name)
            raw = signed["hex"]
        tx: str = self.node.rpc("sendrawtransaction", raw, 0)
        return tx


def _ordered(pays: list[Pay], order: str, picked: random.Random) -> list[Pay]:
    if order == "sorted":  # BIP 69, but for the script that breaks ties
        return sorted(pays, key=lambda pay: (pay.amount, pay.address))
    if order == "shuffled":
        picked.shuffle(pays)
    return pays


def decimal(amount: int) -> str:
    """Base units as the node's RPC takes them."""
    return f"{amount // 10**8}.{amount % 10**8:08d}"


def units(text: str) -> int:
    """What the node's RPC gives, in base units, exact."""
    whole, _, part = str(text).partition(".")
    return int(whole) * 10**8 + int(part.ljust(8, "0"))
