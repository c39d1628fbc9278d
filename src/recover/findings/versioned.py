"""Versioned: what figures come to if what exhibits leave open is answered one way or another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, islice, product
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case
from recover.case.journal import Entry
from recover.findings import offramp
from recover.findings.evidence import Row, Slots
from recover.findings.material import Material, shared
from recover.findings.undecided import HISTORY, Answer, Question, Tx, touching
from recover.ledger.relied import Relied
from recover.sdk import amounts

Choice = Mapping[Tx, Relied]
"""By transaction, the exhibit or list that is relied on, or that it never was."""

Pick = tuple[int | None, ...]
"""By question, the number of an answer; None where it is left as it is."""

Sums = Mapping[tuple[str, str], int]
"""By asset and service ("" for hubs that nobody names), what reached it under the declared rule."""

Place = tuple[str, str, str]
"""An asset, a service or how value ended, and the address where it is of none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a trace comes to under one rule: by service, and by place where value ended at none."""

    reached: Sums
    left: Mapping[Place, int]

    @classmethod
    def of(cls, material: Material, rule: str = "") -> Figures:
        """Under the declared rule, or another that may back a claim, where the trace ran it."""
        rule = rule or material.rule
        reached: dict[tuple[str, str], int] = {}
        for ramp in offramp.find(material):
            key = ramp.asset, ramp.service or ""
            reached[key] = reached.get(key, 0) + ramp.by_rule.get(rule, 0)
        left: dict[Place, int] = {}
        ends = material.under_claims()
        elsewhere = pc.invert(pc.is_in(ends["reason"], value_set=pa.array(["service", "hub"], pa.string())))
        ends = ends.filter(pc.and_(pc.equal(ends["rule"], rule), elsewhere))
        for (asset, reason, address), amount in zip(
            shared(ends, "asset", "reason", "address"), amounts.exact(ends), strict=True
        ):
            place = asset, reason, address or ""
            left[place] = left.get(place, 0) + amount
        return cls(reached=reached, left=left)

    def all(self) -> dict[Place, int]:
        """Every place at which value ended, a service as one."""
        return {**self.left, **{(asset, "service", name): n for (asset, name), n in self.reached.items()}}


def whole(material: Material) -> tuple[object, ...]:
    """All figures of traced value, under every rule that was run: equal where no paper's would differ."""
    names = ("rule", "loss", "asset", "address", "reason")
    ends: dict[tuple[Any, ...], int] = {}
    listed = material.under_claims()
    for cells, amount in zip(shared(listed, *names), amounts.exact(listed), strict=True):
        key = tuple(cell or "" for cell in cells)
        ends[key] = ends.get(key, 0) + amount
    sides = ("amount", "credited", "unswept", "elsewhere", "unfollowed", "swept", "sweeps")
    ramps = [
        (r.place, r.through, r.service or "", *(getattr(r, name) for name in sides), str(r.by_rule_and_loss))
        for r in offramp.find(material)
    ]
    return (*sorted(pair for pair in ends.items() if pair[1]), *ramps)


@dataclass(frozen=True, kw_only=True)
class Worked:
    """Questions with what their answers come to, beside what was found of the case as it is.

    `tried`: by pick, the figures; None where a loss is more than what then moved. `every`: whether all
    combinations are there. `around`: the same of picks that leave a question as it is. `same`: the questions that
    move no figure at all. `beside`: by question that moves figures under other rules alone, and asset, how much
    at most.
    """

    material: Material
    questions: tuple[Question, ...] = ()
    tried: Mapping[Pick, Figures | None] = field(default_factory=dict)
    every: bool = True
    around: Mapping[Pick, Figures | None] = field(default_factory=dict)
    same: frozenset[int] = frozenset()
    beside: Mapping[int, Mapping[str, int]] = field(default_factory=dict)

    @property
    def unmoved(self) -> frozenset[Tx]:
        """The transactions on which exhibits disagree, and that change no figure of traced value."""
        mine = (self.questions[n] for n in self.same)
        return frozenset(tx for one in mine if one.kind != HISTORY for tx in one.txs)

    def stake(self, number: int) -> dict[str, int]:
        """By asset, the most traced value that stands elsewhere by one answer to a question than by another, all
        else alike; assets of which none does are left out."""
        return apart({pick: made for pick, made in self.tried.items() if made is not None}, number)

    def settling(self, number: int) -> dict[str, int]:
        """By asset, the most that stands elsewhere by any answer to a question than while it is left open."""
        known = {pick: made for pick, made in {**self.around, **self.tried}.items() if made is not None}
        found: dict[str, int] = {}
        for pick, made in known.items():
            here = known.get((*pick[:number], None, *pick[number + 1 :]))
            for asset, amount in (moved(here, made) if here is not None else {}).items():
                found[asset] = max(amount, found.get(asset, 0))
        return found

    @cached_property
    def hangs(self) -> tuple[dict[str, int], ...]:
        """By question and asset, how much hangs on it: from answer to answer, or by its being answered at all."""
        pairs = [(self.stake(n), self.settling(n)) for n in range(len(self.questions))]
        return tuple(
            {asset: max(one.get(asset, 0), other.get(asset, 0)) for asset in sorted({*one, *other})}
            for one, other in pairs
        )

    def stakes(self) -> dict[tuple[str, str], dict[str, int]]:
        """The same by code and subject of the gap that says what is open."""
        found: dict[tuple[str, str], dict[str, int]] = {}
        other: dict[tuple[str, str], dict[str, int]] = {}
        for n, one in enumerate(self.questions if self.tried else ()):
            code = "histories-differ" if one.kind == HISTORY else "contradiction"
            for chain, name in one.places or one.txs:
                for held, most in ((found, self.hangs[n]), (other, self.beside.get(n, {}))):
                    sums = held.setdefault((code, f"{chain}:{name}"), {})
                    sums |= {asset: max(amount, sums.get(asset, 0)) for asset, amount in most.items()}
        # What other rules give stands only where nothing hangs on it under the declared one.
        return {key: sums or other[key] for key, sums in found.items()}


