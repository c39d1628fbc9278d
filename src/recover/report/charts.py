"""Which pictures of sums stand in R9: along time, in and out by service, by rule, and what came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import figures, inflows, unnamed
from recover.report.bars import FULL, HATCHED, WHITE, Bar, Step, bars, timeline
from recover.report.elements import Picture
from recover.report.texts import Texts
from recover.sdk import Asset, View, amounts
from recover.sdk.outside import visible

_STEPS = 48
"""So many stretches of a timeline at most: days, else months, else years."""
_SERVICES = 6
_PLACES = ("service", "hub")


def pictures(view: View, t: Texts) -> Iterator[Picture]:
    """Those that the case has figures for, asset by asset."""
    for asset_id in sorted({r.asset for r in view.offramps}):
        asset = figures.asset(view, asset_id)
        yield from _time(view, t, asset)
        yield from _services(view, t, asset)
        yield from _rules(view, t, asset)
        yield from _back(view, t, asset)


def _picture(t: Texts, key: str, svg: str, alt: str, **slots: str) -> Picture:
    return Picture(svg=svg, alt=alt, caption=t.say(f"charts.{key}", **slots))


def _alt(t: Texts, key: str, parts: list[str], **slots: str) -> str:
    return t.say(f"charts.{key}_alt", parts="; ".join(parts), **slots)


def _time(view: View, t: Texts, asset: Asset) -> Iterator[Picture]:
    """What began, and what went on to services and hubs, in each stretch of time."""
    steps = stretches(view, asset)
    if not steps:
        return
    slots = {"symbol": visible(asset.symbol, 24), "rule": view.case.rule}
    parts = [
        t.say("charts.time_part", name=name, began=t.units(up, asset), came=t.units(down, asset))
        for name, (up, down) in steps.items()
        if up or down
    ]
    alt = _alt(t, "time", parts, **slots)
    rows = [Step(name=name, up=up, down=down) for name, (up, down) in steps.items()]
    how = figures.entered(view, asset.id)
    svg = timeline(rows, t.say(f"charts.began{how}", **slots), t.say("charts.came", **slots), alt)
    yield _picture(t, f"time{how}", svg, alt, **slots)


def stretches(view: View, asset: Asset) -> dict[str, tuple[int, int]]:
    """By day, month or year, (what began, what went on to services and hubs), in base units.

    Empty where the movements do not give the very sums that the tables print.
    """
    if not {"flows", "transfers"} <= set(view.tables):
        return {}
    began, came = _moved(view, asset)
    stopped = sum(r.amount for r in figures.rests(view) if r.asset == asset.id and r.reason in _PLACES)
    whole = sum(r.amount for r in figures.rests(view) if r.asset == asset.id)
    if sum(came.values()) != stopped or sum(began.values()) != whole or None in {*began, *came}:
        return {}
    form = _form([time for time in dict.fromkeys([*began, *came]) if time is not None])
    if form is None:
        return {}
    steps = {name: [0, 0] for name in _between(form, [*began, *came])}
    for place, held in enumerate((began, came)):
        for time, amount in held.items():
            if time is not None:
                steps[time.strftime(form)][place] += amount
    return {name: (up, down) for name, (up, down) in steps.items()}


def told(view: View) -> list[dict[str, str | int]]:
    """The timelines as data: a row for each asset and stretch in which something moved."""
    assets = (figures.asset(view, asset_id) for asset_id in sorted({r.asset for r in view.offramps}))
    return [
        {"asset": asset.id, "time": name, "began": up, "came": down}
        for asset in assets
        for name, (up, down) in stretches(view, asset).items()
        if up or down
    ]


def _moved(view: View, asset: Asset) -> tuple[dict[datetime | None, int], dict[datetime | None, int]]:
    """By moment, what began as loss, and what ended in a wallet of a service or hub."""
    flows, moved = view.tables["flows"](), view.tables["transfers"]()
    mine = moved.filter(pc.equal(moved.column("asset"), asset.id)).select(["seq", "time", "dst"])
    rows = {row["seq"]: row for row in mine.to_pylist()} if len(mine) <= len(flows) else None
    if rows is None:
        wanted = pc.is_in(mine.column("seq"), value_set=flows.column("seq").unique())
        rows = {row["seq"]: row for row in mine.filter(wanted).to_pylist()}
    wallets = {w for r in view.offramps if r.asset == asset.id for w in r.hot_wallets}
    began: dict[datetime | None, int] = {}
    came: dict[datetime | None, int] = {}
    told = flows.filter(pc.is_in(flows.column("event"), value_set=pa.array(["start", "end"], pa.string())))
    events = zip(
        told.column("seq").to_pylist(), told.column("event").to_pylist(), amounts.exact(told), strict=True
    )
    for seq, event, amount in events:
        row = rows.get(seq)
        if row is None:
            continue
        if event == "start":
            began[row["time"]] = began.get(row["time"], 0) + amount
        elif row["dst"] in wallets:
            came[row["time"]] = came.get(row["time"], 0) + amount
    return began, came


def _form(times: list[datetime]) -> str | None:
    """Days, months or years: the finest that gives few enough stretches; None for fewer than two of them."""
    if not times:
        return None
    first, last = min(times), max(times)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if (last.date() - first.date()).days < _STEPS:
        return "%Y-%m-%d" if first.date() != last.date() else None
    return "%Y-%m" if months <= _STEPS else "%Y"


def _between(form: str, times: list[datetime | None]) -> list[str]:
    """Every stretch from the first to the last, those without movements too."""
    known = [time for time in times if time is not None]
    first, last = min(known), max(known)
    if form == "%Y":
        return [f"{year:04}" for year in range(first.year, last.year + 1)]
    if form == "%Y-%m":
        span = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        return [f"{n // 12:04}-{n % 12 + 1:02}" for n in span]
    days = range(first.toordinal(), last.toordinal() + 1)
    return [datetime.fromordinal(n).strftime(form) for n in days]


def _services(view: View, t: Texts, asset: Asset) -> Iterator[Picture]:
    """For each service and hub, what went on to it, and what of the inflow came from its wallets."""
    out = {x.service or "": x.amount for x in figures.totals(view) if x.asset == asset.id}
    into = _origins(view, asset, "amount")
    names = sorted({*out, *into}, key=lambda n: (-max(out.get(n, 0), into.get(n, 0)), n))
    groups, parts = [], []
    if len(names) < 2 and not into:
        return  # one bar says no more than its figure
    for name in names[:_SERVICES]:
        said = {"out": t.units(out.get(name, 0), asset), "into": t.units(into.get(name, 0), asset)}
        shown = _named(view, t, asset, name)
        rows = (
            Bar(name=t.say("charts.out"), amount=out.get(name, 0), figure=said["out"]),
            Bar(name=t.say("charts.into"), amount=into.get(name, 0), figure=said["into"], fill=HATCHED),
        )
        groups.append((shown, rows))
        parts.append(t.say("charts.services_part", name=shown, **said))
    if groups:
        slots = {"symbol": visible(asset.symbol, 24), "rule": view.case.rule}
        alt = _alt(t, "services", parts, **slots)
        more = t.say("charts.more", count=f"{len(names) - _SERVICES:,}") if len(names) > _SERVICES else ""
        yield _picture(t, "services", bars(groups, alt), alt, more=more, **slots)


def _named(view: View, t: Texts, asset: Asset, name: str) -> str:
    return visible(figures.name(view, name, name), 40) if name else unnamed.hubs(view, t, asset.id)


def _origins(view: View, asset: Asset, column: str) -> Mapping[str, int]:
    """What came from each service, and from hubs under an empty name."""
    found: dict[str, int] = {}
    for row in inflows.told(view):
        if row["asset"] == asset.id and row["kind"] in _PLACES:
            name = row["name"] if row["kind"] == "service" else ""
            found[name] = found.get(name, 0) + int(row[column])
    return {name: amount for name, amount in found.items() if amount}


def _rules(view: View, t: Texts, asset: Asset) -> Iterator[Picture]:
    """Each rule's figure for each service and hub, where rules differ."""
    totals = [x for x in figures.totals(view) if x.asset == asset.id and x.least[1] != x.most[1]]
    groups, parts = [], []
    for total in totals[:_SERVICES]:
        shown = _named(view, t, asset, total.service or "")
        rows = [
            Bar(
                name=t.say("charts.declared", rule=rule) if rule == view.case.rule else rule,
                amount=amount,
                figure=t.units(amount, asset),
                fill=FULL if rule == view.case.rule else WHITE,
            )
            for rule, amount in total.by_rule
        ]
        groups.append((shown, rows))
        figured = ", ".join(f"{bar.name} {bar.figure}" for bar in rows)
        parts.append(f"{shown}: {figured}")
    if groups:
        slots = {"symbol": visible(asset.symbol, 24)}
        alt = _alt(t, "rules", parts, **slots)
        yield _picture(t, "rules", bars(groups, alt), alt, **slots)


def _back(view: View, t: Texts, asset: Asset) -> Iterator[Picture]:
    """What came from where traced value had been before, and how much of it may be the same."""
    after, twice = _origins(view, asset, "after"), _origins(view, asset, "twice")
    groups, parts = [], []
    for name in sorted(after, key=lambda n: (-after[n], n))[:_SERVICES]:
        shown = _named(view, t, asset, name)
        said = {"after": t.units(after[name], asset), "twice": t.units(twice.get(name, 0), asset)}
        rows = (
            Bar(name=t.say("charts.after"), amount=after[name], figure=said["after"], fill=WHITE),
            Bar(name=t.say("charts.twice"), amount=twice.get(name, 0), figure=said["twice"]),
        )
        groups.append((shown, rows))
        parts.append(t.say("charts.back_part", name=shown, **said))
    if groups:
        slots = {"symbol": visible(asset.symbol, 24), "rule": view.case.rule}
        alt = _alt(t, "back", parts, **slots)
        yield _picture(t, "back", bars(groups, alt), alt, **slots)
