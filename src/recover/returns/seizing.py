"""The papers of a seizure plan: the plan, the scene card, the draft schedule to an order, and the watch list."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from recover.case import Case
from recover.plugins.registry import Plugins
from recover.recognise.assets import Units, shown_as
from recover.report.elements import Block, Brief, Facts, Items, Para, table
from recover.report.texts import Texts
from recover.returns import leaves
from recover.returns.leaves import said
from recover.sdk.outside import visible
from recover.seizure import keeping
from recover.seizure.plans import Target
from recover.seizure.resting import Place, came_back, in_custody, ways

_CARD = 40
"""Wallets that a scene card lists; more would not be looked for."""


def write(
    case: Case, plugins: Plugins, places: Sequence[Place], targets: Mapping[str, Target], out: Path, left: int = 0
) -> list[Path]:
    """plan.pdf, scene-card.pdf, order-schedule.csv and watch.json. `left` counts places that none of
    them names."""
    t, units = leaves.words("en", plugins), shown_as(case, plugins)
    files: dict[str, Brief | bytes] = {
        "plan.pdf": plan(
            case, t, places, targets, units, came_back(case, plugins), in_custody(case, plugins), left
        ),
        "scene-card.pdf": card(case, t, places, targets, units),
        "order-schedule.csv": schedule(places, targets),
        "watch.json": watch(case, places, targets),
    }
    return leaves.write(case, plugins, out, files)


def plan(
    case: Case,
    t: Texts,
    places: Sequence[Place],
    targets: Mapping[str, Target],
    units: Units,
    home: Sequence[Place] = (),
    kept: Sequence[Place] = (),
    left: int = 0,
) -> Brief:
    """The plan. `home` is what came back to victims: nothing of it is seized; `kept` is in
    custody already; `left` is kept back for screening."""
    heads = [(t.say("plan.place"), "mono"), (t.say("plan.traced"), "number"), (t.say("plan.held"), "number")]
    heads.append((t.say("plan.act"), "text"))
    rows = [
        (
            one.caip10,
            said(one.asset, one.traced, units),
            f"{said(one.asset, one.held.amount, units)}\n{one.held.height or one.held.time}"
            if one.held
            else t.say("plan.none"),
            "; ".join(x for x in (one.service or one.issuer, *(ways()[w].title for w in one.ways)) if x),
        )
        for one in places
    ]
    first: list[Block] = [table("", tuple(heads), rows)] if rows else []  # type: ignore[arg-type]
    used = dict.fromkeys(way for one in places for way in one.ways)
    return leaves.brief(
        case,
        t,
        t.say("plan.title"),
        t.say("plan.subtitle"),
        [
            Para(text=t.say("plan.body", rule=t.rule(case.settings.rule))),
            *([Para(text=t.say("plan.screened", count=left), style="warning")] if left else []),
            Para(text=t.say("plan.never"), style="warning"),
        ],
        [
            (t.say("plan.places"), first),
            *([(t.say("plan.home_title"), _home(t, "plan.home", home, units))] if home else []),
            *([(t.say("plan.kept_title"), _home(t, "plan.kept", kept, units))] if kept else []),
            *((t.say("plan.target", id=one.id), [_target(t, one, units)]) for one in targets.values()),
            *((ways()[name].title, _way(t, name)) for name in used),
        ],
    )


def _home(t: Texts, why: str, home: Sequence[Place], units: Units) -> list[Block]:
    heads = ((t.say("plan.place"), "mono"), (t.say("plan.traced"), "number"))
    rows = [(one.caip10, said(one.asset, one.traced, units)) for one in home]
    return [Para(text=t.say(why), style="warning"), table("", heads, rows)]  # type: ignore[arg-type]


def _target(t: Texts, one: Target, units: Units) -> Facts:
    rows = [
        ("place", one.source, "mono"),
        ("asset", one.asset, "mono"),
        ("units", t.say("plan.all") if one.units is None else said(one.asset, one.units, units), "text"),
        ("to", one.to or t.say("plan.unchecked"), "mono" if one.to else "blank"),
        ("authority", visible(one.authority, 200), "text"),
        ("roles", visible("; ".join(f"{role}: {name}" for role, name in one.roles.items()), 200) or "–", "text"),
        ("fee", leaves.in_coin(one.source, one.fee_most, units), "text"),
    ]
    return Facts(rows=tuple((t.say(f"plan.{key}"), value, style) for key, value, style in rows))


def _way(t: Texts, name: str) -> list[Block]:
    way = ways()[name]
    facts = (
        (t.say(f"plan.{key}"), text, "text") for key, text in (("who", way.who), ("authority", way.authority))
    )
    needs = (t.say("plan.needs"), way.needs, "text")
    wrong = (Para(text=t.say("plan.wrong"), style="lead"), Items(items=way.wrong))
    return [Facts(rows=(*facts, needs)), _numbered(way.steps), *wrong]


def card(case: Case, t: Texts, places: Sequence[Place], targets: Mapping[str, Target], units: Units) -> Brief:
    """For the officers on scene: the wallets that they look for, the largest first, and what to do."""
    way = ways()["self"]
    sought = [one for one in places if "self" in one.ways]
    heads = ((t.say("plan.place"), "mono"), (t.say("plan.traced"), "number"))
    rows = [(one.caip10, said(one.asset, one.traced, units)) for one in sought[:_CARD]]
    sought_: list[Block] = [table("", heads, rows)] if rows else [Para(text=t.say("plan.scene_none"))]  # type: ignore[arg-type]
    if len(sought) > _CARD:
        sought_.append(Para(text=t.say("plan.scene_more", count=len(sought) - _CARD), style="note"))
    lines = [
        t.say("plan.scene_numbers", id=one.id, to=one.to or t.say("plan.unchecked")) for one in targets.values()
    ]
    return leaves.brief(
        case,
        t,
        t.say("plan.scene_title"),
        t.say("plan.scene_subtitle"),
        [Para(text=t.say("plan.never"), style="warning")],
        [
            (t.say("plan.steps"), [_numbered(way.steps)]),
            (t.say("plan.wrong"), [Items(items=way.wrong)]),
            (t.say("plan.sought"), sought_),
            *([(t.say("plan.to"), [Items(items=tuple(lines))])] if lines else []),
        ],
    )


def _numbered(steps: Sequence[str]) -> Facts:
    """Steps that are taken in their order."""
    return Facts(rows=tuple((f"{n}.", step, "text") for n, step in enumerate(steps, 1)))


def schedule(places: Sequence[Place], targets: Mapping[str, Target]) -> bytes:
    """What an order would name: place, asset, units in base units, to where; one row a target, then other
    places."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("target", "chain", "address", "asset", "units", "destination", "authority"))
    settled = set()
    for one in targets.values():
        settled.add((one.source, one.asset))
        chain, _, address = one.source.rpartition(":")
        units = "" if one.units is None else str(one.units)
        rows.writerow((one.id, chain, address, one.asset, units, one.to, visible(one.authority, 200)))
    for place in places:
        if (place.caip10, place.asset) not in settled:
            rows.writerow(("", place.chain, place.address, place.asset, str(place.traced), "", ""))
    return text.getvalue().encode()


def watch(case: Case, places: Sequence[Place], targets: Mapping[str, Target]) -> bytes:
    """Addresses to watch, with what is there and from how many base units on to alert: any movement at all."""
    rows = [
        {
            "address": one.caip10,
            "asset": one.asset,
            "role": "resting place",
            "units": str(one.held.amount if one.held else one.traced),
            "alert_from": "1",
        }
        for one in places
    ]
    rows += [
        {"address": one.to, "asset": one.asset, "role": "destination", "units": "0", "alert_from": "1"}
        for one in targets.values()
        if one.to
    ]
    rows += [
        {"address": a.address, "asset": a.asset, "role": "custody", "units": str(a.held), "alert_from": "1"}
        for a in keeping.accounts(case)
    ]
    return json.dumps(rows, indent=1, sort_keys=True).encode() + b"\n"
