"""Unnamed: what wallets are called that no accepted label names."""

from __future__ import annotations

from collections.abc import Iterable

from recover.report import figures
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
from recover.sdk.outside import visible


def hub(view: View, t: Texts, rows: Iterable[OffRamp], among: str = "flows.unlabelled") -> str:
    """What wallets are called that no accepted label names; that sources disagree on the owner, where they do."""
    rows = list(rows)
    named = figures.disputed(view, rows)
    if not named:
        return t.say(among)
    said = t.say("flows.rivals", names=t.joined(visible(one, 80) for one in named))
    return said if all(figures.disputed(view, [r]) for r in rows) else t.joined([t.say(among), said])


def hubs(view: View, t: Texts, asset_id: str) -> str:
    """The same of all such wallets to which value of an asset went."""
    mine = (r for r in view.offramps if r.service is None and r.asset == asset_id)
    return hub(view, t, mine, "summary.hubs")


def hub_at(view: View, t: Texts, at: figures.Spot) -> str:
    """The same of one of them, within a sentence."""
    named = figures.rivals(view).get(at)
    return t.say("order.rivals", names=visible(named, 160)) if named else t.say("order.hub")
