"""The shape that a PayJoin (BIP 78) may have. No detector for PayJoin exists: ordinary payments look the same."""

from __future__ import annotations

import numpy as np

from recover_heuristics_utxo.coins import Coins
from recover_heuristics_utxo.mixes.shape import Verdict
from recover_heuristics_utxo.segments import Mask, distinct, every, least, most, total


def unnecessary(coins: Coins) -> Mask:
    """UIH2: the largest output and the fee could have been paid without the smallest input, all values known."""
    into, out = coins.inputs, coins.outputs
    known = every(into.first, into.value >= 0) & (into.count > 0)
    whole, paid = total(into.first, into.value), total(out.first, out.value)
    found: Mask = known & (whole - least(into.first, into.value) >= most(out.first, out.value) + whole - paid)
    return found


def fitting(coins: Coins) -> Mask:
    """Two or more inputs from two or more addresses, exactly two outputs, both spendable, and UIH2."""
    two = (coins.outputs.count == 2) & every(coins.outputs.first, coins.spendable)
    several = distinct(len(coins), coins.inputs.owner, coins.inputs.address) >= 2
    found: Mask = coins.whole & ~coins.coinbase & two & several & unnecessary(coins)
    return found


def verdicts(coins: Coins) -> list[Verdict]:
    """One verdict of class `payjoin_possible` for each transaction with the shape."""
    return [
        Verdict(
            tx=tx,
            label="payjoin_possible",
            role="shape",
            confidence=5,
            rules=("uih2-two-outputs",),
            denomination=0,
            equal=0,
            least=1,
        )
        for tx in np.flatnonzero(fitting(coins)).tolist()
    ]
