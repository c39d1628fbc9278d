"""Cues on the chain that somebody may have been forced to offend: screen before treating as suspect.

Many receivers of one payer alone, paid alike again and again, as wages are, can be people who are held to work
(ILO's indicators, and what was seen at scam centres). It is a cue and no more: mules, affiliates and customers are
paid so too, and nobody has counted how often it is right. What else is said of such places, a ransom paid by a
family or pay set off against a debt, no chain shows apart from other payments, and is not looked for.

Nothing here is a status: that is a trained person's entry, sealed (`screening`). It is for the court and the lead
agency alone: it stands in no paper, list or feed, and such an address is in none of those either until a trained
person has lifted the cue by name. What a declared loss was paid to, and what a label names as a service's own, is
never kept from a freeze by a cue (`spared`); no feed names it all the same.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.victims import known, spared

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
    `spared` is why it is kept out of no letter all the same, empty where nothing speaks for that.
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
    spared: str = ""

    @property
    def place(self) -> str:
        """Chain and address (CAIP-10)."""
        return f"{self.chain}:{self.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An address that no letter and no list names. `payer` is who paid it: of an own cue who pays alike, else the
    held address that alone paid it, whose own account it is taken for (`along`)."""

    chain: str
    address: str
    payer: str
    along: bool = False

    @property
    def place(self) -> str:
        """Chain and address (CAIP-10)."""
        return f"{self.chain}:{self.address}"


def found(case: Case) -> list[Cue]:
    """Every cue, by payer and receiver. Raises Error where nothing was decoded yet."""
    return _found(case, _moved(case))


def held(case: Case) -> list[Held]:
    """The addresses of regular cues, neither spared nor lifted by a trained person, then what goes with them.

    What one held address alone paid is its own account until somebody looked; what several paid is where it is
    collected, and stays. None before anything was decoded.
    """
    if not derived.here(case, "derived/ledger/transfers.parquet"):
        return []
    moved, gone = _moved(case), lifted(case)
    own = {
        (one.chain, one.address): Held(chain=one.chain, address=one.address, payer=one.payer)
        for one in _found(case, moved)
        if one.regular and not one.spared and one.place not in gone
    }
    return [*own.values(), *_along(case, moved, own)] if own else []


def standing(case: Case) -> frozenset[str]:
    """The places (CAIP-10) of `held`: no letter and no list of the seizure names these."""
    return frozenset(one.place for one in held(case))


def table(case: Case) -> pa.Table:
    """The places of `held`, as papers ask for them: chain and address."""
    places = sorted({(one.chain, one.address) for one in held(case)})
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
    stands, gone = {one.place for one in held(case) if not one.along}, lifted(case)
    if place not in (gone if back else stands):
        raise Error(
            "no-cue",
            f"There is no cue at {place} that {'was lifted' if back else 'stands'}.",
            f"Of such there are {len(gone if back else stands)}.",
            "`recover victim cues CASE` lists them.",
        )
    body = {"act": "hold" if back else "lift", "id": place, "by": by.strip(), "reason": reason.strip()}
    case.note(known.KIND, body)


def _found(case: Case, moved: pa.Table) -> list[Cue]:
    paid = _alone(moved)
    groups: dict[tuple[str, str, str], list[tuple[str, list[_Paid]]]] = {}
    for (chain, asset, dst), payments in paid.items():
        groups.setdefault((chain, asset, payments[0].src), []).append((dst, payments))
    groups = {key: people for key, people in groups.items() if len(people) >= PAID}
    if not groups:
        return []
    gave, back = _sums(moved, {payer for _, _, payer in groups}), _back(moved, groups)
    free = spared.of(case)
    return [
        _cue(key, dst, payments, near, gave[key], back.get((key[0], dst, key[2]), 0), free)
        for key, people in sorted(groups.items())
        for dst, payments, near in _near(people)
    ]


def _along(case: Case, moved: pa.Table, own: Mapping[tuple[str, str], Held]) -> list[Held]:
    """What one held address alone ever paid, and what that alone paid in turn; nothing that is spared."""
    free, all_, new = spared.of(case).places, dict(own), list(own)
    while new:
        known_ = pa.array(sorted({address for _, address in new}), pa.string())
        paid = moved.filter(pc.is_in(moved["src"], value_set=known_)).select(["chain", "dst"])
        receivers = {tuple(row.values()) for row in paid.group_by(["chain", "dst"]).aggregate([]).to_pylist()}
        wanted = pa.array(sorted({dst for _, dst in receivers}), pa.string())
        into = moved.filter(pc.is_in(moved["dst"], value_set=wanted)).group_by(["chain", "dst"], use_threads=False)
        payers = into.aggregate([("src", "distinct")]).to_pylist()
        new = []
        for row in sorted(payers, key=lambda row: (row["chain"], row["dst"])):
            place, (payer, *more) = (row["chain"], row["dst"]), row["src_distinct"]
            if not more and (row["chain"], payer) in all_ and place not in all_ and place not in free:
                all_[place] = Held(chain=row["chain"], address=row["dst"], payer=payer, along=True)
                new.append(place)
    return [one for place, one in all_.items() if place not in own]


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


def _back(moved: pa.Table, groups: Mapping[tuple[str, str, str], object]) -> dict[tuple[str, str, str], int]:
    """By chain, who paid and to whom: payments to the payers of these groups."""
    there = pc.is_in(moved["dst"], value_set=pa.array(sorted({payer for *_, payer in groups}), pa.string()))
    sums = moved.filter(there).group_by(["chain", "src", "dst"]).aggregate([([], "count_all")]).to_pylist()
    return {(row["chain"], row["src"], row["dst"]): row["count_all"] for row in sums}


def _near(people: Sequence[tuple[str, list[_Paid]]]) -> Iterator[tuple[str, list[_Paid], int]]:
    """Those with enough others alike, and how many these are, by name."""
    usual = {dst: _usual(payments) for dst, payments in people}
    sums = sorted(usual.values())
    for dst, payments in sorted(people, key=lambda one: one[0]):
        mine = usual[dst]
        near = bisect_right(sums, mine * ALIKE) - bisect_left(sums, -(-mine // ALIKE))
        if near >= PAID:
            yield dst, payments, near


def _cue(
    key: tuple[str, str, str],
    dst: str,
    payments: list[_Paid],
    near: int,
    gave: int,
    back: int,
    free: spared.Spared,
) -> Cue:
    chain, asset, payer = key
    times = sorted(one.time for one in payments if one.time is not None)
    return Cue(
        chain=chain,
        address=dst,
        payer=payer,
        asset=asset,
        payments=len(payments),
        near=near,
        usual=_usual(payments),
        regular=_regular(times) and max(one.amount for one in payments) * _SMALL <= gave,
        first=times[0] if times else None,
        last=times[-1] if times else None,
        back=back,
        spared=free.why((chain, dst), (chain, payer)),
    )


def _regular(times: Sequence[datetime]) -> bool:
    if len(times) < TIMES:
        return False
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    usual = gaps[len(gaps) // 2]
    return RHYTHM[0] <= usual <= RHYTHM[1] and usual / _EARLY <= gaps[0] and gaps[-1] <= usual * _LATE
