"""Owners whose payments Bitcoin Core's own wallet makes: its coin selection, change type, change place and fee.

What it chooses is random, so a farm with such owners is not the same twice; who owns what is known all the same.
"""

from __future__ import annotations

from typing import Any

from recover_chain_bitcoin.testing.owner import Coin, Owner
from recover_chain_bitcoin.testing.world import Deed, World, decimal, units


def join(world: World, owner: Owner) -> None:
    """A wallet with all of the node's own descriptors, so that change may be of any address type."""
    world.node.wallet(owner.name)
    world.people[owner.name] = owner


def pay(world: World, payer: str, payee: str, amount: int) -> Deed | None:
    """One payment as the node makes it, its change noted as the payer's; None where the wallet has too little."""
    if units(world.node.rpc("getbalance", "*", 1, wallet=payer)) < amount + 100_000:
        return None
    address = world.receive(payee)
    tx = world.node.pay(payer, address, decimal(amount))
    raw: dict[str, Any] = world.node.rpc("getrawtransaction", tx, 1)
    outputs = [(str(out["scriptPubKey"]["address"]), units(out["value"])) for out in raw["vout"]]
    change = tuple(index for index, (paid, _) in enumerate(outputs) if paid != address)
    for index in change:
        world.note(payer, outputs[index][0])
    deed = Deed(
        tx=tx,
        kind="payment",
        inputs=(payer,) * len(raw["vin"]),
        outputs=tuple(payer if index in change else payee for index in range(len(outputs))),
        change=change,
        height=world.node.height + 1,
    )
    paid = next(index for index in range(len(outputs)) if index not in change)
    coin = Coin(tx=tx, index=paid, amount=amount, address=address, height=deed.height)
    world.record(deed, [(payee, coin)])
    return deed
