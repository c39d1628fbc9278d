"""The defence's edition: what can be said against the findings, gathered in one place, and how to test each."""

from __future__ import annotations

from collections.abc import Iterator

from recover.report import (
    attributed,
    byhand,
    disputes,
    figures,
    lacks,
    materials,
    opposed,
    ranged,
    simultaneous,
    unnamed,
    unsettled,
)
from recover.report.elements import Block, Para, Points, columns, table
from recover.report.sentences import point
from recover.report.texts import Texts
from recover.sdk import View
from recover.sdk.outside import visible

AGAINST = frozenset(
    {
        *("contradicted", "by-version", "settled", "settled-otherwise", "before-change", "came-back", "withdrawn"),
        *("order-otherwise", "left-by-version", "unsettled"),
        *(simultaneous.KIND, "alert"),
    }
)
"""Kinds of finding that move a figure, or say whether what is open does, or that a person decided."""

_LABELS = 40


def blocks(view: View, t: Texts) -> Iterator[Block]:
    """Evidence against, labels in conflict, every rule, exhibits set aside, and the commands that test it all."""
    yield Para(text=t.say("defence.intro"), style="note")
    yield Para(text=t.say("defence.against"), style="lead")
    told = [point(view, t, f) for f in view.findings if f.kind in AGAINST]
    told += [point(view, t, f) for f in byhand.rejected(view)]
    others: list[Block] = [*ranged.zeros(view, t, figures.totals(view)), *unsettled.blocks(view, t)]
    yield Points(points=tuple(dict.fromkeys(told))) if told else Para(text=t.say("defence.none"))
    yield from others
    yield Para(text=t.say("defence.gaps", count=f"{sum(g.count for g in lacks.gaps(view)):,}"))
    yield from _labels(view, t)
    yield from _rules(view, t)
    yield Para(text=t.say("defence.aside"), style="lead")
    yield from materials.aside(view, t) or [Para(text=t.say("defence.aside_none"))]
    yield Para(text=t.say("defence.commands"), style="lead")
    rows = [*_commands(view, t)]
    yield table(t.say("defence.commands_caption"), columns(t, "command:mono", "handed_what"), rows)


def _labels(view: View, t: Texts) -> Iterator[Block]:
    yield Para(text=t.say("defence.labels"), style="lead")
    found = opposed.labels(view)
    reached = attributed.named(view)
    found.sort(key=lambda row: (row["chain"], row["address"]) not in reached)
    if not found:
        yield Para(text=t.say("defence.labels_none"))
        return
    rows = [attributed.label(t, row) for row in found[:_LABELS]]
    yield table(t.say("defence.labels_caption"), columns(t, "address:mono", "label", "origin", "grade"), rows)
    if len(found) > _LABELS:
        yield Para(text=t.say("defence.labels_more", count=f"{len(found):,}"), style="note")


def _rules(view: View, t: Texts) -> Iterator[Block]:
    """Every figure of a service or hub under every rule, also where all agree."""
    yield Para(text=t.say("defence.rules"), style="lead")
    rows = []
    for total in figures.totals(view):
        asset = figures.asset(view, total.asset)
        name = visible(total.name, 80) if total.service else unnamed.hub(view, t, total.rows)
        for at, (rule, amount) in enumerate(total.by_rule):
            mark = t.say("method.declared_mark") if rule == view.case.rule else ""
            rows.append((name if at == 0 else "", rule, mark, t.units(amount, asset)))
    if rows:
        heads = columns(t, "service", "rule", "declared", "traced:number")
        yield table(t.say("flows.by_rule", sequence=simultaneous.used(view, t)), heads, rows)
    else:
        yield disputes.nothing(view, t)


def _commands(view: View, t: Texts) -> Iterator[tuple[str, str]]:
    """Each command with what it shows; CASE is the folder, or what a sealed bundle was unpacked to."""
    for name, said in (
        ("verify", "recover verify CASE"),
        ("run", "recover run CASE"),
        ("outside", "python recover-verify.py BUNDLE"),
        ("explain", "recover explain CASE ADDRESS"),
        ("gaps", "recover show CASE gaps --limit 0"),
        ("assertions", "recover show CASE assertions --limit 0"),
        ("acts", "recover show CASE acts"),
        ("journal", "recover show CASE journal"),
    ):
        yield said, t.say(f"defence.command_{name}")
    others = [str(rule.get("id")) for rule in view.rules if rule.get("id") != view.case.rule]
    if others:
        yield "recover trace CASE --rule RULE", t.say("defence.command_rule", rules=t.joined(others))
