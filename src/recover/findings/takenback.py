"""Taken back: a case as it would be without one choice that was made after results, all else as it is now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from recover.case import Case, looked, settings
from recover.ledger import parts
from recover.ledger.join import READ
from recover.plugins.registry import Plugins
from recover.sdk.view import Change

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "losses": ("losses",),
    "elections": ("elections",),
    "policy": ("merge", "least"),
    "parameters": ("parameters",),
}
"""What of the settings each word of a change is."""


def undone(case: Case, change: Change, lists: Collection[int]) -> Case | None:
    """The case without that change; None where it is evidence that came in, or the rule alone.

    `lists` are exhibits that are nothing but labels.
    """
    entry = case.entries[change.number - 1]
    look = looked.at(case)
    if entry.kind == "settings":
        said = [one for one in case.entries[: entry.number - 1] if one.kind in ("opened", "settings")]
        former = settings.parse(said[-1].body["text"])
        names = [name for word in change.what for name in _FIELDS.get(word, ())]
        fields: dict[str, Any] = {name: getattr(former, name) for name in names}
        return replace(look, settings=replace(case.settings, **fields)) if names else None
    if entry.kind in ("act", "decision", "set-aside"):
        look.entries = [one for one in case.entries if one.number != entry.number]
        return look
    if entry.kind == "exhibit" and entry.body["number"] in lists:
        looked.suppose(
            look, "set-aside", [{"exhibit": entry.body["number"], "back": False, "reason": "", "by": ""}]
        )
        return look
    return None


def labels(case: Case, plugins: Plugins) -> frozenset[int]:
    """The exhibits that say whose addresses are, and show no movement."""
    found = parts.parts(case, plugins)
    moved = {part.exhibit for part in found if parts.holds(case, part, *READ)}
    return frozenset(part.exhibit for part in found if parts.holds(case, part, "assertions")) - moved
