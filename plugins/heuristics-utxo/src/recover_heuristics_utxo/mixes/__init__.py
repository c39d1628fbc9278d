"""Detectors of collaborative transactions, run once for each chain; a weak one blocks merges and labels nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recover_heuristics_utxo.coins import Coins
from recover_heuristics_utxo.memo import once
from recover_heuristics_utxo.mixes import generic, joinmarket, payjoin, stonewall, wasabi, whirlpool
from recover_heuristics_utxo.mixes.shape import Shape, Verdict, data, look
from recover_heuristics_utxo.segments import Codes, Mask, most, runs, total

DETECTORS: tuple[Callable[[Shape], Verdict | None], ...] = (
    whirlpool.mix,
    whirlpool.tx0,
    wasabi.wasabi2,
    # A large JoinMarket round near 0.1 BTC passes Wasabi 1's rule too, and only it has makers who gain.
    joinmarket.judge,
    wasabi.wasabi1,
    stonewall.judge,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixes:
    """All verdicts on one chain, by transaction and class, and for each transaction what they forbid."""

    verdicts: tuple[Verdict, ...]
    no_cospend: Mask
    no_change: Mask
    payjoin: Mask


def candidates(coins: Coins) -> Codes:
    """Transactions that any detector but PayJoin's could fire on."""
    out = coins.outputs
    spendable = coins.spendable
    counted = runs(out.owner[spendable], out.value[spendable])
    repeated = np.zeros(len(coins), np.bool_)
    repeated[counted.owner[counted.count > 1]] = True
    several = total(out.first, spendable)
    equal = (coins.inputs.count >= 2) & (several >= 3) & repeated
    crowd = coins.inputs.count >= wasabi.SMALL
    sound = coins.whole & ~coins.coinbase & (coins.inputs.count > 0)
    found: Codes = np.flatnonzero(sound & (equal | crowd | _entering(coins))).astype(np.int64)
    return found


def _entering(coins: Coins) -> Mask:
    """One unspendable output, and one or more just above a pool's denomination."""
    out, margin = coins.outputs, data("whirlpool")["margin"]
    near = np.zeros(len(out.value), np.bool_)
    for pool in whirlpool.pools():
        near |= (out.value > pool.denomination) & (out.value <= pool.denomination + margin)
    once_ = total(out.first, ~coins.spendable) == 1
    found: Mask = once_ & (most(out.first, near.astype(np.int64)) > 0)
    return found


@once
def find(coins: Coins) -> Mixes:
    """Every detector on every candidate, at the default parameters."""
    found: list[Verdict] = []
    for tx in candidates(coins).tolist():
        one = look(coins, tx)
        said = [verdict for detect in DETECTORS if (verdict := detect(one)) is not None]
        plain = generic.judge(one)
        # A service's own rule says more than equal outputs do.
        if plain is not None and not said:
            said = [plain]
        found += _strongest(said)
    found = joinmarket.linked(coins, whirlpool.traced(coins, found)) + payjoin.verdicts(coins)
    found.sort(key=lambda v: (v.tx, v.label))
    return Mixes(
        verdicts=tuple(found),
        no_cospend=_marked(coins, found, {"definite", "possible"}),
        no_change=_marked(coins, found, {"definite", "possible", "entry"}),
        payjoin=_marked(coins, found, {"shape"}),
    )


def _strongest(said: list[Verdict]) -> list[Verdict]:
    """A definite round is one service's, and a Tx0 one owner's: weaker guesses say nothing beside them."""
    sure = [v for v in said if v.role in ("definite", "entry")]
    return sure[:1] or said


def _marked(coins: Coins, found: list[Verdict], roles: set[str]) -> Mask:
    mask = np.zeros(len(coins), np.bool_)
    mask[[v.tx for v in found if v.role in roles]] = True
    return mask
