"""Rules beside each other (section R9): what each gives at every service, of every loss, at every place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recover.report import answer, figures, ranged, simultaneous, unsettled
from recover.report.elements import Block, Para, columns, table
from recover.report.tabled import foremost_rows, more_rows, plain, service_name
from recover.report.texts import Texts
from recover.sdk import Asset, OffRamp, View
from recover.sdk.outside import visible

_FINE = 10**30
"""So fine that two amounts of one asset that differ at all have different ranks."""


def by_rule(view: View, t: Texts) -> Iterator[Block]:
    """Every rule for each service; for each address the declared figure, the lowest and the highest."""
    # One sentence, where a table would show the same figure in every row.
    settled = not unsettled.rows(view, view.offramps)
    if settled and all(set(r.by_rule.values()) <= {r.amount} for r in view.offramps):
        rules = t.joined(sorted({rule for r in view.offramps for rule in r.by_rule} | {view.case.rule}))
        together = any(ranged.losses([r]) for r in view.offramps)
        key = "flows.agree_together" if together else "flows.agree"
        sequence = simultaneous.sequence(view, t)
        alike = ranged.ends_agree(view)
        rest = t.say("flows.ends_agree", sequence=sequence) if alike else t.say("flows.ends_differ")
        yield Para(text=f"{t.say(key, rules=rules, rule=view.case.rule, sequence=sequence)} {rest}")
        yield from _by_loss(view, t)
        return
    beside = simultaneous.used(view, t)
    heads = columns(t, "service", "rule", "declared", "traced:number")
    rows = [row for total in figures.totals(view) for row in _figures(view, t, total)]
    yield table(t.say("flows.by_rule", sequence=beside), heads, rows)
    yield from _by_address(view, t, beside)
    yield from _by_loss(view, t)


def _figures(view: View, t: Texts, total: figures.Total) -> Iterator[tuple[str, ...]]:
    """A row for each figure that rules give a service, with those that give it: the declared one's first."""
    asset, ruled = figures.asset(view, total.asset), dict[int, list[str]]()
    for rule, amount in sorted(total.by_rule, key=lambda one: one[0] != view.case.rule):
        ruled.setdefault(amount, []).append(rule)
    name = service_name(view, t, total)
    for amount, rules in ruled.items():
        mark = view.case.rule if view.case.rule in rules else ""
        yield name, ", ".join(rules), mark, t.units(amount, asset)
        name = ""


def _by_address(view: View, t: Texts, beside: str) -> Iterator[Block]:
    """The addresses at which rules differ, those at which they differ most; how many more there are."""
    ramps = [r for total in figures.totals(view) for r in total.rows if r.by_rule]
    moved = [r for r in ramps if len(set(r.by_rule.values())) > 1]
    whole = answer.began(view)
    kept = foremost_rows(
        moved, [(False, _spread(r.by_rule) * _FINE // max(whole.get(r.asset, 0), 1)) for r in moved]
    )
    if kept:
        heads = columns(t, "address:mono", "declared:number", "least:number", "most:number", "zero")
        caption = t.say("flows.by_address_rule", rule=view.case.rule, sequence=beside)
        yield table(caption, heads, [_range(view, t, r) for r in kept])
        yield from more_rows(t, len(moved) - len(kept), "totals.csv")
    if same := len(ramps) - len(moved):
        yield Para(text=t.say("flows.by_same", count=f"{same:,}", sequence=beside), style="note")


def _by_loss(view: View, t: Texts) -> Iterator[Block]:
    """The losses of which the rules give a service different figures, where there are several losses."""
    rows, ranks, whole = [], [], answer.began(view)
    for total in figures.totals(view):
        asset = figures.asset(view, total.asset)
        for loss, sums in ranged.losses(total.rows).items():
            pairs = sorted(sums.items(), key=lambda pair: (pair[1], pair[0]))
            ranks.append((False, _spread(sums) * _FINE // max(whole.get(total.asset, 0), 1)))
            declared = (view.case.rule, sums.get(view.case.rule, 0))
            cells = (f"{plain(t, amount, asset)}\n{rule}" for rule, amount in (declared, pairs[0], pairs[-1]))
            moved = simultaneous.of_loss(view, t, asset, total.rows, loss)
            named = f"{service_name(view, t, total)}\n{visible(asset.symbol, 24)}"
            rows.append((named, f"{loss}\n{moved}" if moved else loss, *cells))
    if rows:
        heads = columns(t, "service", "loss", "declared:number", "least:number", "most:number")
        beside = simultaneous.used(view, t, by_loss=True)
        said = t.say("flows.by_loss", rule=view.case.rule, sequence=beside)
        kept = foremost_rows(rows, ranks)
        yield table(said, heads, kept)
        yield from more_rows(t, len(rows) - len(kept), "totals.csv")


def by_end(view: View, t: Texts) -> Iterator[Block]:
    """The places outside services and hubs at which rules leave different value, those that differ most first."""
    found = [
        (place, sums)
        for place, sums in ranged.endpoints(view).items()
        if place[2] not in ("service", "hub") and len(set(sums.values())) > 1
    ]
    whole = answer.began(view)
    found.sort(key=lambda one: (-_spread(one[1]) * _FINE // max(whole.get(one[0][0], 0), 1), one[0]))
    rows = []
    for (asset_id, address, why), sums in found[:ENDS]:
        asset = figures.asset(view, asset_id)
        key = f"flows.end_{why}"
        what = t.say(key) if t.has(key) else t.say("reason.other", reason=visible(why, 60))
        where = f"{visible(address) or '–'}\n{visible(asset.symbol, 24)}"
        rows.append((where, what, *_bounds(view, t, asset, sums)))
    if rows:
        heads = columns(t, "address:mono", "reason", "declared:number", "least:number", "most:number", "zero")
        said = t.say("flows.by_end_rule", rule=view.case.rule, sequence=simultaneous.used(view, t))
        yield table(said, heads, rows)
    if more := len(found) - ENDS:
        yield from [Para(text=t.say("flows.more_ends", count=f"{more:,}"), style="note")] if more > 0 else []


def _spread(sums: Mapping[str, int]) -> int:
    return max(sums.values()) - min(sums.values())


ENDS = 40
"""So many endpoints outside services and hubs are printed; the table of totals has every one."""


def _bounds(view: View, t: Texts, asset: Asset, sums: Mapping[str, int]) -> tuple[str, ...]:
    """The declared rule's figure, the lowest and the highest, and the rules that give zero."""
    pairs = sorted(sums.items(), key=lambda pair: (pair[1], pair[0]))
    declared = (view.case.rule, sums.get(view.case.rule, 0))
    cells = (f"{plain(t, amount, asset)}\n{rule}" for rule, amount in (declared, pairs[0], pairs[-1]))
    return (*cells, ", ".join(rule for rule, amount in pairs if not amount) or "–")


def _range(view: View, t: Texts, r: OffRamp) -> tuple[str, ...]:
    asset = figures.asset(view, r.asset)
    return (f"{visible(r.address)}\n{visible(asset.symbol, 24)}", *_bounds(view, t, asset, r.by_rule))