def apart(tried: Mapping[Pick, Figures], number: int) -> dict[str, int]:
    """By asset, the most that stands elsewhere by one answer to a question than by another, all else alike."""
    groups: dict[Pick, list[Figures]] = {}
    for pick, made in tried.items():
        if pick[number] is not None:
            groups.setdefault((*pick[:number], None, *pick[number + 1 :]), []).append(made)
    found: dict[str, int] = {}
    for group in groups.values():
        for one, other in combinations(group, 2):
            for asset, amount in moved(one, other).items():
                found[asset] = max(amount, found.get(asset, 0))
    return found


def moved(one: Figures, other: Figures) -> dict[str, int]:
    """By asset, how much stands at another place by one than by the other."""
    here, there = one.all(), other.all()
    more: dict[str, list[int]] = {}
    for place in sorted({*here, *there}):
        by = here.get(place, 0) - there.get(place, 0)
        sums = more.setdefault(place[0], [0, 0])
        sums[by < 0] += abs(by)
    return {asset: max(sums) for asset, sums in more.items() if any(sums)}


def picks(questions: Sequence[Question], most: int) -> tuple[list[Pick], bool]:
    """Every combination of answers, where these are few enough.

    Else those in which what a history lacks took place as a whole or not at all, and each answer alone, the others
    left open, as far as these are few enough.
    """
    every = _combined([range(len(one.answers)) for one in questions], most)
    if every:
        return every, all(one.whole for one in questions)
    ends = [range(min(len(one.answers), 2) if one.kind == HISTORY else len(one.answers)) for one in questions]
    return list(dict.fromkeys([*_combined(ends, most), *alone(questions)]))[:most], False


def _combined(numbers: Sequence[range], most: int) -> list[Pick]:
    """All combinations; none where these are more than so many."""
    found: list[Pick] = list(islice(product(*numbers), most + 1))
    return found if len(found) <= most else []


def alone(questions: Sequence[Question]) -> list[Pick]:
    """Each answer to each question, all others left as they are; the first answers to every question first."""
    none: list[int | None] = [None] * len(questions)
    numbers = sorted((number, n) for n, one in enumerate(questions) for number in range(len(one.answers)))
    return [(*none[:n], number, *none[n + 1 :]) for number, n in numbers]


def around(questions: Sequence[Question], listed: Sequence[Pick], most: int) -> list[Pick]:
    """These picks with one question left as it is, where they are few enough; else each answer alone; and all left
    as they are."""
    opened = [(*pick[:n], None, *pick[n + 1 :]) for pick in listed for n in range(len(questions))]
    found = [*dict.fromkeys(opened)]
    none: Pick = (None,) * len(questions)
    return [*dict.fromkeys([none, *(found if len(found) <= most else alone(questions)[:most])])]


def choice(questions: Sequence[Question], pick: Pick) -> Choice:
    """What a pick says of transactions; that one never was counts whatever else is said of it."""
    said: list[Answer] = [one.answers[n] for one, n in zip(questions, pick, strict=True) if n is not None]
    found: dict[Tx, Relied] = {}
    for tx, of in (pair for answer in said for pair in answer):
        found[tx] = min(of, found.get(tx, of), key=itemgetter(0))
    return found


