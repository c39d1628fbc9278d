"""Instructed: what a case declares of a loss, with all that limits it: amount, assets and period."""

from __future__ import annotations

from recover.report import figures
from recover.report.texts import Texts, moment
from recover.sdk import Loss, View
from recover.sdk.outside import visible


def limits(view: View, t: Texts, loss: Loss) -> str:
    """How much is declared, of which assets, and from when until when where that is limited; one a line."""
    assets = [figures.asset(view, a) for a in loss.assets]
    symbols = ", ".join(visible(a.symbol, 24) for a in assets) or t.say("instructions.all_assets")
    single = assets[0] if len(assets) == 1 else None
    amount = t.say("instructions.by_address" if loss.address else "instructions.all_amount")
    if loss.output is not None:
        amount = t.say("instructions.all_output", output=loss.output)
    if loss.amount is not None:
        amount = t.both(loss.amount, single) if single else f"{loss.amount:,}"
    return f"{amount}\n{symbols}" + (f"\n{_period(t, loss)}" if loss.since or loss.until else "")


def _period(t: Texts, loss: Loss) -> str:
    """From when, until when, of a loss that says either."""
    since, until = moment(loss.since), moment(loss.until)
    if loss.since and loss.until:
        return t.say("instructions.between", since=since, until=until)
    if loss.since:
        return t.say("instructions.since", since=since)
    return t.say("instructions.until", until=until)
