"""Victim by service by amount: where the value of each ended under the case's rule."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from recover.case import Case, derived
from recover.sdk import amounts, ends
from recover.victims import settled

OTHERS, HUBS, REST = "other victims", "unlabelled hubs", "at no service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What of one victim's value reached one service in one asset, in base units, under the case's rule."""

    victim: str
    service: str
    asset: str
    amount: int


def cells(case: Case, only: Collection[str] = ()) -> list[Cell]:
    """All cells, by victim, service and asset. With `only`, all others are one line a service and asset.

    A loss that two victims claim is shown once, under "claimed by several". Raises Error where nothing was
    found yet.
    """
    owner, heads = owners(case), settled.standing(case)
    only = {heads.get(name, name) for name in only}
    sums: dict[tuple[str, str, str], int] = {}
    for row in derived.read(case, "offramps", ["service", "asset", "by_loss"]).to_pylist():
        for loss, amount in json.loads(row["by_loss"]).items():
            name = owner.get(loss, NOBODY) or SEVERAL
            name = name if not only or name in only else OTHERS
            key = (name, row["service"] or HUBS, row["asset"])
            sums[key] = sums.get(key, 0) + int(amount)
    keys = sorted(sums, key=lambda key: (key[0] == OTHERS, key))
    return [Cell(victim=v, service=s, asset=a, amount=sums[v, s, a]) for v, s, a in keys if sums[v, s, a]]


def rests(case: Case, only: Collection[str]) -> list[Cell]:
    """What of these victims' value reached no service: left where exhibits end, paid as a fee, not followed."""
    heads, owner = settled.standing(case), owners(case)
    names = {heads.get(name, name) for name in only}
    sums: dict[tuple[str, str], int] = {}
    table = ends.recorded(derived.read(case, "ends"), case.settings.rule)
    rows = table.select(["loss", "asset", "reason"]).to_pylist()
    for row, amount in zip(rows, amounts.exact(table), strict=True):
        name = owner.get(row["loss"], "")
        if name in names and row["reason"] not in ("service", "hub"):
            sums[name, row["asset"]] = sums.get((name, row["asset"]), 0) + amount
    return [Cell(victim=v, service=REST, asset=a, amount=n) for (v, a), n in sorted(sums.items()) if n]


SEVERAL, NOBODY = "claimed by several", "no victim named"


def disputed(case: Case) -> frozenset[str]:
    """The losses that more than one victim claims."""
    return frozenset(loss for loss, name in owners(case).items() if not name)


def owners(case: Case) -> dict[str, str]:
    """Loss -> the pseudonym of the person whose it is; empty where several claim it."""
    return settled.owned(settled.people(case))
