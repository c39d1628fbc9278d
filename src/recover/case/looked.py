"""A case that is looked at: to work something out in memory, where nothing can be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from recover.case.folder import Case
from recover.case.journal import Entry


def at(case: Case) -> Case:
    """The case as it stands now; tables of stages may stand in its memory in place of files."""
    look = replace(case, now=None, held={})
    follow(look, case)
    return look


def follow(look: Case, case: Case) -> None:
    """Give it the entries that the case has now, and none that was supposed."""
    look.entries, look.settings, look._sealed = list(case.entries), case.settings, (0, {})
    look._seen, look._known, look._listed = 0, {}, ()


def suppose(look: Case, kind: str, bodies: Sequence[Mapping[str, Any]]) -> None:
    """Entries that will be made, as if they were there."""
    now = look.entries[-1].time
    for body in bodies:
        number = len(look.entries) + 1
        look.entries.append(Entry(number=number, time=now, kind=kind, body=body, prev="", hash=""))
