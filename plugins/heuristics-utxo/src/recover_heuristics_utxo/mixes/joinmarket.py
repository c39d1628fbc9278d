"""JoinMarket and other maker-taker rounds: three published rules, and the makers' own arithmetic to be sure.

Batch payouts of equal round amounts have the same outputs. What they do not have is a maker's change: input less
the common amount plus a small gain. So a round is definite only where two rules agree and two makers fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

from recover_heuristics_utxo.coins import Coins
from recover_heuristics_utxo.mixes.shape import Shape, Verdict

GAIN = 2000
MOST = 100
# What one maker may earn at most when links are counted: wide, because too narrow a bound makes false certainties.
EARNED, EARNED_PER_MILLE = 10_000, 1
MAKERS = 2
_MARGIN = 10_000
_LINKED = (3, 4)


def judge(shape: Shape) -> Verdict | None:
    """A verdict where any of the three rules fires; `makers` decides between definite and possible."""
    if not shape.repeated or len(shape.inputs) < 2:
        return None
    tests = (("crocs-muni", crocs), ("dumplings-other", dumplings), ("graphsense-joinmarket", graphsense))
    rules = tuple(name for name, test in tests if test(shape))
    if not rules:
        return None
    value, count = shape.repeated[0]
    paid = set(shape.equal(value))
    sure = len(rules) > 1 and len(paid) == count and not shape.served and len(makers(shape, value)) >= MAKERS
    return Verdict(
        tx=shape.tx,
        label="joinmarket",
        role="definite" if sure else "possible",
        confidence=70 if sure else 49 if len(rules) > 1 else 30,
        rules=(*rules, *(("makers",) if sure else ())),
        denomination=value,
        equal=count,
        least=len(paid),
    )


def crocs(shape: Shape) -> bool:
    """One repeated value, k times; 2k or 2k - 1 outputs; no OP_RETURN; limits on size and on one script's part."""
    if len(shape.repeated) != 1 or shape.returns:
        return False
    count, inputs, outputs = shape.repeated[0][1], len(shape.inputs), len(shape.outputs)
    if count < 3 or outputs not in (2 * count, 2 * count - 1):
        return False
    if inputs > 4 * outputs or inputs > MOST or outputs > MOST:
        return False
    return all(_busiest(side) * 100 <= 34 * len(side) for side in (shape.payers, shape.payees))


def _busiest(side: tuple[int, ...]) -> int:
    return max(Counter(side).values())


def dumplings(shape: Shape) -> bool:
    """One repeated value in half of the outputs; enough scripts; no input larger than a maker's could be."""
    if len(shape.repeated) != 1 or not shape.known:
        return False
    value, count = shape.repeated[0]
    rest = shape.others(value)
    if 2 * count != len(shape.outputs) or len(set(shape.payees)) < count or len(set(shape.payers)) < count:
        return False
    return max(shape.inputs) <= value + max(rest) - _MARGIN


def graphsense(shape: Shape) -> bool:
    """n >= 3 equal outputs above dust, at least half of all, on distinct scripts, and something left over."""
    value, count = shape.repeated[0]
    inputs, outputs = len(shape.inputs), len(shape.outputs)
    if value <= 2730 or count < 3 or 2 * count < outputs or count > len(set(shape.payers)):
        return False
    if len(set(shape.payees)) != outputs or outputs == count:
        return False
    return inputs < 50 or (inputs <= 20 * count and 10 * outputs >= 17 * count)


def makers(shape: Shape, value: int) -> tuple[tuple[int, int], ...]:
    """(payer, change) of the makers that fit uniquely: 0 < value + change - input <= 2,000 base units.

    Inputs of one address are one; the inputs of a maker that used two addresses are tried in pairs.
    """
    if not shape.known:
        return ()
    held: dict[int, int] = {}
    for payer, amount in zip(shape.payers, shape.inputs, strict=True):
        held[payer] = held.get(payer, 0) + amount
    rest = shape.others(value)
    sets: list[tuple[int, ...]] = [(payer,) for payer in held]
    if len(held) <= MOST // 4:
        sets += list(combinations(held, 2))
    fits = [
        (members, n)
        for members in sets
        for n, change in enumerate(rest)
        if 0 < value + change - sum(held[p] for p in members) <= GAIN
    ]
    by_change = Counter(n for _, n in fits)
    by_payer = Counter(payer for members, _ in fits for payer in members)
    sure = [(m, n) for m, n in fits if by_change[n] == 1 and all(by_payer[p] == 1 for p in m)]
    return tuple((members[0], rest[n]) for members, n in sure)


def linked(coins: Coins, found: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts, the crocs-muni rule taken from rounds of 3 or 4 that no other round is next to.

    Repeated until nothing changes, as its authors do: a round keeps others only while it stands itself.
    """
    listed = list(found)
    standing = {v.tx for v in listed if "crocs-muni" in v.rules}
    weak = {v.tx for v in listed if v.tx in standing and v.equal in _LINKED}
    near = {tx: neighbours(coins, tx) for tx in sorted(weak)}
    while True:
        lonely = {tx for tx in weak & standing if not near[tx] & standing}
        if not lonely:
            break
        standing -= lonely
    return [w for v in listed if (w := _without(v, v.tx in standing)) is not None]


def neighbours(coins: Coins, tx: int) -> set[int]:
    """The transactions that `tx` spends from, and those that spend from it."""
    into, out = coins.inputs.first, coins.outputs.first
    origins = coins.origin[int(into[tx]) : int(into[tx + 1])]
    spenders = coins.spender[int(out[tx]) : int(out[tx + 1])]
    found = set(coins.outputs.owner[origins[origins >= 0]].tolist())
    found |= set(coins.inputs.owner[spenders[spenders >= 0]].tolist())
    return found - {tx}


def _without(verdict: Verdict, standing: bool) -> Verdict | None:
    """A lonely round keeps what the other rules say, and is no more than possible on its own shape alone."""
    if verdict.label != "joinmarket" or standing or "crocs-muni" not in verdict.rules:
        return verdict
    rules = tuple(rule for rule in verdict.rules if rule != "crocs-muni")
    left = [rule for rule in rules if rule != "makers"]
    if not left:
        return replace(verdict, role="possible", confidence=20, rules=("crocs-muni-unlinked",))
    if len(left) > 1:
        return replace(verdict, rules=rules)
    return replace(verdict, role="possible", confidence=30, rules=tuple(left))
