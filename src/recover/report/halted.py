"""Acts for value that stopped with nobody to ask by name: receivers not shown, what was destroyed, pools."""

from __future__ import annotations

from collections.abc import Iterator

from recover.report import figures
from recover.report.claimed import Holds
from recover.report.texts import Texts
from recover.sdk import Finding, View
from recover.sdk.outside import visible

WHY = OPEN, BURN, SWAP = "open", "burn", "swap"
SHOWN = 3
"""So many transactions an act names."""


def halted(view: View, why: str) -> list[Finding]:
    """The findings of traced value that stopped for this reason, and that no other act is about."""
    if why == SWAP:
        return [f for f in figures.of_kind(view, "swap-stopped") if figures.number(f, "amount")]
    return [f for f in figures.of_kind(view, "stopped") if f.slots["reason"] == why]


def any_of(why: str) -> Holds:
    """The condition that value stopped for this reason."""
    return lambda view: bool(halted(view, why))


def actions(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, amount, act) for each."""
    for why in WHY:
        for f in halted(view, why):
            asset, amount = str(f.slots["asset"]), figures.number(f, "amount")
            txs = f.slots["transactions"]
            named = [visible(tx) for tx in txs] if isinstance(txs, tuple) else []
            more = figures.number(f, "count") - len(named[:SHOWN])
            said = t.joined(named[:SHOWN]) + (f" {t.say('flows.more', count=f'{more:,}')}" if more > 0 else "")
            slots = {"address": visible(f.subject) or "–", "amount": t.units(amount, figures.asset(view, asset))}
            yield asset, amount, t.say(f"summary.act_halted_{why}", transactions=said, **slots)
