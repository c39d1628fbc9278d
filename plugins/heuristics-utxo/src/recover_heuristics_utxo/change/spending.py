"""Change by what happens next: the transaction that spends it looks like the one that made it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recover_heuristics_utxo.change.ground import Ground
from recover_heuristics_utxo.change.rule import Rule, Terms
from recover_heuristics_utxo.coins import Coins
from recover_heuristics_utxo.segments import Codes, Mask, every, heads, total

_MN = "M. Moeser, A. Narayanan, Resurrecting Address Clustering in Bitcoin, FC 2022"
_RBF = 0xFFFFFFFE
_SORTED = 4
_SEGWIT = ("p2wpkh", "p2wsh", "p2tr")


def consumer(base: Ground, terms: Terms) -> Mask:
    """Of a two-output payment, the output that is not spent by a transaction of three or more (Nick)."""
    two = base.several == 2
    large = np.zeros(len(base.spent), np.bool_)
    there = base.spent >= 0
    large[there] = base.several[base.spent[there]] >= 3
    found: Mask = two[base.owner] & ~large
    return found


def version(coins: Coins) -> Codes:
    return coins.version


def locktime(coins: Coins) -> Codes:
    """0: none, 1: set."""
    return np.where(coins.locktime < 0, -1, np.minimum(coins.locktime, 1))


def replaceable(coins: Coins) -> Codes:
    """Whether it signals replacement (BIP 125: a sequence number below 0xfffffffe)."""
    first = coins.inputs.first
    known = every(first, coins.sequence >= 0) & (coins.inputs.count > 0)
    signals = total(first, coins.sequence < _RBF) > 0
    return np.where(known, signals.astype(np.int64), -1)


def segwit(coins: Coins) -> Codes:
    """Whether any input is of a witness type."""
    first, script = coins.inputs.first, coins.inputs.script
    known = every(first, script >= 0) & (coins.inputs.count > 0)
    native = np.isin(script, [coins.script(name) for name in _SEGWIT])
    return np.where(known, (total(first, native) > 0).astype(np.int64), -1)


def types(coins: Coins) -> Codes:
    """The set of its inputs' script types, as bits."""
    first, script = coins.inputs.first, coins.inputs.script
    known = every(first, script >= 0) & (coins.inputs.count > 0)
    bits = sum((total(first, script == code) > 0).astype(np.int64) << code for code in range(len(coins.scripts)))
    return np.where(known, bits, -1).astype(np.int64)


def order(coins: Coins) -> Codes:
    """Whether its outputs stand by rising value (BIP 69); fewer than four stand so too often by chance."""
    out = coins.outputs
    falls = np.zeros(len(out.value), np.bool_)
    falls[1:] = (out.value[1:] < out.value[:-1]) & (out.owner[1:] == out.owner[:-1])
    rising = total(out.first, falls) == 0
    return np.where(out.count >= _SORTED, rising.astype(np.int64), -1)


def counts(coins: Coins) -> Codes:
    """Its numbers of inputs and outputs."""
    return coins.inputs.count * 2**20 + coins.outputs.count


def fee(coins: Coins) -> Codes:
    """Its fee in base units."""
    into = coins.inputs
    known = every(into.first, into.value >= 0) & (into.count > 0)
    paid = total(into.first, into.value) - total(coins.outputs.first, coins.outputs.value)
    return np.where(known, paid, -1)


def fee_rate(coins: Coins) -> Codes:
    """Its fee for 1,000 virtual bytes, rounded down (BlockSci)."""
    paid = fee(coins)
    known = (paid >= 0) & (coins.vsize > 0)
    return np.where(known, paid * 1000 // np.maximum(coins.vsize, 1), -1)


def unconfirmed(coins: Coins) -> Codes:
    """Whether its first input spends an output of its own block."""
    head = heads(coins.inputs.first, coins.origin)
    there = head >= 0
    found = np.full(len(coins), -1, np.int64)
    maker = coins.outputs.owner[head[there]]
    found[there] = coins.height[maker] == coins.height[np.flatnonzero(there)]
    found[coins.height < 0] = -1
    return found


def agreeing(axis: Callable[[Coins], Codes]) -> Callable[[Ground, Terms], Mask]:
    """Outputs that are unspent, or whose spender agrees; a transaction without the mark gives no answer."""

    def find(base: Ground, terms: Terms) -> Mask:
        code = axis(base.coins)
        there = base.spent >= 0
        kept = np.ones(len(base.spent), np.bool_)
        spender, maker = code[base.spent[there]], code[base.owner[there]]
        kept[there] = (spender == maker) | (spender < 0)
        return kept & (code >= 0)[base.owner]

    return find


AXES: tuple[tuple[str, str, Callable[[Coins], Codes], bool], ...] = (
    ("version", "the same version", version, True),
    ("locktime", "a lock time set, or none, as here", locktime, True),
    ("rbf", "replacement signalled, or not, as here", replaceable, True),
    ("order", "outputs sorted by value, or not, as here", order, True),
    ("segwit", "witness inputs, or none, as here", segwit, False),
    ("types", "the same script types of inputs", types, False),
    ("counts", "as many inputs and outputs", counts, False),
    ("fee", "the same fee", fee, False),
    ("fee-rate", "the same fee rate", fee_rate, False),
    ("unconfirmed", "unconfirmed coins spent, or not, as here", unconfirmed, False),
)
"""(name, what agrees, code of each transaction or -1, whether `change` counts it: few, to count nothing twice)."""

RULES = (
    Rule(
        id="change-consumer",
        title="The other output is spent by a transaction of three or more outputs",
        family="spender",
        find=consumer,
        citation="J. Nick, Data-Driven De-Anonymization in Bitcoin, 2015",
        fails=("wallets that pay several at once",),
        dynamic=True,
        votes=False,
    ),
    *(
        Rule(
            id=f"change-{name}",
            title=f"Only one output is unspent or spent with {what}",
            family="spender",
            find=agreeing(axis),
            citation=_MN,
            fails=("two wallets of one make agree", "wallets that randomise the mark on purpose"),
            dynamic=True,
            votes=votes,
        )
        for name, what, axis, votes in AXES
    ),
)
