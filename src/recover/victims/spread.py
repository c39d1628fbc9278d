"""Victim by service by amount: where the value of each ended under the case's rule."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from recover.case import Case, derived
from recover.victims import known

OTHERS = "other victims"


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
    owner = _owners(case)
    sums: dict[tuple[str, str, str], int] = {}
    for row in derived.read(case, "offramps", ["service", "asset", "by_loss"]).to_pylist():
        for loss, amount in json.loads(row["by_loss"]).items():
            name = owner.get(loss, "no victim named")
            name = name if not only or name in only else OTHERS
            key = (name, row["service"] or "unlabelled hubs", row["asset"])
            sums[key] = sums.get(key, 0) + int(amount)
    keys = sorted(sums, key=lambda key: (key[0] == OTHERS, key))
    return [Cell(victim=v, service=s, asset=a, amount=sums[v, s, a]) for v, s, a in keys if sums[v, s, a]]


SEVERAL = "claimed by several"


def disputed(case: Case) -> frozenset[str]:
    """The losses that more than one victim claims."""
    return frozenset(loss for loss, name in _owners(case).items() if name == SEVERAL)


def _owners(case: Case) -> dict[str, str]:
    """Loss -> the victim whose it is, or that several claim it."""
    owner: dict[str, str] = {}
    for victim in known.every(case).values():
        for payment in victim.payments:
            if payment.loss:
                other = owner.setdefault(payment.loss, victim.id)
                owner[payment.loss] = victim.id if other == victim.id else SEVERAL
    return owner
