"""What every change rule reads of a ledger, worked out once: which outputs are new, own, spent by whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recover_heuristics_utxo.coins import Coins, payer, spending
from recover_heuristics_utxo.memo import once
from recover_heuristics_utxo.mixes import find
from recover_heuristics_utxo.segments import Codes, Mask, every, heads, least, total


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Ground:
    """Per transaction: `open` (judged here), `several` (spendable outputs), `smallest` input and `fee` (-1: not
    shown), `uniform` (the script type of all inputs, -1: mixed or not shown), `payer` (first input's address).

    Per output: `usable` (spendable, of an open transaction), `fresh` (its address first appears in this block),
    `own` (its address pays in), `spent` (the transaction that spends it, -1: none shown).
    """

    coins: Coins
    open: Mask
    several: Codes
    smallest: Codes
    fee: Codes
    uniform: Codes
    payer: Codes
    usable: Mask
    fresh: Mask
    own: Mask
    spent: Codes

    @property
    def owner(self) -> Codes:
        return self.coins.outputs.owner

    def count(self, mask: Mask) -> Codes:
        """How many outputs of each transaction are marked."""
        return total(self.coins.outputs.first, mask)


@once
def ground(coins: Coins) -> Ground:
    """Transactions that no change rule may judge: coinbases, mixes (possible ones too), Tx0s, partial records."""
    into, out = coins.inputs, coins.outputs
    several = total(out.first, coins.spendable)
    sound = coins.whole & ~coins.coinbase & ~find(coins).no_change
    open_ = sound & (into.count > 0) & (several >= 2) & (payer(coins) >= 0)
    known = every(into.first, into.value >= 0)
    usable = coins.spendable & open_[out.owner]
    own = _own(coins)
    return Ground(
        coins=coins,
        open=open_,
        several=several,
        smallest=np.where(known, least(into.first, into.value), -1),
        fee=np.where(known, np.maximum(total(into.first, into.value) - total(out.first, out.value), -1), -1),
        uniform=_uniform(coins),
        payer=payer(coins),
        usable=usable,
        fresh=_fresh(coins) & ~own,
        own=own,
        spent=spending(coins),
    )


def _uniform(coins: Coins) -> Codes:
    into = coins.inputs
    head = heads(into.first, into.script)
    same = every(into.first, (into.script == head[into.owner]) & (into.script >= 0))
    found: Codes = np.where(same, head, -1)
    return found


def _own(coins: Coins) -> Mask:
    """Outputs whose address is among the inputs of their transaction."""
    width = max(len(coins.names), 1)
    paying = coins.inputs.owner * width + coins.inputs.address
    paid = coins.outputs.owner * width + coins.outputs.address
    found: Mask = np.isin(paid, paying[coins.inputs.address >= 0]) & coins.spendable
    return found


def first_seen(coins: Coins) -> Codes:
    """The first transaction in which each address stands."""
    found = np.full(len(coins.names), len(coins), np.int64)
    for side in (coins.inputs, coins.outputs):
        there = side.address >= 0
        np.minimum.at(found, side.address[there], side.owner[there])
    return found


def _fresh(coins: Coins) -> Mask:
    """Outputs whose address first appears in their own transaction, or elsewhere in the same block."""
    there = coins.spendable
    found = np.zeros(len(there), np.bool_)
    owner = coins.outputs.owner[there]
    first = first_seen(coins)[coins.outputs.address[there]]
    block = (coins.height[owner] >= 0) & (coins.height[first] == coins.height[owner])
    found[there] = (first == owner) | block
    return found
