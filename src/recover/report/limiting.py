"""The limits that matter most, by the value that they concern."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.labels import POSSIBLE
from recover.report import (
    answer,
    credited,
    doubted,
    figures,
    instead,
    lacks,
    leading,
    limitations,
    obtaining,
    ranged,
)
from recover.report.texts import Texts
from recover.sdk import View
from recover.sdk.outside import visible
from recover.trails.missing import ASKED, BESIDE

OPEN = "history-not-collected"
"""The code of the gap of value that is not followed: its sum stands for all of them."""

LEAVING = "not-seen-leaving"
"""The code of the gap of value that no exhibit shows leaving."""

_FINE = 10**30

MAIN = 3
"""So many limits stand on the first pages; R14 has every one."""


def _tied(view: View) -> frozenset[tuple[str, str, str]]:
    """The addresses of which an accepted label of grade A or B names a service, each with its chain and that.

    Where a row of one has a weaker grade all the same, something else speaks against the label.
    """
    if "labels" not in view.tables:
        return frozenset()
    rows = view.tables["labels"]().select(["chain", "address", "service", "grade", "role"]).to_pylist()
    return frozenset(
        (row["chain"], row["address"], row["service"])
        for row in rows
        if row["service"] and row["grade"] in ("A", "B") and row["role"] != POSSIBLE
    )


def limits(view: View, t: Texts) -> Iterator[tuple[int, str]]:
    """(share of what began, sentence) of what limits all figures, the names, the sums, and what is open.

    A limit is said once, with its amount in each of the first assets.
    """
    found: dict[str, tuple[int, list[str], set[str]]] = {}
    for asset_id, whole in [*answer.began(view).items()][: answer.SHOWN]:
        asset = figures.asset(view, asset_id)
        for key, amount, of in limiting(view, asset_id, whole):
            share, sums, every = found.get(key, (0, [], set()))
            found[key] = max(share, amount * _FINE // whole), [*sums, t.units(amount, asset)], every | set(of)
    left = [one for asset_id in [*answer.began(view)][: answer.SHOWN] for one in ranged.open_at(view, asset_id)]
    for key, (share, sums, every) in found.items():
        grades = t.joined(map(t.grade, sorted(every))) if key.startswith("names") else ""
        slots = {"count": f"{len(every):,}", "grades": grades}
        slots |= doubted.phrases(view, t, left)
        yield share, t.say(f"limits.first_{key}", amount=t.joined(sums), rule=view.case.rule, **slots)


@figures.settled
def bearing(view: View) -> Mapping[str, frozenset[int]]:
    """By asset, the exhibits that its figures rest on: they show movements of places that traced value came to,
    claim a history of one, or are cited by what is said of the asset."""
    places, found = credited.came(view), dict[str, set[int]]()
    for place in places:
        found.setdefault(place[1], set())
    names = pa.array(sorted({address for address, _ in places}), pa.string())
    if places and "transfers" in view.tables:
        moved = view.tables["transfers"]()
        here = pc.or_kleene(*(pc.is_in(moved[side], value_set=names) for side in ("src", "dst")))
        rows = moved.filter(here).group_by(["src", "dst", "asset", "exhibit"], use_threads=False).aggregate([])
        for row in rows.to_pylist():
            if {(row["src"], row["asset"]), (row["dst"], row["asset"])} & places:
                found[row["asset"]].add(row["exhibit"])
    for row in view.tables["coverage"]().to_pylist() if "coverage" in view.tables else ():
        for asset_id, numbers in found.items():
            of = row["chain"] == asset_id.partition("/")[0] and row["asset"] in (None, asset_id)
            if of and (not row["address"] or (row["address"], asset_id) in places):
                numbers.add(row["exhibit"])
    cited = [(r.asset, r.exhibits) for r in view.offramps]
    # What is shown beyond a stop is a lead: no figure rests on it.
    told = (f for f in view.findings if f.kind != leading.KIND)
    cited += [(str(f.slots.get("asset") or ""), f.exhibits) for f in told]
    for asset_id, exhibits in cited:
        found.setdefault(asset_id, set()).update(exhibits)
    return {asset_id: frozenset(numbers) for asset_id, numbers in found.items()}


def limiting(view: View, asset_id: str, whole: int) -> Iterator[tuple[str, int, Iterable[str]]]:
    """(which limit, how much depends on it, the exhibits, grades or addresses that it is of) in one asset."""
    aside = {one.number for one in view.set_aside}
    here = bearing(view).get(asset_id, frozenset())
    used = [e for e in view.exhibits if e.number in here and e.number not in aside]
    unsaid = [e for e in used if not obtaining.known(e)]
    if unsaid:
        yield ("unsaid_all" if len(unsaid) == len(used) else "unsaid"), whole, [str(e.number) for e in unsaid]
    weak = [r for r in view.offramps if r.service and r.asset == asset_id and r.amount and r.grade not in "AB"]
    tied = _tied(view) if weak else frozenset()
    for key, against in (("names", False), ("names_against", True)):
        named = [r for r in weak if ((*figures.spot(r), r.service) in tied) is against]
        if named:
            yield key, sum(r.amount for r in named), sorted({r.grade for r in named})
    at = [
        rest
        for rest in figures.stood(view)
        if (rest.reason, rest.asset) == ("uncollected", asset_id) and rest.amount
    ]
    if at:
        chain = asset_id.split("/", 1)[0]
        yield "open", sum(rest.amount for rest in at), [f"{chain} {rest.address}" for rest in at]


def elected(view: View, declared: bool) -> Mapping[str, str] | None:
    """The rule that has elections of a claimant: the declared one, or one beside it."""
    return next(
        (r for r in view.rules if r.get("elections") and (r.get("id") == view.case.rule) is declared), None
    )


def weighed(view: View) -> list[limitations.Limit]:
    """The gaps by code that may stand there; where value was left unfollowed is said as one sum."""
    first = limitations.ranked(view)[: 2 * MAIN]
    return [one for one in first if one.gap.code != OPEN or not one.gap.share]


def weight(view: View, limit: limitations.Limit) -> int:
    """The share of what began, in parts of `_FINE`, that gaps of one code concern: of value that is not shown
    leaving, what was left, and not all that passed there."""
    if limit.gap.code != LEAVING or not limit.gap.share:
        return limit.gap.share * (_FINE // 1_000_000)
    whole, left = answer.began(view), dict[str, int]()
    for f in figures.of_kind(view, *figures.RESTING):
        asset_id = str(f.slots.get("asset"))
        left[asset_id] = left.get(asset_id, 0) + figures.number(f, "amount")
    return max((amount * _FINE // whole[one] for one, amount in left.items() if whole.get(one)), default=0)


def said(view: View, t: Texts, limit: limitations.Limit) -> str:
    """The sentence of the gaps of one code: what the first says, of what, and how much it concerns."""
    gap, met = limit.gap, limit.met
    several = gap.count > 1
    why = _why(view, t, gap)
    slots = {"why": why, "count": f"{gap.count:,}", "code": visible(gap.code, 60)}
    if gap.affects:
        key = "summary.limit_money" if several else "summary.limit_money_one"
        open_ = figures.of_kind(view, instead.OPEN)
        if gap.code in ASKED and any(f.slots.get("moves") != "unknown" for f in open_):
            key = "summary.limit_stake" if several else "summary.limit_stake_one"
        if gap.code in BESIDE:
            key = "limits.elsewhere" if several else "limits.elsewhere_one"
        amounts = t.joined(t.units(n, figures.asset(view, a)) for a, n in gap.affects)
        return t.say(key, rule=view.case.rule, traced=amounts, **slots)
    key = "summary.limit" if several else "summary.limit_one"
    return t.say("summary.limit_met" if 0 < met < gap.count else key, met=f"{met:,}", **slots)


def _why(view: View, t: Texts, gap: lacks.Missing) -> str:
    """What the first of these gaps says, with the address or transaction that it says it of, since it calls it by
    a pronoun; and where no exhibit shows value leaving, how much that is."""
    why = visible(t.own(gap.why))
    subject = gap.subjects[0] if gap.subjects else ""
    chain, _, bare = subject.rpartition(":")
    if subject and bare not in gap.why:
        named = bare if chain in {one.split("/", 1)[0] for one in view.assets} else subject
        why = t.say("summary.limit_of", subject=visible(named, 160), why=why)
    left = [
        t.units(figures.number(f, "amount"), figures.asset(view, str(f.slots.get("asset"))))
        for f in figures.of_kind(view, *figures.RESTING)
        if f"{str(f.slots.get('asset')).split('/', 1)[0]}:{f.subject}" == subject and figures.number(f, "amount")
    ]
    if gap.code == LEAVING and left:
        why = t.say("summary.limit_left", why=why, left=t.joined(left), dust=f"{view.case.dust:,}")
    return why
