"""Doors: where a service is asked in a hurry: the channel of the register that officials may use."""

from __future__ import annotations

from dataclasses import dataclass

from recover.case import Case
from recover.declared import confirming, overlay
from recover.plugins.registry import Plugins
from recover.registers import addressees
from recover.sdk.outside import visible

_OPEN = ("official", "any", "")
"""Who may write by a channel, the fittest first: at night an authority asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One channel: its kind and value, as of when its source has it, and who confirmed it in this case (empty for
    nobody)."""

    kind: str
    value: str
    as_of: str
    by: str

    @property
    def said(self) -> str:
        """The same in words."""
        since = f" of {self.as_of}" if self.as_of else " without a date"
        word = f"confirmed by {self.by}" if self.by else f"UNCONFIRMED, from a register entry{since}"
        return f"{self.kind} {self.value} ({word})"


def door(case: Case, plugins: Plugins, service: str) -> Door | None:
    """Where a service of this id or name is asked; None where the register has no entry, or no channel for it."""
    known = overlay.entries(case, plugins)
    entry = addressees.meant(service, known, addressees.services(plugins.templates, known))
    if entry is None:
        return None
    said = overlay.confirmed(case, known)
    names = {one: visible(by.by, 60) for one in entry.channels for by in said if confirming.of(by, one, entry)}
    fit = [c for c in entry.channels if c.sender in _OPEN and not c.states and not confirming.unread(c)]
    if not fit:
        return None
    one = min(fit, key=lambda channel: (channel not in names, _OPEN.index(channel.sender)))
    return Door(kind=visible(one.kind, 40), value=visible(one.value, 200), as_of=one.as_of, by=names.get(one, ""))
