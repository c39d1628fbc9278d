"""Peel chains: one coin in, a payment and the rest out, again and again."""

from __future__ import annotations

import numpy as np

from recover_heuristics_utxo.change.ground import Ground
from recover_heuristics_utxo.change.rule import Rule, Terms
from recover_heuristics_utxo.coins import Coins
from recover_heuristics_utxo.segments import Mask, heads, total

FLOOR = 1000


def looks(coins: Coins) -> Mask:
    """One input and two spendable outputs."""
    two = (coins.outputs.count == 2) & (total(coins.outputs.first, coins.spendable) == 2)
    found: Mask = coins.whole & ~coins.coinbase & (coins.inputs.count == 1) & two
    return found


def steps(base: Ground) -> Mask:
    """Transactions that look like a step, and come from one or go on to one."""
    coins = base.coins
    like = looks(coins)
    origin = heads(coins.inputs.first, coins.origin)
    before = np.zeros(len(coins), np.bool_)
    there = origin >= 0
    before[there] = like[coins.outputs.owner[origin[there]]]
    spent = base.spent >= 0
    goes_on = np.zeros(len(base.spent), np.bool_)
    goes_on[spent] = like[base.spent[spent]]
    found: Mask = like & (before | (base.count(goes_on) > 0))
    return found


def peel(base: Ground, terms: Terms) -> Mask:
    """Unspent, or spent by another step; the other output pays at least `floor`, or it is no payment."""
    step = steps(base)
    spent = base.spent >= 0
    goes_on = ~spent
    goes_on[spent] = step[base.spent[spent]]
    value = np.where(base.coins.spendable, base.coins.outputs.value, 0)
    paid = total(base.coins.outputs.first, value)
    found: Mask = step[base.owner] & goes_on & (paid[base.owner] - value >= terms["floor"])
    return found


RULES = (
    Rule(
        id="change-peel-chain",
        title="One output goes on along a peel chain",
        family="composite",
        find=peel,
        citation="H. Kalodner et al., BlockSci, USENIX Security 2020 (peeling chain); the floor after Hopline",
        fails=("a payment to somebody who peels too", "dust steps are no payments and are left out"),
        dynamic=True,
        votes=False,
        parameters={"floor": (FLOOR, "base units: a step pays at least so much")},
    ),
)
