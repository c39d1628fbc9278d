"""An owner: a real wallet with keys from a seed, and a stated way of choosing coins, change and output order."""

from __future__ import annotations

import hmac
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Literal

from recover.sdk import Error
from recover_chain_bitcoin.testing.node import Node

Kind = Literal["legacy", "p2sh-segwit", "bech32", "bech32m"]
Choice = Literal["oldest", "largest", "smallest", "any"]
Order = Literal["shuffled", "change-last", "sorted"]

_FORMS: Final = {
    "legacy": ("pkh({}/44h/1h/0h/{}/*)", 148),
    "p2sh-segwit": ("sh(wpkh({}/49h/1h/0h/{}/*))", 91),
    "bech32": ("wpkh({}/84h/1h/0h/{}/*)", 68),
    "bech32m": ("tr({}/86h/1h/0h/{}/*)", 58),
}
"""Each kind's descriptor (BIP 44, 49, 84, 86) and about how many virtual bytes an input of it takes."""

_DIGITS: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
DUST: Final = 1_000
"""No wallet here makes a smaller change output, in base units: it leaves the rest to the fee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """One unspent output. `amount` in base units."""

    tx: str
    index: int
    amount: int
    address: str
    height: int


@dataclass(slots=True, kw_only=True)
class Owner:
    """Who controls one wallet. `coins` are confirmed and unspent; `reused` is an address given out every time.

    `rate` is what it pays, in base units a virtual byte. A `replaceable` wallet signals BIP 125 and sets the lock
    time to the height, as Core does; another leaves both final, as many older wallets do.
    """

    name: str
    kind: Kind
    choice: Choice = "any"
    order: Order = "shuffled"
    rate: int = 5
    replaceable: bool = True
    reused: str = ""
    coins: list[Coin] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(coin.amount for coin in self.coins)

    def fee(self, inputs: int, outputs: int) -> int:
        """About what a transaction of this shape costs this wallet."""
        return self.rate * (11 + inputs * _FORMS[self.kind][1] + outputs * 34)

    def choose(self, amount: int, outputs: int, picked: random.Random) -> list[Coin]:
        """Coins that pay `amount` and the fee, taken out of the wallet. Raises Error when there are too few."""
        chosen: list[Coin] = []
        for coin in self._queue(picked):
            chosen.append(coin)
            if sum(each.amount for each in chosen) >= amount + self.fee(len(chosen), outputs):
                self.take(chosen)
                return chosen
        raise Error("too-poor", f"{self.name} cannot pay {amount}.", f"It holds {self.total}.", "Fund it first.")

    def take(self, coins: Sequence[Coin]) -> None:
        """Take these coins out of the wallet: they are about to be spent."""
        for coin in coins:
            self.coins.remove(coin)

    def _queue(self, picked: random.Random) -> list[Coin]:
        queue = list(self.coins)
        if self.choice == "any":
            picked.shuffle(queue)
        elif self.choice == "oldest":
            queue.sort(key=lambda coin: (coin.height, coin.tx, coin.index))
        else:
            queue.sort(key=lambda coin: (coin.amount, coin.tx, coin.index), reverse=self.choice == "largest")
        return queue


def open_wallet(node: Node, owner: Owner, seed: str) -> None:
    """Make the owner's wallet in the node, its keys derived from `seed` and its name: the same ones every time."""
    node.rpc("createwallet", owner.name, False, True)
    key = master(f"{seed}/{owner.name}".encode())
    form = _FORMS[owner.kind][0]
    wanted = []
    for branch in (0, 1):
        described = node.rpc("getdescriptorinfo", form.format(key, branch))
        wanted.append(
            {
                "desc": f"{form.format(key, branch)}#{described['checksum']}",
                "active": True,
                "internal": branch == 1,
                "range": [0, 20],
                "timestamp": "now",
            }
        )
    answers = node.rpc("importdescriptors", wanted, wallet=owner.name)
    if not all(answer["success"] for answer in answers):
        raise Error("wallet-refused", f"The wallet of {owner.name} was refused.", str(answers), "Read the log.")


def receive(node: Node, owner: Owner) -> str:
    """Where the owner wants to be paid: a fresh address, unless it reuses one."""
    return owner.reused or node.address(owner.name, owner.kind)


def change(node: Node, owner: Owner) -> str:
    """Where the owner's change goes: a fresh address of its kind, unless it reuses one."""
    if owner.reused:
        return owner.reused
    fresh: str = node.rpc("getrawchangeaddress", owner.kind, wallet=owner.name)
    return fresh


def master(seed: bytes) -> str:
    """A regtest master key from a seed (BIP 32). For wallets of tests only."""
    made = hmac.digest(b"Bitcoin seed", seed, "sha512")
    data = bytes.fromhex("04358394") + bytes(9) + made[32:] + b"\x00" + made[:32]
    number = int.from_bytes(data + sha256(sha256(data).digest()).digest()[:4], "big")
    text = ""
    while number:
        number, digit = divmod(number, 58)
        text = _DIGITS[digit] + text
    return text
