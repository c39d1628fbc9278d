"""Versioned: transactions that exhibits disagree on, how each can be settled, and what that comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.case.journal import Entry
from recover.findings.evidence import Row, Slots
from recover.findings.material import Material, at

Tx = tuple[str, str]
"""A chain and a transaction on it."""

Choice = Mapping[Tx, int]
"""By transaction, the exhibit that is relied on."""

Sums = Mapping[tuple[str, str], int]
"""By asset and service ("" for hubs that nobody names), what reached it under the declared rule."""


def rows(base: Sums, told: Sequence[Sums], known: Mapping[Tx, Sequence[int]], whole: bool) -> Iterator[Row]:
    """One finding for each asset and service that any version gives something else than the figures here do."""
    exhibits = tuple(sorted({number for shown in known.values() for number in shown}))
    for asset, service in sorted({key for one in told for key in one} | (set(base) if told else set())):
        values = [one.get((asset, service), 0) for one in told]
        amount = base.get((asset, service), 0)
        if {*values, amount} == {amount}:
            continue  # none of the versions moves it
        yield (
            "by-version",
            service or asset,
            "",
            {
                "asset": asset,
                "service": service,
                "least": min(values),
                "most": max(values),
                "amount": amount,
                "runs": len(values),
                "tried": "all" if whole else "some",
                "transactions": tuple(sorted(tx for _, tx in known)),
            },
            exhibits,
        )


def instead(here: Sums, there: Sums, about: Slots, exhibit: int) -> Iterator[Row]:
    """One finding for each asset and service that gets something else where another exhibit is relied on."""
    for asset, service in sorted({*here, *there}):
        amount, otherwise = here.get((asset, service), 0), there.get((asset, service), 0)
        if amount != otherwise:
            figures: Slots = {"asset": asset, "service": service, "otherwise": otherwise, "amount": amount}
            yield "settled-otherwise", service or asset, "", {**about, **figures}, (exhibit,)


def choices(known: Mapping[Tx, Sequence[int]], most: int) -> tuple[list[Choice], bool]:
    """Every combination, where these are few enough; else each version of each transaction, the others left."""
    every = [dict(zip(known, numbers, strict=True)) for numbers in _few(product(*known.values()), most)]
    if len(every) <= most:
        return list(every), True
    alone = [{one: number} for one, numbers in known.items() for number in numbers]
    return list(alone[:most]), False


def _few(found: Iterator[tuple[int, ...]], most: int) -> Iterator[tuple[int, ...]]:
    yield from (one for _, one in zip(range(most + 1), found, strict=False))


def key(choice: Choice) -> tuple[tuple[Tx, int], ...]:
    return tuple(sorted(choice.items()))


def met(case: Case, material: Material) -> set[Tx]:
    """Transactions that exhibits disagree on, at addresses to which traced value came, or of a loss."""
    return _touching(case, material, lambda rows: pc.equal(rows["excluded"], "contradicted"))


def settled(case: Case, material: Material) -> Iterator[tuple[Entry, Tx]]:
    """Those on which a person relied on one exhibit, each with the last entry that says so."""
    said = {
        (str(e.body.get("chain")), e.body["tx"]): e
        for e in case.entries
        if e.kind == "decision" and "tx" in e.body
    }
    named = pa.array(sorted({tx for _, tx in said}), pa.string())
    here = _touching(case, material, lambda rows: pc.is_in(rows["tx"], value_set=named)) if said else set()
    yield from ((said[one], one) for one in sorted(here) if one in said)


def _touching(case: Case, material: Material, wanted: Callable[[pa.Table], Any]) -> set[Tx]:
    names = ["chain", "tx", "src", "dst", "asset", "excluded"]
    lost = {(loss.chain, loss.tx) for loss in case.settings.losses if loss.tx}
    found = set()
    rows = derived.read(case, "transfers", names)
    for row in rows.filter(wanted(rows)).to_pylist():
        sides = [row["src"], row["dst"] if at(row["dst"] or "", row["asset"]) not in material.targets else None]
        here = (material.credits.get((side, row["asset"])) for side in sides if side)
        if (row["chain"], row["tx"]) in lost or any(came is not None and came.seqs for came in here):
            found.add((row["chain"], row["tx"]))
    return found
