"""What a measurement counts, and how detectors, pairs and partitions are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from benchmarks.truths.measures import Fit, fit, rate

from recover.sdk import Ledger, Scope
from recover_heuristics_utxo import recover_heuristics
from recover_heuristics_utxo.coins import read
from recover_heuristics_utxo.mixes import find
from recover_heuristics_utxo.owners import pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a card holds: see `recover.sdk.Card`."""

    population: str
    truth: str
    n: int
    tp: int
    fp: int | None
    fn: int
    abstain: int
    tn: int | None = None

    @property
    def line(self) -> str:
        said = self.n - self.abstain
        right = "not measured" if self.fp is None else rate(self.tp, self.tp + self.fp)
        true = rate(self.tp, self.tp + self.fn)
        four = f"tp {self.tp}, fp {self.fp}, tn {self.tn}, fn {self.fn}"
        return f"n {self.n} ({four}); precision {right}; recall {true}; answers {rate(said, self.n)}"


def asserted(ledger: Ledger, heuristic: Any) -> list[dict[str, Any]]:
    batches = heuristic.assertions(ledger, Scope())
    return [row for batch in batches for row in batch.tables()["assertions"].to_pylist()]


def stars(coins: Any, guarded: bool) -> Iterator[tuple[str, str]]:
    """Pairs by the rule, or by the bare rule without any guard."""
    if guarded:
        found = pairs(coins)
        yield from zip(names(coins, found.one), names(coins, found.other), strict=True)
        return
    for tx in np.flatnonzero(~coins.coinbase).tolist():
        held = coins.inputs.address[coins.inputs.first[tx] : coins.inputs.first[tx + 1]]
        held = np.unique(held[held >= 0])
        head = coins.inputs.address[coins.inputs.first[tx]]
        for other in held[held != head].tolist() if len(held) > 1 else ():
            low, high = sorted((int(head), int(other)))
            yield str(coins.names[low].as_py()), str(coins.names[high].as_py())


def names(coins: Any, codes: Any) -> list[str]:
    return [str(name) for name in coins.names.take(pa.array(codes)).to_pylist()]


def partition(edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Connected components, each named by its smallest member."""
    parent: dict[str, str] = {}

    def root(item: str) -> str:
        parent.setdefault(item, item)
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for a, b in edges:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    return {item: root(item) for item in sorted(parent)}


def entities(name: str, ledger: Ledger, owners: Mapping[str, str], mixes: set[str]) -> Iterator[tuple[str, Fit]]:
    """Partitions against owners: common inputs with and without guards, then with each change rule on top."""
    (coins,) = read(ledger)
    truth = {a: o for a, o in owners.items() if a in set(coins.names.to_pylist())}
    bare, guarded = list(stars(coins, guarded=False)), list(stars(coins, guarded=True))
    inside = {pair for pair in bare if pair not in set(guarded)}
    yield f"{name}: common-input, no guard", fit(truth, partition(bare))
    plain = fit(truth, partition(guarded))
    yield f"{name}: common-input", plain
    same = []
    for heuristic in recover_heuristics():
        if "change" in heuristic.info.asserts:
            edges = [(r["address"], r["other"]) for r in asserted(ledger, heuristic)]
            found = fit(truth, partition([*guarded, *edges]))
            if found == plain:
                same.append(heuristic.info.id)
            else:
                yield f"{name}: common-input + {heuristic.info.id}", found
    print(f"{name}: no different with {', '.join(same) or 'none'}")
    assert not mixes or inside, "the guards left every pair, although there are mixes"


def detected(ledger: Ledger, true: set[str], population: str, truth: str, fires: Callable[[Any], bool]) -> Counts:
    """A detector over a whole ledger: `fires` says of a verdict whether it counts."""
    (coins,) = read(ledger)
    ids = coins.ids.to_pylist()
    said = {ids[v.tx] for v in find(coins).verdicts if fires(v)}
    everything = {tx for tx, whole in zip(ids, coins.coinbase.tolist(), strict=True) if not whole}
    return Counts(
        population=population,
        truth=truth,
        n=len(everything),
        tp=len(said & true),
        fp=len(said - true),
        fn=len(true - said),
        abstain=0,
        tn=len(everything - true - said),
    )


def of(label: str, *roles: str) -> Callable[[Any], bool]:
    return lambda v: v.label == label and (not roles or v.role in roles)


def blocking(v: Any) -> bool:
    return v.role in ("definite", "possible")
