"""Conditions of the report's sentences, by what they look at."""

from __future__ import annotations

from dataclasses import replace

from recover.report import (
    byhand,
    credited,
    defence,
    disputes,
    figures,
    lacks,
    ranged,
    simultaneous,
)
from recover.report.sentences import spoken
from recover.sdk import View


def told(view: View, so: bool) -> bool:
    return view.edition == "defence" and so


def against(view: View) -> bool:
    return bool(byhand.rejected(view)) or any(f.kind in defence.AGAINST for f in view.findings)


def lost(view: View, disputed: bool) -> bool:
    """Whether a finding of an off-ramp says that value is not followed, where exhibits disagree or do not."""
    at = disputes.places(view)
    ramps = (f for f in spoken(view) if f.kind == "off-ramp" and f.slots.get("unfollowed"))
    return any(((f.subject, f.slots.get("asset")) in at) is disputed for f in ramps)


def open(view: View, disputed: bool) -> bool:
    """The same of the sums of page 1, one an asset."""
    at = disputes.places(view)
    rows = [r for r in view.offramps if r.unfollowed]
    met = {r.asset for r in rows if (r.address, r.asset) in at}
    return any((r.asset in met) is disputed for r in rows)


def moved(view: View) -> bool:
    return bool(figures.of_kind(view, simultaneous.KIND))


def unmoved(view: View) -> bool:
    moved = {f.slots.get("asset") for f in figures.of_kind(view, simultaneous.KIND)}
    tried = ((asset, whole) for asset, (_, whole) in simultaneous.tried(view).items() if asset not in moved)
    return any(not whole or simultaneous.ruled(view, asset) for asset, whole in tried)


def varied(view: View, key: str) -> bool:
    totals = (t for t in figures.totals(view) if not figures.unknown(t))
    return any(key in simultaneous.keys(view, t.asset, t.amount, t.rows) for t in totals)


def other_part(view: View, moves: bool) -> bool:
    return bool(simultaneous.parted(view)) and bool(figures.of_kind(view, simultaneous.PARTED)) is moves


def zero_total(view: View, key: str) -> bool:
    return any(key in ranged.zero_totals(view, total) for total in figures.totals(view))


def dust(view: View) -> bool:
    return view.edition != "defence" and any(0 < gap.share <= view.case.dust for gap in lacks.gaps(view))


def own_payments(view: View) -> bool:
    return any(figures.number(f, "own") for f in credited.accounts(view))


def differences(view: View) -> list[int]:
    names = ("swept", "passed_on", "at_rest", "not_seen_leaving")
    return [
        figures.number(f, "arrived") + figures.number(f, "opening") - sum(figures.number(f, n) for n in names)
        for f in credited.accounts(view)
    ]


def closes(view: View) -> bool:
    return not any(differences(view)) and not any(
        figures.number(f, "began") + figures.number(f, "exchanged") - figures.number(f, "ended")
        for f in figures.of_kind(view, "conservation")
    )


def closed(view: View) -> bool:
    accounts, rows = credited.accounts(view), figures.of_kind(view, "conservation")
    return (bool(accounts) and not any(differences(view))) or (bool(rows) and closes(replace(view, findings=rows)))
