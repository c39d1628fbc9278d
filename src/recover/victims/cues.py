"""Cues on the chain that somebody may have been forced to offend: screen before treating as suspect.

Many receivers of one payer alone, paid alike again and again, as wages are, can be people who are held to work
(ILO's indicators, and what was seen at scam centres). It is a cue and no more: mules, affiliates and customers are
paid so too, and nobody has counted how often it is right. What else is said of such places, a ransom paid by a
family or pay set off against a debt, no chain shows apart from other payments, and is not looked for.

Nothing here is a status: that is a trained person's entry, sealed (`screening`). It is for the court and the lead
agency alone: it stands in no paper, list or feed, and such an address is in none of those either until a trained
person has lifted the cue by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.victims import known

PAID = 8
"""So many receivers alike of one payer, each paid again and again by nobody else, can be people who are paid."""

ALIKE = 4
"""Payments of such receivers are within this factor of each other."""

TIMES = 3
"""Of so many payments on it can be said whether they come at regular times."""

RHYTHM = (timedelta(days=5), timedelta(days=45))
"""A week's to a month's wage, with a few days of delay."""

_EARLY, _LATE = 2, 3
"""Payments are regular where no gap is under half of the usual one, or three times it: a payday can be missed."""

_SMALL = 50
"""Wages are small to who pays them: none is more than one part in so many of all that the payer paid out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One receiver of such payments. `near` are the receivers alike, itself included; amounts in base units.

    `regular`: small, and at regular times. `back` counts what it paid back to its payer, as who owes a debt does.
    """

    chain: str
    address: str
    payer: str
    asset: str
    payments: int
    near: int
    usual: int
    regular: bool
    first: datetime | None
    last: datetime | None
    back: int = 0

    @property
    def place(self) -> str:
        """Chain and address (CAIP-10)."""
        return f"{self.chain}:{self.address}"


def found(case: Case) -> list[Cue]:
    """Every cue, by payer and receiver. Raises Error where nothing was decoded yet."""
    table = _moved(case)
    paid = _alone(table)
    groups: dict[tuple[str, str, str], list[tuple[str, list[_Paid]]]] = {}
    for (chain, asset, dst), payments in paid.items():
        groups.setdefault((chain, asset, payments[0].src), []).append((dst, payments))
    groups = {key: people for key, people in groups.items() if len(people) >= PAID}
    gave = _sums(table, {payer for _, _, payer in groups})
    return [
        _cue(chain, asset, payer, dst, payments, near, gave, table)
        for (chain, asset, payer), people in sorted(groups.items())
        for dst, payments, near in _near(people)
    ]


def standing(case: Case) -> list[Cue]:
    """The regular ones that no trained person has lifted: no letter and no list of the seizure names these."""
    if case.files.size("derived/ledger/transfers.parquet") is None:
        return []
    gone = lifted(case)
    return [one for one in found(case) if one.regular and one.place not in gone]


def table(case: Case) -> pa.Table:
    """The places of `standing`, as papers ask for them: chain and address."""
    places = sorted({(one.chain, one.address) for one in standing(case)})
    columns = zip(*places, strict=True) if places else ((), ())
    return pa.table([pa.array(column, pa.string()) for column in columns], ["chain", "address"])


def lifted(case: Case) -> Mapping[str, str]:
    """Place -> who lifted its cue, and why."""
    found_: dict[str, str] = {}
    for entry in case.entries:
        if entry.kind == known.KIND and entry.body["act"] in ("lift", "hold"):
            found_.pop(entry.body["id"], None)
            if entry.body["act"] == "lift":
                found_[entry.body["id"]] = f"{entry.body['by']}, {entry.time:%Y-%m-%d}: {entry.body['reason']}"
    return found_


def lift(case: Case, place: str, *, by: str, reason: str, trained: bool, back: bool = False) -> None:
    """Journal that a trained person screened and lets an address be named, or takes that `back`.

    Nothing is said of what was found: that is sealed. Raises Error without training, name and reason, and where
    there is no such cue.
    """
    if not by.strip() or not reason.strip() or not trained:
        raise Error(
            "screening-untrained",
            "A cue is lifted by a person who is trained to screen.",
            "It needs that person's name and a reason; the reason tells nothing of the person who was screened.",
            "Say --by, --reason and --trained.",
        )
    stands, gone = {one.place for one in standing(case)}, lifted(case)
    if place not in (gone if back else stands):
        raise Error(
            "no-cue",
            f"There is no cue at {place} that {'was lifted' if back else 'stands'}.",
            f"Of such there are {len(gone if back else stands)}.",
            "`recover victim cues CASE` lists them.",
        )
    body = {"act": "hold" if back else "lift", "id": place, "by": by.strip(), "reason": reason.strip()}
    case.note(known.KIND, body)


@dataclass(frozen=True, slots=True)
class _Paid:
    src: str
    amount: int
    time: datetime | None


_Alone = dict[tuple[str, str, str], list[_Paid]]


def _moved(case: Case) -> pa.Table:
    """What one address paid another, fees and what is left out apart."""
    names = ["chain", "kind", "src", "dst", "asset", "amount", "wide", "excluded", "time"]
    moved = derived.read(case, "transfers", names)
    apart = pc.and_(pc.not_equal(moved["src"], moved["dst"]), pc.not_equal(moved["kind"], "fee"))
    return moved.filter(pc.and_(pc.fill_null(apart, False), pc.is_null(moved["excluded"])))


def _alone(moved: pa.Table) -> _Alone:
    """Every receiver whom one payer alone paid, more than once."""
    keys = ["chain", "asset", "dst"]
    counts = moved.group_by(keys, use_threads=False).aggregate([("src", "count"), ("src", "count_distinct")])
    one = pc.and_(pc.greater(counts["src_count"], 1), pc.equal(counts["src_count_distinct"], 1))
    wanted = {tuple(row.values()) for row in counts.filter(one).select(keys).to_pylist()}
    part = moved.filter(
        pc.is_in(moved["dst"], value_set=pa.array(sorted({dst for *_, dst in wanted}), pa.string()))
    )
    paid: _Alone = {}
    cells = (part.column(name).to_pylist() for name in ("chain", "asset", "dst", "src", "time"))
    for chain, asset, dst, src, time, amount in zip(*cells, amounts.exact(part), strict=True):
        if (chain, asset, dst) in wanted and amount:
            paid.setdefault((chain, asset, dst), []).append(_Paid(src, amount, time))
    return {key: payments for key, payments in paid.items() if len(payments) > 1}


def _sums(moved: pa.Table, payers: Iterable[str]) -> dict[tuple[str, str, str], int]:
    part = moved.filter(pc.is_in(moved["src"], value_set=pa.array(sorted(payers), pa.string())))
    sums: dict[tuple[str, str, str], int] = {}
    cells = (part.column(name).to_pylist() for name in ("chain", "asset", "src"))
    for *key, amount in zip(*cells, amounts.exact(part), strict=True):
        chain, asset, src = key
        sums[chain, asset, src] = sums.get((chain, asset, src), 0) + amount
    return sums


def _usual(payments: Sequence[_Paid]) -> int:
    return sorted(one.amount for one in payments)[len(payments) // 2]


def _near(people: Sequence[tuple[str, list[_Paid]]]) -> Iterator[tuple[str, list[_Paid], int]]:
    """Those with enough others alike, and how many these are, by name."""
    usual = {dst: _usual(payments) for dst, payments in people}
    for dst, payments in sorted(people, key=lambda one: one[0]):
        mine = usual[dst]
        near = sum(mine <= other * ALIKE and other <= mine * ALIKE for other in usual.values())
        if near >= PAID:
            yield dst, payments, near


def _cue(
    chain: str,
    asset: str,
    payer: str,
    dst: str,
    payments: list[_Paid],
    near: int,
    gave: Mapping[tuple[str, str, str], int],
    moved: pa.Table,
) -> Cue:
    times = sorted(one.time for one in payments if one.time is not None)
    most = max(one.amount for one in payments)
    returned = pc.and_(pc.equal(moved["src"], dst), pc.equal(moved["dst"], payer))
    return Cue(
        chain=chain,
        address=dst,
        payer=payer,
        asset=asset,
        payments=len(payments),
        near=near,
        usual=_usual(payments),
        regular=_regular(times) and most * _SMALL <= gave[chain, asset, payer],
        first=times[0] if times else None,
        last=times[-1] if times else None,
        back=pc.sum(pc.fill_null(returned, False)).as_py() or 0,
    )


def _regular(times: Sequence[datetime]) -> bool:
    if len(times) < TIMES:
        return False
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    usual = gaps[len(gaps) // 2]
    return RHYTHM[0] <= usual <= RHYTHM[1] and usual / _EARLY <= gaps[0] and gaps[-1] <= usual * _LATE
