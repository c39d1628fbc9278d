"""What a measurement counts, and how detectors, pairs and partitions are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from benchmarks.truths.cards import tallies
from benchmarks.truths.measures import Fit, fit, rate

from recover.sdk import Card, Grade, Ledger, Scope
from recover_heuristics_utxo import recover_heuristics
from recover_heuristics_utxo.coins import read
from recover_heuristics_utxo.mixes import find
from recover_heuristics_utxo.mixes.detectors import graded
from recover_heuristics_utxo.owners import pairs


def line(card: Card) -> str:
    """A card's counts in one line. What it found, and how often it answered, are shares of what was played or
    listed, which no chance chose: they have no interval."""
    assert card.n is not None
    assert card.tp is not None
    right = "not measured" if card.fp is None else rate(card.tp, card.tp + card.fp)
    four = f"tp {card.tp}, fp {card.fp}, tn {card.tn}, fn {card.fn}"
    found = f"found {card.tp} of {card.tp + (card.fn or 0)}; answers {card.n - (card.abstain or 0)} of {card.n}"
    by = "".join(
        f"; grade {one.grade}: right {one.right} of {one.n}, unknown {one.unknown}" for one in card.grades
    )
    return f"n {card.n} ({four}); precision over all grades {right}; {found}{by}"


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


def detected(ledger: Ledger, true: set[str], population: str, truth: str, fires: Callable[[Any], bool]) -> Card:
    """A detector over a whole ledger: `fires` says of a verdict whether it counts."""
    (coins,) = read(ledger)
    ids = coins.ids.to_pylist()
    said: dict[str, Grade] = {}
    for v in find(coins).verdicts:
        if fires(v):
            said[ids[v.tx]] = min(graded(v), said.get(ids[v.tx], "E"))
    everything = {tx for tx, whole in zip(ids, coins.coinbase.tolist(), strict=True) if not whole}
    return Card(
        population=f"{population}; each transaction is one trial",
        truth=truth,
        grades=tallies((grade, tx in true) for tx, grade in said.items()),
        n=len(everything),
        fn=len(true - said.keys()),
        abstain=0,
        tn=len(everything - true - said.keys()),
    )


def of(label: str, *roles: str) -> Callable[[Any], bool]:
    return lambda v: v.label == label and (not roles or v.role in roles)


def blocking(v: Any) -> bool:
    return v.role in ("definite", "possible")
