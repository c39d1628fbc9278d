"""Whirlpool: mixes of one pool's denomination, the Tx0 that enters a pool, and the lineage between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from recover_heuristics_utxo.coins import Coins
from recover_heuristics_utxo.mixes.shape import Shape, Verdict, data

SIZES = range(5, 9)
ENTRANTS = range(1, 5)
PREMIX = range(1, 71)
PROVEN = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A pool: denomination and coordinator's fee in base units, and its first mixes."""

    denomination: int
    fee: int
    genesis: frozenset[str]


@lru_cache(maxsize=1)
def pools() -> tuple[Pool, ...]:
    """The pools of the data file."""
    listed = data("whirlpool")["pool"]
    return tuple(
        Pool(denomination=p["denomination"], fee=p["fee"], genesis=frozenset(p["genesis"])) for p in listed
    )


def mix(shape: Shape) -> Verdict | None:
    """As many inputs as outputs, 5 to 8, every output the denomination, 1 to 4 inputs above it by the margin."""
    size = len(shape.outputs)
    if size not in SIZES or len(shape.inputs) != size or shape.returns or not shape.known:
        return None
    value = shape.outputs[0]
    if value not in {p.denomination for p in pools()} or set(shape.outputs) != {value}:
        return None
    margin = data("whirlpool")["margin"]
    above = sum(1 for amount in shape.inputs if amount > value)
    if above not in ENTRANTS or not all(value <= amount <= value + margin for amount in shape.inputs):
        return None
    if len(set(shape.payees)) != size or len(set(shape.payers)) != size:
        return None
    return Verdict(
        tx=shape.tx,
        label="whirlpool_mix",
        role="definite",
        confidence=60,
        rules=("whirlpool-shape",),
        denomination=value,
        equal=size,
        least=size,
    )


def tx0(shape: Shape) -> Verdict | None:
    """One OP_RETURN, 1 to 70 premix coins of one value just above a denomination, one fee output, little else."""
    if shape.returns != 1 or len(shape.outputs) < 2:
        return None
    fitting = [found for pool in pools() if pool.fee and (found := _premix(shape, pool)) is not None]
    if not fitting:
        return None
    count, pool = max(fitting, key=lambda item: (item[0], item[1].denomination))
    return Verdict(
        tx=shape.tx,
        label="whirlpool_tx0",
        role="entry",
        confidence=60,
        rules=("graphsense-tx0",),
        denomination=pool.denomination,
        equal=count,
        least=1,
    )


def _premix(shape: Shape, pool: Pool) -> tuple[int, Pool] | None:
    margin = data("whirlpool")["margin"]
    near = [v for v in shape.outputs if pool.denomination < v <= pool.denomination + margin]
    if not near:
        return None
    value = max(set(near), key=lambda v: (near.count(v), v))
    count = near.count(value)
    fees = [v for v in shape.outputs if v != value and pool.fee <= 2 * v and v <= 3 * pool.fee]
    if count not in PREMIX or count < len(shape.outputs) - 2 or len(fees) != 1:
        return None
    return count, pool


def traced(coins: Coins, found: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts, with each mix's lineage: how many inputs come from a mix of its pool, or from a Tx0 into it.

    A mix has its lineage proven when all do, or when it is one of the pool's first.
    """
    listed = list(found)
    pool = {v.tx: v.denomination for v in listed if v.label in ("whirlpool_mix", "whirlpool_tx0")}
    first = {(p.denomination, tx) for p in pools() for tx in p.genesis}
    return [_traced(coins, v, pool, first) if v.label == "whirlpool_mix" else v for v in listed]


def _traced(coins: Coins, verdict: Verdict, pool: Mapping[int, int], first: set[tuple[int, str]]) -> Verdict:
    into = coins.inputs.first
    origins = coins.origin[int(into[verdict.tx]) : int(into[verdict.tx + 1])].tolist()
    sources = [int(coins.outputs.owner[o]) for o in origins if o >= 0]
    shown = sum(1 for tx in sources if pool.get(tx) == verdict.denomination)
    genesis = (verdict.denomination, coins.ids[verdict.tx].as_py()) in first
    if genesis or shown == len(origins):
        rules = (*verdict.rules, "genesis" if genesis else "lineage")
        return replace(verdict, confidence=PROVEN, rules=rules, shown=shown, coming=len(origins))
    return replace(verdict, shown=shown, coming=len(origins))
