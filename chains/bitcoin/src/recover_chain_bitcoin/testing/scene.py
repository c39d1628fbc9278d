"""A small scene on a fresh node, the same to the last byte every time: what the recorded answers show.

Four owners, one of each address type, pay each other; one block is replaced by two others; one payment is not yet
confirmed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from recover.sdk import Address, Ask, Details, History, Spend, Status, TxId
from recover_chain_bitcoin.testing import deeds, electrum, esplora, node
from recover_chain_bitcoin.testing.electrum import Electrum
from recover_chain_bitcoin.testing.node import Node
from recover_chain_bitcoin.testing.owner import Owner
from recover_chain_bitcoin.testing.tape import Tape
from recover_chain_bitcoin.testing.world import World

CHAIN: Final = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
"""The CAIP-2 id of regtest."""

PLACES: Final = {
    "bitcoin-core": "http://{bitcoin-rpc}@127.0.0.1:18443/",
    "bitcoin-electrum": "tcp://127.0.0.1:50001",
    "bitcoin-esplora": "http://127.0.0.1:3002",
}
"""The usual ports, under which exchanges are recorded: a server's real port is another one at each start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`shop` is paid by all four owners and pays on, so its history has every type of input. `coinbase` is an
    address paid by blocks only, `quiet` one that was never paid. `spent` and `unspent` are outputs of `batch`.

    `data` holds data that nobody owns, `mined` is a coinbase, `moved` stood in the block `stale`, which was
    replaced, and `waiting` stands in no block.
    """

    shop: str
    coinbase: str
    quiet: str
    batch: str
    spent: tuple[str, int]
    unspent: tuple[str, int]
    spender: str
    data: str
    mined: str
    moved: str
    stale: str
    waiting: str

    @classmethod
    def load(cls, path: Path) -> Scene:
        """A scene that was written down as JSON."""
        plain: dict[str, Any] = json.loads(path.read_text("utf-8"))
        found: dict[str, Any] = {n: tuple(each) if isinstance(each, list) else each for n, each in plain.items()}
        return cls(**found)

    def history(self, address: str) -> History:
        return History(address=Address(chain=CHAIN, text=address))

    def details(self, tx: str) -> Details:
        return Details(tx=TxId(chain=CHAIN, text=tx))

    @property
    def asks(self) -> tuple[Ask, ...]:
        """One or more of each kind: what the recorded answers are answers to."""
        coins = (Spend(tx=TxId(chain=CHAIN, text=tx), index=index) for tx, index in (self.spent, self.unspent))
        return (
            self.history(self.shop),
            self.history(self.coinbase),
            self.history(self.quiet),
            self.details(self.batch),
            self.details(self.data),
            self.details(self.mined),
            self.details(self.waiting),
            *coins,
            Status(address=Address(chain=CHAIN, text=self.shop)),
            Status(address=Address(chain=CHAIN, text=self.quiet)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """The scene with the three servers that show it."""

    scene: Scene
    node: Node
    index: Electrum
    esplora: str

    def tape(self, source: str) -> Tape:
        """A recorder that asks the server of one of PLACES."""
        places = {
            "bitcoin-core": self.node.endpoint,
            "bitcoin-electrum": self.index.endpoint,
            "bitcoin-esplora": self.esplora,
        }
        return Tape(endpoint=places[source], source=source, secrets={"bitcoin-rpc": self.node.secret})


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """A fresh node, an ElectrumX and an Esplora double, with the scene played."""
    with node.start(folder / "node") as bitcoind:
        scene = play(bitcoind)
        with electrum.start(bitcoind, folder / "index") as index, esplora.start(bitcoind, index) as url:
            yield Servers(scene=scene, node=bitcoind, index=index, esplora=url)


def play(bitcoind: Node) -> Scene:
    """Play the scene on a fresh node."""
    world = World(node=bitcoind, seed="scene", picked=random.Random("scene"))
    names = ("ann", "ben", "cat", "dan")
    kinds = ("bech32", "p2sh-segwit", "legacy", "bech32m")
    world.join(*(Owner(name=n, kind=k, choice="oldest") for n, k in zip(names, kinds, strict=True)))  # type: ignore[arg-type]
    world.join(Owner(name="shop", kind="bech32m", choice="oldest", order="change-last"))
    world.coinbase("ann", 2)
    world.mine(100)
    coinbase = world.people["ann"].coins[0].address
    mined = world.people["ann"].coins[0].tx
    given = [(name, world.receive(name), 300_000_000 + number) for number, name in enumerate(names[1:])]
    batch = deeds.pay(world, "ann", given, "batch")
    world.mine()
    shop = world.receive("shop")
    world.people["shop"].reused = shop
    spends = [deeds.pay(world, name, [("shop", shop, 50_000_000)]) for name in names]
    world.mine()
    data = deeds.note(world, "shop", "ann", 3, b"a scene")
    world.mine()
    moved = deeds.pay(world, "ann", [("shop", shop, 7_000_000)])
    world.mine()
    (stale,) = bitcoind.reorganise(1)
    world.mine(2)
    quiet = world.receive("ben")
    waiting = deeds.pay(world, "ann", [("shop", shop, 3_000_000)])
    spent = bitcoind.rpc("getrawtransaction", spends[1].tx, 1)["vin"][0]
    return Scene(
        shop=shop,
        coinbase=coinbase,
        quiet=quiet,
        batch=batch.tx,
        spent=(spent["txid"], spent["vout"]),
        unspent=(moved.tx, next(n for n, name in enumerate(moved.outputs) if name == "shop")),
        spender=spends[1].tx,
        data=data.tx,
        mined=mined,
        moved=moved.tx,
        stale=stale,
        waiting=waiting.tx,
    )