def rows(base: Figures, worked: Worked) -> Iterator[Row]:
    """What any answer gives another figure than the figures here have, and what each question is worth."""
    yield from _by_version(base, worked)
    for n, one in enumerate(worked.questions):
        about: Slots = {
            **_named(name for _, name in one.txs),
            "by": one.kind,
            "places": tuple(address for _, address in one.places),
            **({"silent": one.silent} if one.silent else {}),
            "tried": "all" if worked.every else "some",
        }
        subject = one.txs[0][1]
        if n in worked.same:
            yield "unsettled", subject, "", {**about, "asset": "", "amount": 0, "moves": "none"}, one.exhibits
            continue
        stake, most = worked.stake(n), worked.hangs[n]
        sums_of = most or worked.beside.get(n, {})
        if not sums_of:
            how = "open" if worked.tried else "unknown"
            yield "unsettled", subject, "", {**about, "asset": "", "amount": 0, "moves": how}, one.exhibits
        for asset, amount in sorted(sums_of.items()):
            between = stake.get(asset, 0)
            how = "beside" if not most else "declared" if between == amount else "here" if between else "alike"
            sums: Slots = {"asset": asset, "amount": amount, **({"between": between} if how == "here" else {})}
            yield "unsettled", subject, "", {**about, **sums, "moves": how}, one.exhibits


def _by_version(base: Figures, worked: Worked) -> Iterator[Row]:
    """One finding for each asset and service, and for each place, that any version gives something else."""
    made = [one for one in worked.tried.values() if one is not None]
    refused = len(worked.tried) - len(made)
    open_ = [one for n, one in enumerate(worked.questions) if n not in worked.same]
    exhibits = tuple(sorted({number for one in open_ for number in one.exhibits}))
    kinds = sorted({one.kind for one in open_})
    about: Slots = {
        "runs": len(made),
        "tried": "all" if worked.every and not refused else "some",
        "by": tuple(kinds),
        **_named({name for one in open_ for _, name in one.txs}),
        **({"refused": refused} if refused else {}),
    }
    for asset, service in _moving(base.reached, [one.reached for one in made]):
        values = [one.reached.get((asset, service), 0) for one in made]
        sums: Slots = {"asset": asset, "service": service, "amount": base.reached.get((asset, service), 0)}
        yield "by-version", service or asset, "", {**sums, **_ends(values), **about}, exhibits
    here, there = _rest(base), [_rest(one) for one in made]
    for asset, address in _moving(here, there):
        values = [one.get((asset, address), 0) for one in there]
        sums = {"asset": asset, "amount": here.get((asset, address), 0)}
        yield "left-by-version", address, "", {**sums, **_ends(values), **about}, exhibits


_LISTED = 20
"""So many transactions are named in one finding."""


def _named(names: Iterable[str]) -> Slots:
    """The first transactions, and how many there are where these are not all."""
    every = sorted(names)
    more: Slots = {"count": len(every)} if len(every) > _LISTED else {}
    return {"transactions": tuple(every[:_LISTED]), **more}


def _moving(base: Mapping[Any, int], told: Iterable[Mapping[Any, int]]) -> list[Any]:
    """What any of these gives another value than the first."""
    every = {*base, *(key for one in told for key in one)}
    return sorted(key for key in every if {one.get(key, 0) for one in told} - {base.get(key, 0)})


def _ends(values: Sequence[int]) -> Slots:
    return {"least": min(values), "most": max(values)}


def _rest(one: Figures) -> dict[tuple[str, str], int]:
    """By asset and address, what is left there, or not followed from there."""
    found: dict[tuple[str, str], int] = {}
    for (asset, reason, address), amount in one.left.items():
        if address and reason in ("rest", "uncollected"):
            found[asset, address] = found.get((asset, address), 0) + amount
    return found


def instead(here: Sums, there: Sums, about: Slots, exhibit: int) -> Iterator[Row]:
    """One finding for each asset and service that gets something else where another exhibit is relied on."""
    for asset, service in sorted({*here, *there}):
        amount, otherwise = here.get((asset, service), 0), there.get((asset, service), 0)
        if amount != otherwise:
            figures: Slots = {"asset": asset, "service": service, "otherwise": otherwise, "amount": amount}
            yield "settled-otherwise", service or asset, "", {**about, **figures}, (exhibit,)


def listed(of: str | None) -> Slots:
    """Whose list of an exhibit alone is relied on, as a slot; none where it is all of the exhibit."""
    return {} if of is None else {"list": of}


def settled(case: Case, material: Material, moves: Mapping[str, Iterable[tuple[str, str]]]) -> Iterator[Entry]:
    """The last decisions on transactions that value met, or would have by one that is taken not to have been.

    `moves` are, by transaction that did not take place, the addresses with their asset that exhibits show in it.
    """
    said = {
        (str(e.body.get("chain")), e.body["tx"]): e
        for e in case.entries
        if e.kind == "decision" and "tx" in e.body
    }
    over = {(chain, rival): e.number for (chain, _), e in said.items() for rival in e.body.get("rivals", ())}
    named = pa.array(sorted({tx for _, tx in said}), pa.string())
    here = touching(case, material, lambda rows: pc.is_in(rows["tx"], value_set=named)) if said else set()
    for one, entry in sorted(said.items()):
        beside = (place for rival in entry.body.get("rivals", ()) for place in moves.get(rival, ()))
        met = one in here or any((came := material.credits.get(place)) and came.seqs for place in beside)
        # A later decision for a rival took its place.
        if met and over.get(one, 0) < entry.number:
            yield entry
