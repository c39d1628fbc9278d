"""A farm of real wallets with scripted truth: blocks in which every address's owner is known.

    with node.start(folder, indexes=()) as bitcoind:
        harvest = farm.play(bitcoind, seed="1", rounds=40)

For measuring error rates of heuristics and detectors. The owners differ in address type, coin selection, output
order, fee rate and replaceability. The same seed on a fresh node gives the same blocks, byte for byte: coins are
chosen here by a seeded generator and signed by the node's wallets, because the node's own choice is random, and
the clock is mocked.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from recover_chain_bitcoin.testing import deeds
from recover_chain_bitcoin.testing import natural as natures
from recover_chain_bitcoin.testing.node import Node
from recover_chain_bitcoin.testing.owner import Kind, Owner
from recover_chain_bitcoin.testing.world import Deed, World

SERVICE: Final = "exchange"
COORDINATOR: Final = "coordinator"
MINER: Final = "miner"
KINDS: Final[tuple[Kind, ...]] = ("bech32", "bech32m", "p2sh-segwit", "legacy")
_PEOPLE: Final = (
    ("alice", "bech32", "any", "shuffled", 5, True),
    ("bob", "p2sh-segwit", "oldest", "change-last", 8, False),
    ("carol", "legacy", "largest", "shuffled", 6, False),
    ("dave", "bech32m", "smallest", "shuffled", 4, True),
    ("erin", "bech32", "largest", "sorted", 7, True),
    ("frank", "legacy", "any", "change-last", 5, False),
    ("grace", "bech32m", "oldest", "shuffled", 9, True),
    ("heidi", "p2sh-segwit", "smallest", "sorted", 5, True),
    ("ivan", "bech32", "any", "change-last", 6, False),
    ("judy", "bech32", "oldest", "shuffled", 5, True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """`blocks` are raw, from height 1 on. `owners` maps each address to who controls it. `deeds` are in order.

    `deposits` maps the service's deposit addresses to the customer whom each was given to; `hot` is its wallet.
    """

    blocks: tuple[bytes, ...]
    owners: Mapping[str, str]
    deeds: tuple[Deed, ...]
    deposits: Mapping[str, str]
    hot: str

    def write(self, folder: Path) -> None:
        """One file a block, `000001.blk` on, and the truth beside them as `truth.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        for height, block in enumerate(self.blocks, start=1):
            (folder / f"{height:06d}.blk").write_bytes(block)
        truth = {
            "owners": dict(self.owners),
            "deposits": dict(self.deposits),
            "hot": self.hot,
            "deeds": [asdict(deed) for deed in self.deeds],
        }
        text = json.dumps(truth, indent=1, sort_keys=True) + "\n"
        (folder / "truth.json").write_text(text, "utf-8")


def play(node: Node, seed: str = "1", rounds: int = 20, natural: int = 0) -> Harvest:
    """Play the script on a fresh node: a round is a block of ordinary payments, and now and then a special one.

    About ten transactions a round, and about 10 ms each. `natural` owners more pay by the node's own wallet, once
    a round each: then the same seed gives other transactions each time. Raises Refused when the node refuses one.
    """
    world = World(node=node, seed=seed, picked=random.Random(seed))
    hot = _begin(world)
    others = _others(world, natural)
    given: dict[str, str] = {}
    for number in range(1, rounds + 1):
        _ordinary(world, hot)
        for name in others:
            payee = world.picked.choice([*(each for each, *_ in _PEOPLE), *(o for o in others if o != name)])
            natures.pay(world, name, payee, _amount(world))
        world.mine()
        _special(world, number, hot, given)
    world.mine()
    blocks = tuple(
        node.rest(f"block/{node.rpc('getblockhash', height)}.bin") for height in range(1, node.height + 1)
    )
    return Harvest(blocks=blocks, owners=world.owners, deeds=tuple(world.deeds), deposits=given, hot=hot)


def _begin(world: World) -> str:
    """Wallets for all, coins for all; the service's hot address."""
    people = [
        Owner(name=name, kind=kind, choice=choice, order=order, rate=rate, replaceable=replaceable)  # type: ignore[arg-type]
        for name, kind, choice, order, rate, replaceable in _PEOPLE
    ]
    service = Owner(name=SERVICE, kind="bech32", choice="largest", order="change-last")
    world.join(*people, service, Owner(name=COORDINATOR, kind="bech32"), Owner(name=MINER, kind="bech32"))
    world.coinbase(MINER, 12)
    world.mine(100)
    hot = world.receive(SERVICE)
    names = [person.name for person in people]
    for size in (400_000_000, 90_000_000, 20_000_000, 7_000_000, 3_000_000):
        amounts = [(name, world.receive(name), size + world.picked.randrange(size // 2)) for name in names]
        deeds.pay(world, MINER, amounts, "batch")
        world.mine()
    deeds.pay(world, MINER, [(SERVICE, hot, 2_000_000_000)])
    world.mine()
    return hot


def _others(world: World, count: int) -> list[str]:
    """Owners whose wallets the node runs, each with a few coins of unequal size."""
    names = [f"natural{number}" for number in range(1, count + 1)]
    for number, name in enumerate(names):
        natures.join(world, Owner(name=name, kind=KINDS[number % len(KINDS)]))
        sizes = [70_000_000 + world.picked.randrange(60_000_000) for _ in range(6)]
        deeds.pay(world, MINER, [(name, world.receive(name), size) for size in sizes], "batch")
        world.mine()
    return names


def _ordinary(world: World, hot: str) -> None:
    """Payments between people, each spending only coins confirmed before this block."""
    names = [name for name, *_ in _PEOPLE]
    for payer in world.picked.sample(names, 7):
        payee = world.picked.choice([name for name in names if name != payer])
        owner, chance = world.people[payer], world.picked.randrange(100)
        if chance < 6 and len(owner.coins) > 3:
            deeds.pay_exactly(world, payer, payee)
        elif chance < 14 and len(owner.coins) > 5:
            deeds.consolidate(world, payer, world.picked.randint(3, 5))
        elif chance < 20 and world.people[payee].coins:
            deeds.payjoin(world, payer, payee, _amount(world))
        elif owner.total > 400_000_000:
            deeds.pay(world, payer, [(payee, world.receive(payee), _amount(world))])
    paid = world.picked.sample(names, world.picked.randint(2, 5))
    service = world.people[SERVICE]
    service.reused = hot  # an exchange's payouts come from its hot address, and the change goes back to it
    deeds.pay(world, SERVICE, [(name, world.receive(name), _amount(world)) for name in paid], "batch")
    service.reused = ""


def _special(world: World, number: int, hot: str, given: dict[str, str]) -> None:
    """What happens once in a few rounds, each kind in its turn."""
    names = [name for name, *_ in _PEOPLE]
    turn = number % 4
    if turn == 0:
        rich = [name for name in names if world.people[name].total > 300_000_000]
        if len(rich) >= 4:
            taker, *makers = world.picked.sample(rich, min(len(rich), world.picked.randint(4, 6)))
            deeds.joinmarket(world, taker, makers, world.picked.randrange(20_000_000, 40_000_000))
    elif turn == 1:
        _pool(world, names)
    elif turn == 2:
        thief = max(names, key=lambda name: (max(coin.amount for coin in world.people[name].coins), name))
        payees = [name for name in names if name != thief]
        deeds.peel(world, thief, [world.picked.choice(payees) for _ in range(4)], 1_500_000)
    else:
        _deposits(world, names, hot, given)
    world.mine()


def _pool(world: World, names: list[str]) -> None:
    """Five enter the pool and mix; two of them mix again with three who enter anew."""
    first = world.picked.sample(names, 5)
    others = [name for name in names if name not in first][:3]
    for name in (*first, *others):
        deeds.enter_pool(world, name, COORDINATOR, 2)
    world.mine()
    deeds.mix(world, first)
    world.mine()
    deeds.mix(world, [*first[:2], *others], again=first[:2])


def _deposits(world: World, names: list[str], hot: str, given: dict[str, str]) -> None:
    """Customers pay to deposit addresses of their own; the service sweeps them."""
    fresh = []
    for name in world.picked.sample(names, 4):
        if world.people[name].total > 100_000_000:
            address = world.receive(SERVICE)
            given[address] = name
            fresh.append(address)
            deeds.pay(world, name, [(SERVICE, address, _amount(world))], "deposit")
    world.mine()
    if fresh:
        deeds.sweep(world, SERVICE, hot, fresh)


def _amount(world: World) -> int:
    """What people pay: often round in the third digit, seldom not."""
    amount = world.picked.randrange(200_000, 9_000_000)
    return amount // 10_000 * 10_000 if world.picked.randrange(10) < 3 else amount
