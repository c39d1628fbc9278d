"""Versions: what reaches services if a person settled for what one exhibit shows, and for what another does.

Exhibits that disagree on a transaction leave it unfollowed. Each choice that a person could make of them is
traced, so that a reader sees how far a figure hangs on it. The choice stays a person's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pyarrow.compute as pc

from recover.case import Case, derived, looked
from recover.findings.evidence import Row
from recover.findings.material import Material, at
from recover.ledger import parts
from recover.plugins.registry import Plugins
from recover.sdk.values import TxId
from recover.stages.supposed import Sums, sums, work

MOST = 16
"""At most so many choices are traced: all combinations, or each exhibit's version of each transaction alone."""

WORK = 1_000_000
"""Fewer of a large ledger: movements times choices stay below this, so that a run ends."""

Choice = Mapping[tuple[str, str], int]
"""By chain and transaction, the exhibit that is relied on."""


def rows(case: Case, plugins: Plugins, material: Material) -> Iterator[Row]:
    """One finding for each asset and service that any version gives something, or the figures here do."""
    base, found, known = sums(material), {}, dict[tuple[str, str], tuple[int, ...]]()
    wanted, whole = _met(case, material), True
    most = min(MOST, WORK // max(1, material.transfers.num_rows))
    while wanted - set(known):
        known |= {one: _shown(case, plugins, one) for one in sorted(wanted - set(known))}
        choices, whole = _choices(known, most)
        for choice in (one for one in choices if _key(one) not in found):
            look = looked.at(case)
            bodies = [{"chain": c, "tx": tx, "exhibit": n, "reason": ""} for (c, tx), n in choice.items()]
            looked.suppose(look, "decision", bodies)
            made = work(look, plugins)
            found[_key(choice)] = None if made is None else sums(made)
            # By one version value can come to where exhibits disagree again.
            wanted |= set() if made is None else _met(look, made)
        found = {key: told for key, told in found.items() if key in {_key(one) for one in choices}}
    told = [one for one in found.values() if one is not None]
    yield from _findings(base, told, known, whole and len(told) > 0)


def _findings(
    base: Sums, told: Sequence[Sums], known: Mapping[tuple[str, str], Sequence[int]], whole: bool
) -> Iterator[Row]:
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


def _choices(known: Mapping[tuple[str, str], Sequence[int]], most: int) -> tuple[list[Choice], bool]:
    """Every combination, where these are few enough; else each version of each transaction, the others left."""
    every = [dict(zip(known, numbers, strict=True)) for numbers in _few(product(*known.values()), most)]
    if len(every) <= most:
        return list(every), True
    alone = [{one: number} for one, numbers in known.items() for number in numbers]
    return list(alone[:most]), False


def _few(found: Iterator[tuple[int, ...]], most: int) -> Iterator[tuple[int, ...]]:
    yield from (one for _, one in zip(range(most + 1), found, strict=False))


def _key(choice: Choice) -> tuple[tuple[tuple[str, str], int], ...]:
    return tuple(sorted(choice.items()))


def _shown(case: Case, plugins: Plugins, one: tuple[str, str]) -> tuple[int, ...]:
    return tuple(sorted(parts.showing(case, plugins, TxId(chain=one[0], text=one[1]))))


def _met(case: Case, material: Material) -> set[tuple[str, str]]:
    """Transactions that exhibits disagree on, at addresses to which traced value came, or of a loss."""
    names = ["chain", "tx", "src", "dst", "asset", "excluded"]
    moved = derived.read(case, "transfers", names)
    moved = moved.filter(pc.fill_null(pc.equal(moved.column("excluded"), "contradicted"), False))
    lost = {(loss.chain, loss.tx) for loss in case.settings.losses if loss.tx}
    found = set()
    for row in moved.to_pylist():
        sides = [row["src"], row["dst"] if at(row["dst"] or "", row["asset"]) not in material.targets else None]
        here = (material.credits.get((side, row["asset"])) for side in sides if side)
        if (row["chain"], row["tx"]) in lost or any(came is not None and came.seqs for came in here):
            found.add((row["chain"], row["tx"]))
    return found
