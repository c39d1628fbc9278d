"""Screened first: addresses that may be forced persons' stand in no letter until a trained person has screened.

Rows and findings of such addresses are taken from the view of which all letters are made, so that they stand in no
figure, table, text or file of one. The report, which the court has, is made of the whole.
"""

from __future__ import annotations

from dataclasses import replace

from recover.sdk import Finding, View
from recover.sdk.view import OffRamp

TABLE = "unscreened"


def shown(view: View) -> View:
    """The view as letters may have it."""
    held = _places(view)
    if not held:
        return view
    return replace(
        view,
        offramps=tuple(ramp for ramp in view.offramps if not _credits(ramp) & held),
        findings=tuple(one for one in view.findings if not _about(one) & held),
    )


def count(view: View) -> int:
    """How many addresses are held back: a sender is told that there are some, and not which."""
    return len(_places(view))


def _places(view: View) -> frozenset[tuple[str, str]]:
    if TABLE not in view.tables:
        return frozenset()
    return frozenset((row["chain"], row["address"]) for row in view.tables[TABLE]().to_pylist())


def _credits(ramp: OffRamp) -> set[tuple[str, str]]:
    # A service's own wallet is nobody's who is paid there.
    return {(ramp.chain, ramp.through)} if ramp.through not in ramp.hot_wallets else set()


def _about(one: Finding) -> set[tuple[str, str]]:
    asset = str(one.slots.get("asset", ""))
    return {(asset.partition("/")[0], one.subject)}
