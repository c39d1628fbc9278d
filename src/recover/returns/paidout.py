"""What was handed over out of custody, held against what distributions ordered: ordered is not paid."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from recover.allocation import distributed
from recover.case import Case
from recover.recognise.assets import Units, told
from recover.seizure import keeping
from recover.victims import settled


def units(case: Case, asset: str) -> dict[str, int]:
    """Units of an asset that were handed over, by receiver; a victim by the pseudonym of the person."""
    return _sums(case, [(e.asset, str(e.body.get("to", "")), e.units) for e in _events(case)]).get(asset, {})


def beyond(case: Case, known: Units, only: Collection[str] = ()) -> Iterator[str]:
    """One sentence for each victim or claimant to whom more was handed over than distributions ordered; with
    `only`, for these alone."""
    handed = _sums(case, [(e.asset, str(e.body.get("to", "")), e.units) for e in _events(case)])
    ordered = _sums(case, [(d.asset, w, n) for d in distributed.standing(case) for w, n in d.paid.items()])
    persons = {*settled.standing(case), *(name for line in ordered.values() for name in line)}
    for asset, line in handed.items():
        for name, amount in line.items():
            due = ordered.get(asset, {}).get(name, 0)
            if name in persons and amount > due and (not only or name in only):
                had, may = told(asset, amount, known), told(asset, due, known) if due else "nothing"
                yield f"{name} was handed over {had}, and distributions ordered {may}."


def _events(case: Case) -> list[keeping.Event]:
    return [event for event in keeping.every(case) if event.act == "hand-over" and event.units]


def _sums(case: Case, rows: list[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    heads, found = settled.standing(case), dict[str, dict[str, int]]()
    for asset, name, amount in rows:
        line, who = found.setdefault(asset, {}), heads.get(name.strip(), name.strip())
        line[who] = line.get(who, 0) + amount
    return found
