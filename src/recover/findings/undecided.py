"""Undecided: what exhibits leave open where traced value met it, and the answers that a person could give to each.

Three kinds. Exhibits, or lists of one exhibit, show one transaction otherwise: one of them is relied on.
Transactions spend one coin: one of them took place. An exhibit that claims a whole history lacks what another
shows: that took place, or it did not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings.contradicted import rivals
from recover.findings.material import Material, at
from recover.ledger.relied import NEVER, Relied

Tx = tuple[str, str]
"""A chain and a transaction on it."""

Answer = tuple[tuple[Tx, Relied], ...]
"""By transaction, the exhibit or list that is relied on, or `NEVER`."""

VERSION, RIVAL, HISTORY = "version", "rival", "history"

_FEW = 8
"""Of so many transactions that spend each other's coins every way to let some of them be is looked at."""

_APART = 4
"""Of so many transactions that a history lacks every way to let some of them be is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that exhibits leave open, with what each answer says of its transactions. `whole`: these are all.

    `exhibits` are those that disagree. Of a history, `silent` is the exhibit that lacks the transactions, and
    `places` the addresses, each with its chain, at which it does.
    """

    kind: str
    answers: tuple[Answer, ...]
    exhibits: tuple[int, ...]
    silent: int = 0
    places: tuple[Tx, ...] = ()
    whole: bool = True

    @property
    def txs(self) -> tuple[Tx, ...]:
        """The transactions that it is about, in order."""
        return tuple(sorted({tx for answer in self.answers for tx, _ in answer}))

    @property
    def key(self) -> tuple[str, int, Tx]:
        """What it is known by, whatever is asked beside it: those of one transaction come before histories."""
        return self.kind if self.kind == HISTORY else "", self.silent, ("", "") if self.silent else self.txs[0]


Readings = Callable[[Tx], tuple[Relied, ...]]
"""By transaction, the exhibits, or lists of one, by which a person can settle it."""


def asked(case: Case, met: Material, transfers: pa.Table, readings: Readings) -> Iterator[Question]:
    """What value met by this trace of it; `transfers` are the movements of the case where nothing is supposed."""
    against = rivals(transfers)
    seen: set[Tx] = set()
    for one in sorted(contradicted(case, met)):
        if one not in seen:
            group = _group(one, against)
            seen |= group
            made = _rival(sorted(group), against, readings) if len(group) > 1 else _version(one, readings)
            if made.answers:
                yield made
    yield from _histories(case, met)


def contradicted(case: Case, material: Material) -> set[Tx]:
    """Transactions that exhibits disagree on, at addresses to which traced value came, or of a loss."""
    return touching(case, material, lambda rows: pc.equal(rows["excluded"], "contradicted"))


def touching(case: Case, material: Material, wanted: Callable[[pa.Table], Any]) -> set[Tx]:
    """Some transactions, where they move something at an address to which traced value came, or are of a loss."""
    names = ["chain", "tx", "src", "dst", "asset", "excluded"]
    lost, homes = _lost(case)
    found = set()
    rows = derived.read(case, "transfers", names)
    for row in rows.filter(wanted(rows)).to_pylist():
        stopped = at(row["dst"] or "", row["asset"]) in material.targets
        sides = [row["src"], None if stopped else row["dst"]]
        here = (material.credits.get((side, row["asset"])) for side in sides if side)
        began = (row["chain"], row["tx"]) in lost or (row["chain"], row["dst"]) in homes
        if began or any(came is not None and came.seqs for came in here):
            found.add((row["chain"], row["tx"]))
    return found


def _lost(case: Case) -> tuple[set[Tx], set[Tx]]:
    """The transactions of losses, and the addresses at which losses are declared."""
    losses = case.settings.losses
    lost = {(loss.chain, loss.tx) for loss in losses if loss.tx}
    return lost, {(loss.chain, loss.address) for loss in losses if loss.address}


def _version(one: Tx, readings: Readings) -> Question:
    of = readings(one)
    numbers = tuple(sorted({n for n, _ in of}))
    return Question(kind=VERSION, answers=tuple(((one, each),) for each in of), exhibits=numbers)


