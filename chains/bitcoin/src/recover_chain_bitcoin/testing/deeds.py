"""The shapes of transactions, each with its truth: who pays whom, alone or together.

Shapes of CoinJoins: BlockSci (Kalodner et al., USENIX Security 2020) for JoinMarket, Stockinger et al. 2021 and
the published constants of Whirlpool's pools for tx0 and mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from recover.sdk import Error
from recover_chain_bitcoin.testing.owner import DUST, Coin
from recover_chain_bitcoin.testing.world import Deed, Pay, World

POOL: Final = 1_000_000
POOL_FEE: Final = 50_000
PREMIX: Final = POOL + 10_000
"""A Whirlpool pool's denomination, what it charges, and a coin that enters: it carries its share of the fee."""


def pay(world: World, payer: str, payments: Sequence[tuple[str, str, int]], kind: str = "payment") -> Deed:
    """Pay each (owner, address, amount) from the payer's own choice of coins, with change where it is not dust."""
    owner = world.people[payer]
    total = sum(amount for _, _, amount in payments)
    coins = owner.choose(total, len(payments) + 1, world.picked)
    outputs = [Pay(owner=name, address=address, amount=amount) for name, address, amount in payments]
    outputs += _change(world, payer, coins, total, len(payments) + 1)
    return world.do(kind, coins, outputs)


def pay_exactly(world: World, payer: str, payee: str) -> Deed:
    """One whole coin to somebody else: no change."""
    owner = world.people[payer]
    coin = world.picked.choice(sorted(owner.coins, key=lambda each: (each.tx, each.index)))
    owner.take([coin])
    return world.do("exact", [coin], [_rest(world, payer, payee, [coin])])


def consolidate(world: World, name: str, most: int) -> Deed:
    """Several of the owner's coins into one."""
    owner = world.people[name]
    coins = owner.coins[:most]
    owner.take(coins)
    return world.do("consolidation", coins, [_rest(world, name, name, coins)])


def note(world: World, payer: str, payee: str, most: int, data: bytes) -> Deed:
    """Several of the payer's coins to somebody else, with data that nobody owns."""
    owner = world.people[payer]
    coins = owner.coins[:most]
    owner.take(coins)
    left = sum(coin.amount for coin in coins) - owner.fee(len(coins), 3)
    return world.do("exact", coins, [Pay(owner=payee, address=world.receive(payee), amount=left)], data=data)


def payjoin(world: World, payer: str, payee: str, amount: int) -> Deed:
    """A payment to which the payee adds a coin of its own (BIP 78): the inputs have two owners."""
    mine = world.people[payer].choose(amount, 2, world.picked)
    (theirs,) = world.people[payee].coins[:1]
    world.people[payee].take([theirs])
    outputs = [Pay(owner=payee, address=world.receive(payee), amount=amount + theirs.amount)]
    outputs += _change(world, payer, mine, amount, 3)
    return world.do("payjoin", [*mine, theirs], outputs, order="shuffled")


def joinmarket(world: World, taker: str, makers: Sequence[str], amount: int) -> Deed:
    """A taker and its makers: one equal output and one change each; the taker pays the makers and the fee."""
    earned = 2_000
    coins: list[Coin] = []
    outputs: list[Pay] = []
    for name in (taker, *makers):
        mine = world.people[name].choose(amount + 20_000 * len(makers), 2 * len(makers), world.picked)
        coins += mine
        left = sum(coin.amount for coin in mine) - amount
        left += earned if name != taker else -earned * len(makers) - 10 * 150 * (len(makers) + 1)
        outputs.append(Pay(owner=name, address=world.receive(name), amount=amount))
        outputs.append(Pay(owner=name, address=world.change(name), amount=left, back=True))
    world.picked.shuffle(coins)
    return world.do("joinmarket", coins, outputs, order="shuffled")


def enter_pool(world: World, name: str, coordinator: str, count: int) -> Deed:
    """Whirlpool's tx0: one owner cuts `count` premix coins and pays the pool; data marks it."""
    total = count * PREMIX + POOL_FEE
    coins = world.people[name].choose(total, count + 4, world.picked)
    outputs = [Pay(owner=name, address=world.receive(name), amount=PREMIX) for _ in range(count)]
    outputs.append(Pay(owner=coordinator, address=world.receive(coordinator), amount=POOL_FEE))
    outputs += _change(world, name, coins, total, count + 4)
    return world.do("whirlpool-tx0", coins, outputs, data=world.picked.randbytes(64), order="sorted")


def mix(world: World, names: Sequence[str], again: Sequence[str] = ()) -> Deed:
    """One Whirlpool mix: a coin each of five owners, the pool's denomination back to each.

    `again` are those who mix a coin that was mixed before; the others bring one that enters, if they have one.
    Raises Error when somebody has neither.
    """
    coins = []
    for name in names:
        has = [coin for coin in world.people[name].coins if coin.amount in (POOL, PREMIX)]
        has.sort(key=lambda coin: coin.amount == (POOL if name in again else PREMIX))
        if not has:
            raise Error(
                "nothing-to-mix", f"{name} has no coin of the pool.", "It did not enter.", "Enter it first."
            )
        coins.append(has[-1])
        world.people[name].take(has[-1:])
    outputs = [Pay(owner=name, address=world.receive(name), amount=POOL) for name in names]
    world.picked.shuffle(coins)
    return world.do("whirlpool", coins, outputs, order="sorted")


def peel(world: World, name: str, payees: Sequence[str], share: int) -> list[Deed]:
    """One large coin passed on, a small part peeled off at each hop, each hop confirmed."""
    owner = world.people[name]
    large = max(owner.coins, key=lambda coin: (coin.amount, coin.tx, coin.index))
    done = []
    for payee in payees:
        owner.take([large])
        paid = Pay(owner=payee, address=world.receive(payee), amount=share)
        rest = large.amount - share - owner.fee(1, 2)
        kept = Pay(owner=name, address=world.change(name), amount=rest, back=True)
        deed = world.do("peel", [large], [paid, kept])
        world.mine()
        done.append(deed)
        large = next(coin for coin in owner.coins if coin.tx == deed.tx and coin.address == kept.address)
    return done


def sweep(world: World, service: str, hot: str, deposits: Sequence[str]) -> Deed:
    """What lies at the service's deposit addresses, into its hot address."""
    owner = world.people[service]
    coins = [coin for coin in owner.coins if coin.address in set(deposits)]
    owner.take(coins)
    left = sum(coin.amount for coin in coins) - owner.fee(len(coins), 1)
    return world.do("sweep", coins, [Pay(owner=service, address=hot, amount=left)])


def _rest(world: World, payer: str, payee: str, coins: Sequence[Coin]) -> Pay:
    """Everything but the fee, in one output."""
    left = sum(coin.amount for coin in coins) - world.people[payer].fee(len(coins), 1)
    return Pay(owner=payee, address=world.receive(payee), amount=left)


def _change(world: World, payer: str, coins: Sequence[Coin], paid: int, outputs: int) -> list[Pay]:
    left = sum(coin.amount for coin in coins) - paid - world.people[payer].fee(len(coins), outputs)
    if left < DUST:
        return []
    return [Pay(owner=payer, address=world.change(payer), amount=left, back=True)]
