"""What persons did by hand, as papers say it: names, reviews, splits and joins, and what was undone."""

from __future__ import annotations

from recover.report import figures, ranged
from recover.report.elements import Block, Para, columns, table
from recover.report.texts import Texts, moment
from recover.sdk import Finding, View
from recover.sdk.outside import visible


def annex(view: View, t: Texts) -> list[Block]:
    """Every act, in order; one that was undone stays, with who undid it and why."""
    if not view.acts:
        return []
    rows = [
        (
            str(act.id),
            moment(act.at),
            f"{t.say(f'byhand.{act.act}')}\n{visible(act.about, 400)}",
            visible(act.by, 80),
            visible(act.reason, 400) + _undone(t, act.undone),
        )
        for act in view.acts
    ]
    heads = columns(t, "number:number", "time:mono", "what", "by", "aside_reason")
    return [table(t.say("byhand.annex"), heads, rows)]


def _undone(t: Texts, by: str) -> str:
    return f"\n{t.say('byhand.undone', by=visible(by, 200))}" if by else ""


def rejected(view: View) -> list[Finding]:
    """The findings of services that a person rejected: their figures stand in sums all the same."""
    kinds = ("off-ramp", "service-total")
    return [f for f in view.findings if f.kind in kinds and view.reviews.get(f.id, ("", ""))[0] == "rejected"]


def without(view: View, t: Texts) -> list[Para]:
    """What letters say of a service of which a person rejected some off-ramps: its sum and its range."""
    found = []
    for total in figures.totals(view):
        mine = [r for r in figures.kept(view) if (r.service, r.asset) == (total.service, total.asset)]
        if total.service and mine and len(mine) < len(total.rows):
            asset = figures.asset(view, total.asset)
            told = [r for r in figures.at_stake(view, total.service) if r.asset == total.asset] or mine
            sums = figures.total(view, total.service, total.asset, told, mine)
            slots = {"service": visible(total.name, 80), "amount": t.units(sums.amount, asset)}
            said = t.say("byhand.without", range=ranged.span(view, t, asset, sums), rule=view.case.rule, **slots)
            found.append(Para(text=said, style="warning"))
    return found


def reviewed(view: View, t: Texts, finding: Finding) -> str:
    """What is said after a finding's own sentence; empty where nobody reviewed it."""
    state, by = view.reviews.get(finding.id, ("", ""))
    return f" {t.say(f'byhand.{state}', by=visible(by, 300))}" if state else ""