def _group(one: Tx, against: Mapping[Tx, set[Tx]]) -> set[Tx]:
    """The transactions that are tied to it by spending each other's coins."""
    found, open_ = set[Tx](), [one]
    while open_:
        here = open_.pop()
        if here not in found:
            found.add(here)
            open_ += against.get(here, ())
    return found


def _rival(group: Sequence[Tx], against: Mapping[Tx, set[Tx]], readings: Readings) -> Question:
    shown = {one: readings(one) for one in group}
    answers = []
    for some in together(group, against):
        never = tuple((one, (NEVER, None)) for one in group if one not in some)
        kept = [one for one in group if one in some]
        for numbers in product(*(shown[one] for one in kept)):
            answers.append((*zip(kept, numbers, strict=True), *never))
    exhibits = tuple(sorted({n for of in shown.values() for n, _ in of}))
    return Question(kind=RIVAL, answers=tuple(answers), exhibits=exhibits, whole=len(group) <= _FEW)


def together(group: Sequence[Tx], against: Mapping[Tx, set[Tx]]) -> list[frozenset[Tx]]:
    """The largest sets of these of which none spends another's coin: what can have taken place together.

    Of many, one set for each: it, and in order whatever else can have been.
    """
    if len(group) > _FEW:
        made = (_extended({one}, group, against) for one in group)
        return list(dict.fromkeys(made))
    found: list[frozenset[Tx]] = []
    for number in range(1, 1 << len(group)):
        some = frozenset(one for n, one in enumerate(group) if number >> n & 1)
        if not any(against.get(one, set()) & some for one in some) and some == _extended(some, group, against):
            found.append(some)
    return sorted(found, key=sorted)


def _extended(some: Iterable[Tx], group: Sequence[Tx], against: Mapping[Tx, set[Tx]]) -> frozenset[Tx]:
    found = set(some)
    for one in group:
        if not against.get(one, set()) & found:
            found.add(one)
    return frozenset(found)


def _histories(case: Case, material: Material) -> Iterator[Question]:
    """For each exhibit that claims a whole history, whether what it lacks took place.

    What comes after all that it shows is counted only where it and the one that shows that differ before, too.
    """
    rows = derived.read(case, "differing").to_pylist()
    differ = {(*_place(row), frozenset((row["said"], row["silent"]))) for row in rows if not row["later"]}
    lacked: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        if (*_place(row), frozenset((row["said"], row["silent"]))) in differ:
            lacked.setdefault(row["silent"], []).append(row)
    lost, homes = _lost(case)
    fallen = _fallen(case, material)
    for silent, mine in sorted(lacked.items()):
        here = (
            _came(material, row) or (row["chain"], row["tx"]) in lost or (row["chain"], row["address"]) in homes
            for row in mine
        )
        if silent in fallen or any(here):
            txs = sorted({(row["chain"], row["tx"]) for row in mine})
            yield Question(
                kind=HISTORY,
                answers=_apart(txs),
                whole=len(txs) <= _APART,
                exhibits=tuple(sorted({silent, *(row["said"] for row in mine)})),
                silent=silent,
                places=tuple(sorted({(row["chain"], row["address"]) for row in mine})),
            )


def _apart(txs: Sequence[Tx]) -> tuple[Answer, ...]:
    """That all took place, that none did, and between: every way for some of them not to have, or each alone."""
    few = range(1, len(txs)) if len(txs) <= _APART else range(1, 2)
    some = (tuple((tx, (NEVER, None)) for tx in found) for count in few for found in combinations(txs, count))
    return ((), tuple((tx, (NEVER, None)) for tx in txs), *some)


def _place(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["chain"], row["address"], row["asset"]


def _came(material: Material, row: Mapping[str, Any]) -> bool:
    came = material.credits.get((row["address"], row["asset"]))
    return came is not None and bool(came.seqs)


def _fallen(case: Case, material: Material) -> set[int]:
    """The exhibits whose claims to a history are not believed where traced value came, and is not followed."""
    rows = derived.read(case, "fallen").to_pylist()
    if not rows:
        return set()
    left = material.left("uncollected")
    held = {(*at(*holding), holding[1]) for holding in left} | {(at(*h)[0], "", h[1]) for h in left}
    return {
        row["exhibit"]
        for row in rows
        if any(
            (row["chain"], row["address"] or "", asset) in held
            for asset in ([row["asset"]] if row["asset"] else {asset for *_, asset in held})
        )
    }
