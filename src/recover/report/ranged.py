"""How far figures move from rule to rule: by service, by loss and at every endpoint, exposure left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyarrow.compute as pc

from recover.report import doubted, figures, openings, simultaneous, unsettled
from recover.report.elements import Block, Para
from recover.report.texts import Texts
from recover.sdk import Asset, OffRamp, View
from recover.sdk.ends import BEGAN, Place, by_rule
from recover.sdk.outside import visible

Figures = Mapping[str, int]
"""By rule, an amount in base units."""


def span(view: View, t: Texts, kind: Asset, total: figures.Total, named: bool = False) -> str:
    """How far a total moves from rule to rule, of all losses together and of each, and from order to order.

    `named`: its rows have the figures of some losses alone.
    """
    return _rules(view, t, kind, total) + simultaneous.beside(view, t, kind, total.amount, total.ruled, named)


def _rules(view: View, t: Texts, kind: Asset, total: figures.Total) -> str:
    """How far a total moves from rule to rule."""
    apart = losses(total.ruled)
    unsure = unsettled.rows(view, total.ruled)
    opening = openings.said(view, t, kind.id)
    if total.least[1] == total.most[1] and unsure:
        said = t.say("range.unsettled")
    elif total.least[1] == total.most[1]:
        key = "range.same_together" if apart else "range.same"
        said = t.say(key, sequence=simultaneous.ordered(view, t, kind.id, total.amount, total.ruled))
        said += f" {t.say('range.places')}" if parting(total.ruled) else ""
    else:
        said = t.say("range.between", opening=opening, **_bounds(t, kind, total.least, total.most))
    if unsure and total.least[1] != total.most[1]:
        said = f"{said} {t.say('range.unsettled_too')}"
    if not apart:
        return said
    return f"{said} {t.say('range.by_loss', parts=by_loss(t, kind, apart), opening=opening)}"


def by_loss(t: Texts, kind: Asset, apart: Mapping[str, Figures], most: int = simultaneous.LISTED) -> str:
    """How far each of these losses moves from rule to rule, so many of those that move most; empty of none."""
    each = {loss: ends_of(sums) for loss, sums in apart.items()}
    parts = {loss: t.say("range.loss", loss=loss, **_bounds(t, kind, *ends)) for loss, ends in each.items()}
    wide = {loss: high - low for loss, ((_, low), (_, high)) in each.items()}
    return simultaneous.several(t, parts, wide, most) if parts else ""


def concluded(total: figures.Total) -> str:
    """Which conclusion a sum allows: nothing is not said to be consistent with a figure."""
    if figures.unknown(total):
        return "open"
    return f"{'service' if total.service else 'hub'}{'' if total.amount else '_nothing'}"


def losses(rows: Iterable[OffRamp]) -> dict[str, Figures]:
    """By loss, what rows sum to under each rule: the losses whose figures differ, where there are several."""
    found: dict[str, dict[str, int]] = {}
    ran: set[str] = set()
    for r in rows:
        for rule, sums in r.by_rule_and_loss.items():
            ran.add(rule)
            for loss, amount in sums.items():
                held = found.setdefault(loss, {})
                held[rule] = held.get(rule, 0) + amount
    return _differing(found, ran)


def parting(rows: Iterable[OffRamp]) -> bool:
    """Whether rules give one of these rows different figures, whatever they give all of them together."""
    rows = list(rows)
    ran = {rule for r in rows for rule in r.by_rule}
    return any(len({r.by_rule.get(rule, 0) for rule in ran}) > 1 for r in rows)


def left(view: View, t: Texts, asset_id: str, address: str) -> str:
    """That rules leave different sums at an address, with the lowest and the highest; empty where they agree."""
    sums = endpoints(view).get((asset_id, address, "rest"), {})
    if len({*sums.values()}) < 2:
        return ""
    slots = _bounds(t, figures.asset(view, asset_id), *ends_of(sums))
    return t.say("range.left", opening=openings.said(view, t, asset_id), **slots)


def mark(view: View, t: Texts, row: OffRamp, rest: Figures) -> str:
    """For a cell: how far what went on from an address, and its `rest`, move from rule to rule."""
    ends, opening = figures.asset(view, row.asset), openings.said(view, t, row.asset)
    sums = (("came" if row.stops else "on", row.by_rule), ("rest", rest))
    return "\n".join(
        t.say(f"range.cell_{name}", opening=opening, **_bounds(t, ends, *ends_of(held)))
        for name, held in sums
        if len({*held.values()}) > 1
    )


def _differing(found: Mapping[str, Figures], ran: Iterable[str]) -> dict[str, Figures]:
    """Those of several losses that rules give different sums."""
    if len(found) < 2:
        return {}
    filled = {loss: {rule: sums.get(rule, 0) for rule in sorted(ran)} for loss, sums in found.items()}
    ordered = sorted(filled, key=lambda loss: (len(loss), loss))
    return {loss: filled[loss] for loss in ordered if len(set(filled[loss].values())) > 1}


def ends_of(sums: Figures) -> tuple[tuple[str, int], tuple[str, int]]:
    """The lowest and the highest, each with the rule that gives it: of several, the first by name."""
    ordered = sorted(sums.items())
    return min(ordered, key=lambda pair: pair[1]), max(ordered, key=lambda pair: pair[1])


def of_begun(view: View, t: Texts, loss: str, asset_id: str) -> str:
    """How far what begins as a loss moves from rule to rule; empty where it does not."""
    sums = begun(view).get((loss, asset_id))
    if not sums:
        return ""
    slots = _bounds(t, figures.asset(view, asset_id), *ends_of(sums))
    return t.say("range.begun", opening=openings.said(view, t, asset_id), **slots)


def _bounds(t: Texts, kind: Asset, least: tuple[str, int], most: tuple[str, int]) -> dict[str, str]:
    low, high = t.units(least[1], kind), t.units(most[1], kind)
    return {"least": low, "least_rule": t.rule(least[0]), "most": high, "most_rule": t.rule(most[0])}


def endpoints(view: View) -> dict[Place, Figures]:
    """Every place at which value ended under a rule that may back a claim, as `show CASE rules` lists them."""
    if "ends" not in view.tables:
        return {}
    claims = {rule["id"] for rule in view.rules if rule.get("claim") == "yes"}
    held = by_rule(view.tables["ends"](), claims)
    ran = {rule for sums in held.values() for rule in sums}
    return {place: {rule: sums.get(rule, 0) for rule in ran} for place, sums in held.items()}


def summed(view: View, places: Iterable[Place]) -> dict[str, int]:
    """What ended at these endpoints under each rule, all losses together."""
    ended, sums = endpoints(view), dict[str, int]()
    for place in places:
        for rule, amount in ended[place].items():
            sums[rule] = sums.get(rule, 0) + amount
    return sums


def parted(view: View, places: Iterable[Place]) -> dict[str, Figures]:
    """By loss, what ended at these endpoints under each rule: as `losses`."""
    found: dict[str, dict[str, int]] = {}
    for place in places:
        for loss, sums in ended(view).get(place, {}).items():
            held = found.setdefault(loss, {})
            for rule, amount in sums.items():
                held[rule] = held.get(rule, 0) + amount
    return _differing(found, {rule for sums in endpoints(view).values() for rule in sums})


@figures.settled
def ended(view: View) -> Mapping[Place, Mapping[str, Figures]]:
    """By endpoint and loss, what ended there under each rule that may back a claim."""
    if "ends" not in view.tables:
        return {}
    table, found = view.tables["ends"](), dict[Place, dict[str, Figures]]()
    claims = {rule["id"] for rule in view.rules if rule.get("claim") == "yes"}
    for loss in sorted(table.column("loss").unique().to_pylist()):
        for place, sums in by_rule(table.filter(pc.equal(table.column("loss"), loss)), claims).items():
            found.setdefault(place, {})[loss] = sums
    return found


@figures.settled
def begun(view: View) -> Mapping[tuple[str, str], Figures]:
    """By loss and asset, with what each rule that may back a claim begins it: where rules differ, and no value
    came into the asset by exchange or bridge."""
    if "totals" not in view.tables:
        return {}
    rows = view.tables["totals"]()
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows.filter(pc.equal(rows["figure"], BEGAN)).to_pylist():
        if not figures.entered(view, row["asset"]):
            found.setdefault((row["loss"], row["asset"]), {})[row["rule"]] = int(row["amount"])
    return found


def zero_totals(view: View, total: figures.Total) -> tuple[str, ...]:
    """The sentences on the zeros of a sum: one for every rule, where each gives zero and lost sight of nothing."""
    none = [] if total.unfollowed else [rule for rule, amount in total.by_rule if not amount]
    lost = [bool(unexamined(view, total.asset, rule)) for rule in none]
    if none and len(none) == len(total.by_rule) and not any(lost):
        return ("summary.zero_total_every",)
    return tuple(f"summary.zero_total{'_open' if one else ''}" for one in lost)


def zero_ends(view: View) -> tuple[Figures, ...]:
    """The endpoints at which a rule gives zero."""
    return tuple(sums for sums in endpoints(view).values() if not all(sums.values()))


def ends_agree(view: View) -> bool:
    """Whether every rule leaves the same at every endpoint, wherever that is."""
    return all(len(set(sums.values())) == 1 for sums in endpoints(view).values())


def open_at(view: View, asset_id: str, rule: str = "") -> list[tuple[str, str]]:
    """The addresses, with the asset, at which a rule does not follow value further for want of a history."""
    ended = endpoints(view).items()
    mine = (place for place, sums in ended if sums.get(rule or view.case.rule))
    return [(address, asset) for asset, address, why in mine if (asset, why) == (asset_id, "uncollected")]


def unexamined(view: View, asset_id: str, rule: str) -> int:
    """What a rule carries to addresses whose whole history is in no exhibit."""
    open_ = (
        sums for (asset, _, why), sums in endpoints(view).items() if (asset, why) == (asset_id, "uncollected")
    )
    return sum(sums.get(rule, 0) for sums in open_)


def zeros(view: View, t: Texts, found: Iterable[figures.Total]) -> Iterator[Block]:
    """That a rule gives the whole of a sum zero, and that it does at places at which value ended."""
    for total in found:
        asset = figures.asset(view, total.asset)
        slots = {"service": visible(total.name, 80), "symbol": visible(asset.symbol, 24)}
        slots["sequence"] = simultaneous.used_of(view, t, total.asset, total.amount, total.ruled)
        zero = (rule for rule, amount in total.by_rule if not amount)
        for key, rule in zip(zero_totals(view, total), zero, strict=False):
            lost = t.units(unexamined(view, total.asset, rule), asset)
            slots |= doubted.phrases(view, t, open_at(view, total.asset, rule))
            yield Para(text=t.say(key, rule=rule, open=lost, **slots), style="warning")
    if none := zero_ends(view):
        rules = sorted({rule for sums in none for rule, amount in sums.items() if not amount})
        slots = {"count": f"{len(none):,}", "total": f"{len(endpoints(view)):,}", "rules": t.joined(rules)}
        yield Para(text=t.say("summary.zero_ends", sequence=simultaneous.used(view, t), **slots))
    elif (all_of := endpoints(view)) and not unsettled.anywhere(view):
        sequence = simultaneous.sequence(view, t)
        yield Para(text=t.say("summary.no_zero_ends", total=f"{len(all_of):,}", sequence=sequence))
