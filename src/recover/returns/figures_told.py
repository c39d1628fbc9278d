"""The case in figures: lost, traced, frozen, seized, returned, by asset; and when each first and last happened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast

import pyarrow.compute as pc

from recover.allocation import distributed
from recover.case import Case, derived
from recover.ledger import paying
from recover.plugins.registry import Plugins
from recover.recognise.assets import shown_as
from recover.report.elements import ColumnKind, Items, Para, table
from recover.report.texts import Texts
from recover.returns import leaves, paidout
from recover.returns.leaves import said
from recover.sdk import amounts
from recover.seizure import keeping, minor
from recover.victims import settled

NAMES = ("lost", "traced", "frozen", "seized", "handed", "converted", "held")
TWICE = ("twice", "net")
"""What of the lost may be counted twice, at most, and what is lost net of it."""


@dataclass(slots=True, kw_only=True)
class Figures:
    """Sums by asset, in base units; None where nothing in the case says so. Times are of the case's own entries;
    `money` is by currency what conversions brought and what was handed over of it, in minor units."""

    by_asset: dict[str, dict[str, int | None]] = field(default_factory=dict)
    times: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    money: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    persons: tuple[int, int, int] = (0, 0, 0)

    def add(self, asset: str, name: str, amount: int) -> None:
        line = self.by_asset.setdefault(asset, dict.fromkeys((*NAMES, *TWICE)))
        line[name] = (line[name] or 0) + amount


def of(case: Case) -> Figures:
    """What the case says now."""
    found = Figures(money=keeping.purses(case))
    _lost(case, found)
    _twice(case, found)
    _traced(case, found)
    _frozen(case, found)
    for one in keeping.accounts(case):
        sums = (one.received, one.handed, one.converted, one.held)
        for name, amount in zip(("seized", "handed", "converted", "held"), sums, strict=True):
            found.add(one.asset, name, amount)
    victims = settled.every(case).values()
    payments = [payment for victim in victims for payment in victim.payments]
    found.persons = (len(victims), len(payments), sum(not one.tx for one in payments))
    for entry in case.entries:
        name = _step(entry.kind, str(entry.body.get("act", "")))
        if name:
            first, _ = found.times.get(name, (entry.time, entry.time))
            found.times[name] = (first, entry.time)
    return found


def _step(kind: str, act: str) -> str:
    return {
        "opened": "opened",
        "victim": "intake" if act == "add" else "",
        "letter": "paper" if act == "issue" else "",
        "custody": {"record": "seizure", "hand-over": "returned"}.get(act, ""),
        distributed.KIND: "order",
    }.get(kind, "")


def _lost(case: Case, found: Figures) -> None:
    """What losses began with, as the last trace has it; without one, as they were declared."""
    if case.files.size("derived/trace/flows.parquet") is None:
        for loss in case.settings.losses:
            if loss.amount is not None and len(loss.assets) == 1:
                found.add(loss.assets[0], "lost", loss.amount)
        return
    begun = paying.begun(derived.read(case, "flows"), derived.read(case, "exchanges"))
    assets = derived.read(case, "transfers", ["asset"]).take(begun.column("seq")).column("asset").to_pylist()
    for asset, amount in zip(assets, amounts.exact(begun), strict=True):
        found.add(asset, "lost", amount)


def _traced(case: Case, found: Figures) -> None:
    if case.files.size("derived/find/offramps.parquet") is None:
        return
    for row in derived.read(case, "offramps", ["asset", "by_loss"]).to_pylist():
        found.add(row["asset"], "traced", sum(map(int, json.loads(row["by_loss"]).values())))


def _twice(case: Case, found: Figures) -> None:
    """What of it may be the same value twice, as the papers have it."""
    if case.files.size("derived/find/origins.parquet") is None:
        return
    for row in derived.read(case, "origins", ["asset", "twice"]).to_pylist():
        found.add(row["asset"], "twice", int(row["twice"]))
    for line in found.by_asset.values():
        if (lost := line["lost"]) is not None:
            line["twice"] = twice = line["twice"] or 0
            line["net"] = lost - twice


def _frozen(case: Case, found: Figures) -> None:
    if case.files.size("derived/find/findings.parquet") is None:
        return
    table_ = derived.read(case, "findings", ["kind", "slots"])
    for row in table_.filter(pc.equal(table_.column("kind"), "frozen")).to_pylist():
        slots = json.loads(row["slots"])
        amount = slots.get("amount")
        if isinstance(amount, dict) and isinstance(slots.get("asset"), str):
            found.add(slots["asset"], "frozen", int(amount["int"]))


def _heads(t: Texts, names: Sequence[str]) -> tuple[tuple[str, ColumnKind], ...]:
    pairs = (name.partition(":") for name in names)
    return tuple((t.say(f"figures.{key}"), cast(ColumnKind, kind)) for key, _, kind in pairs)


def doubled(found: Figures, units: Mapping[str, tuple[str, int | None]]) -> list[str]:
    """Of each asset of which some of the lost may be counted twice, how much, and what is lost net of it."""
    rows = ((asset, line) for asset, line in sorted(found.by_asset.items()) if line["twice"])
    return [
        f"{units.get(asset, ('', None))[0] or asset}: of {said(asset, line['lost'], units)} lost at most "
        f"{said(asset, line['twice'], units)} may be counted twice; net of that {said(asset, line['net'], units)}"
        for asset, line in rows
    ]


def write(case: Case, plugins: Plugins, found: Figures, out: Path) -> list[Path]:
    """One PDF."""
    t, units = leaves.words("en", plugins), shown_as(case, plugins)
    heads = ((t.say("figures.asset"), "text"), *((t.say(f"figures.{name}"), "number") for name in NAMES))
    alerts = [f"{one.address}: {one.said}" for one in keeping.alerts(case, units)]
    alerts += paidout.beyond(case, units)
    rows = [
        (units.get(asset, ("", None))[0] or asset, *(said(asset, line[name], units) for name in NAMES))
        for asset, line in sorted(found.by_asset.items())
    ]
    times = [
        (t.say(f"figures.{name}"), f"{first:%Y-%m-%d %H:%M}", f"{last:%Y-%m-%d %H:%M}")
        for name, (first, last) in found.times.items()
    ]
    step = ((t.say("figures.step"), "text"), (t.say("figures.first"), "text"), (t.say("figures.last"), "text"))
    victims, payments, open_ = found.persons
    purse = ("currency:text", "brought:number", "paid:number", "rests:number")
    purses = [
        (currency, *(minor.said(n, currency) for n in (brought, paid, brought - paid)))
        for currency, (brought, paid) in sorted(found.money.items())
    ]
    paper = leaves.brief(
        case,
        t,
        t.say("figures.title"),
        t.say("figures.subtitle"),
        [
            Para(text=t.say("figures.body")),
            table("", heads, rows),  # type: ignore[arg-type]
            *(Para(text=f"{text}.", style="warning") for text in doubled(found, units)),
        ],
        [
            *([(t.say("figures.alerts"), [Items(items=tuple(alerts))])] if alerts else []),
            *([(t.say("figures.money_title"), [table("", _heads(t, purse), purses)])] if purses else []),
            (
                t.say("figures.times_title"),
                [
                    table("", step, times),  # type: ignore[arg-type]
                    Para(text=t.say("figures.persons", victims=victims, payments=payments, open=open_)),
                ],
            ),
        ],
    )
    return leaves.write(case, plugins, out, {"figures.pdf": paper})
