"""Before: what services had before a choice was changed after results, with all else as it is now.

A change of the rule needs no such run: every rule is traced. A loss, what joins addresses, a parameter, an
election, a decision, a name by hand or a list of labels is taken back, one at a time, and the case traced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from recover.case import Case, looked, settings
from recover.findings.declaration import declaration
from recover.findings.evidence import Row
from recover.findings.material import Material
from recover.ledger import parts
from recover.ledger.join import READ
from recover.plugins.registry import Plugins
from recover.sdk.view import Change
from recover.stages.supposed import sums, work

MOST = 8
"""At most so many changes, the latest, are worked out; the annex says of which others nothing was."""

WORK = 1_000_000
"""Fewer of a large ledger: movements times changes stay below this, so that a run ends."""

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "losses": ("losses",),
    "elections": ("elections",),
    "policy": ("merge", "least"),
    "parameters": ("parameters",),
}
"""What of the settings each word of a change is."""


def rows(case: Case, plugins: Plugins, material: Material) -> Iterator[Row]:
    """For each change, one finding for each service whose figure was another; one that says so where none was."""
    changes = [change for change in declaration(case).changes if _undone(case, plugins, change) is not None]
    most = min(MOST, WORK // max(1, material.transfers.num_rows))
    now = sums(material) if changes else {}
    for change in changes[-most:] if most else ():
        look = _undone(case, plugins, change)
        assert look is not None
        settled = set(change.what) <= {"losses", "elections", "rule"}
        same = {a for one in case.settings.losses for a in one.assets} == {
            a for one in look.settings.losses for a in one.assets
        }
        made = work(look, plugins, join="decisions" in change.what or not same, link=not settled)
        was = {} if made is None else sums(made)
        about = {"entry": change.number, "what": change.what}
        moved = [key for key in sorted({*was, *now}) if was.get(key, 0) != now.get(key, 0)]
        for asset, service in moved:
            amount = now.get((asset, service), 0)
            figures = {
                "asset": asset,
                "service": service,
                "before": was.get((asset, service), 0),
                "amount": amount,
            }
            yield "before-change", service or asset, "", {**about, **figures}, ()
        if not moved:
            yield "before-change", "", "", about, ()


def _undone(case: Case, plugins: Plugins, change: Change) -> Case | None:
    """The case without that change; None where it is evidence that came in, or the rule alone."""
    entry = case.entries[change.number - 1]
    look = looked.at(case)
    if entry.kind == "settings":
        said = [one for one in case.entries[: entry.number - 1] if one.kind in ("opened", "settings")]
        former = settings.parse(said[-1].body["text"])
        names = [name for word in change.what for name in _FIELDS.get(word, ())]
        fields: dict[str, Any] = {name: getattr(former, name) for name in names}
        return replace(look, settings=replace(case.settings, **fields)) if names else None
    if entry.kind in ("act", "decision"):
        look.entries = [one for one in case.entries if one.number != entry.number]
        return look
    if entry.kind == "exhibit" and _labels(case, plugins, int(entry.body["number"])):
        looked.suppose(
            look, "set-aside", [{"exhibit": entry.body["number"], "back": False, "reason": "", "by": ""}]
        )
        return look
    return None


def _labels(case: Case, plugins: Plugins, number: int) -> bool:
    """Whether an exhibit says whose addresses are, and shows no movement."""
    mine = [part for part in parts.parts(case, plugins) if part.exhibit == number]
    return any(parts.holds(case, p, "assertions") for p in mine) and not any(
        parts.holds(case, p, *READ) for p in mine
    )
