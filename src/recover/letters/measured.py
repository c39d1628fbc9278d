"""How much a service is asked to hold: up to what, how far rules move that, and what of it may be counted twice.

What bounds a sum stands beside it wherever it stands: on the first page, in its section, in a portal, in a sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from recover.letters.matter import Matter
from recover.letters.narrowed import ranged
from recover.letters.words import Blocks
from recover.report import credited, extent, figures, inflows
from recover.report.elements import Para, table
from recover.report.schedules import columns
from recover.sdk import OffRamp
from recover.sdk.outside import visible


def hold(m: Matter) -> Blocks:
    """How much a service is asked to hold, by address: what reached it, or stands where it alone can act."""
    if not m.ramps:
        return []
    t, rows = m.texts, []
    for r in m.ramps:
        asset = figures.asset(m.view, r.asset)
        rows.append(
            (
                f"{credited.place(t, r)}\n{extent.chain(m.view, r.chain)}",
                t.both(most(r), asset),
                visible(asset.symbol, 24),
            )
        )
    heads = columns(t, "address:mono", "upto:number", "asset")
    bounds = [Para(text=said, style="note") for said in bounded(m)]
    return [table(_caption(m), heads, rows), *bounds]


def upto(m: Matter) -> str:
    """How much a service is asked to hold in all, under which rule, and what bounds that."""
    return "\n".join([_caption(m), *bounded(m)])


def _caption(m: Matter) -> str:
    return m.texts.say("hold.caption", whole=whole(m), rule=m.texts.rule(m.view.case.rule))


def bounded(m: Matter) -> list[str]:
    """How far rules move what went to the addressee, asset by asset, and what may be the same value twice."""
    t, out = m.texts, list[str]()
    for total in moving(m):
        asset = figures.asset(m.view, total.asset)
        (low, least), (high, most_) = total.least, total.most
        slots = {"least": t.units(least, asset), "most": t.units(most_, asset)}
        out.append(t.say("hold.range", least_rule=t.rule(low), most_rule=t.rule(high), **slots))
    twice = {asset: n for asset, n in doubled(m, m.ramps).items() if n}
    return [*out, t.say("hold.twice", twice=_joined(m, twice))] if twice else out


def moving(m: Matter) -> list[figures.Total]:
    """The sums of the addressee that are another under another rule that may back a claim."""
    totals = (m.total(m.key, asset) for asset in sorted({r.asset for r in m.ramps}))
    return [one for one in totals if one.least[1] != one.most[1]]


def exceeded(m: Matter) -> bool:
    """Whether a rule that may back a claim gives more than the letter's own sum: then no "up to" bounds it."""
    sums = summed(m.ramps)
    return any(total.most[1] > sums.get(total.asset, 0) for total in moving(m))


def left_ranges(m: Matter) -> list[str]:
    """By asset, how far rules move what is left at the places that an issuer can stop, all together."""
    places = {(f.subject, str(f.slots.get("asset", ""))) for f in m.holdings}
    found, t = dict[str, dict[str, int]](), m.texts
    for place, by_rule in (ranged(m.view, [loss.id for loss in m.losses]) if places else {}).items():
        if place in places:
            sums = found.setdefault(place[1], {})
            for rule, amount in by_rule.items():
                sums[rule] = sums.get(rule, 0) + amount
    out = []
    for name, sums in sorted(found.items()):
        (low, least), (high, most_) = (pick(sums.items(), key=lambda one: one[1]) for pick in (min, max))
        if least != most_:
            asset = figures.asset(m.view, name)
            slots = {"least": t.units(least, asset), "most": t.units(most_, asset)}
            out.append(t.say("hold.left_range", least_rule=t.rule(low), most_rule=t.rule(high), **slots))
    return out


def doubled(m: Matter, ramps: Sequence[OffRamp]) -> dict[str, int]:
    """By asset, how much of what the letter says of these off-ramps may be the same value twice, at most: no more
    than all of it, however much of the losses that reached them came back."""
    sums = summed(ramps)
    found = inflows.twice(m.view, m.reached(ramps))
    return {asset: min(n, found.get(asset, 0)) for asset, n in sums.items()}


def twice_told(m: Matter) -> Blocks:
    """What of the letter's own sum that is, below what the report says of the losses."""
    twice, sums, went = doubled(m, m.ramps), summed(m.ramps), dict[str, int]()
    for r in m.ramps:
        went[r.asset] = went.get(r.asset, 0) + r.amount
    counted = [asset for asset in twice if twice[asset]]
    rest = {asset: sums[asset] - went[asset] for asset in counted}
    both = (("whole", sums), ("twice", twice), ("went", went))
    slots = {name: _joined(m, {a: n[a] for a in counted}) for name, n in both} | {"rest": _joined(m, rest)}
    return [Para(text=m.texts.say("facts.twice", name=m.name, **slots), style="note")] if counted else []


def whole(m: Matter) -> str:
    """How much traced value came to a service, or stands where it alone can act, asset by asset."""
    return _joined(m, summed(m.ramps))


def summed(ramps: Sequence[OffRamp]) -> dict[str, int]:
    """The same by asset, in base units."""
    sums: dict[str, int] = {}
    for r in ramps:
        sums[r.asset] = sums.get(r.asset, 0) + most(r)
    return sums


def _joined(m: Matter, sums: Mapping[str, int]) -> str:
    return m.texts.joined(m.texts.units(n, figures.asset(m.view, a)) for a, n in sorted(sums.items()))


def added(m: Matter, parts: Iterable[tuple[str, int]]) -> str:
    """Amounts, added up by asset."""
    found: dict[str, int] = {}
    for asset, amount in parts:
        found[asset] = found.get(asset, 0) + amount
    return _joined(m, found)


def most(ramp: OffRamp) -> int:
    """How much a service is asked to hold at one address."""
    return ramp.amount + (0 if ramp.plain else ramp.resting)
