"""upgrade: bring an older case to this version's format, and see which figures differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recover.cli import progress, screen
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.findings.differences import Difference


def upgrade(case: CasePath, json: Json = False) -> None:
    """Bring an older case to this version's format, run it again, and say which figures differ and why.

    The change and the differences are journalled; what was issued stays as it is. Nothing is asked of any source.
    """
    from recover.case import open_for_writing
    from recover.plugins import registry
    from recover.stages.upgrade import upgrade as bring

    plugins = registry.load()
    with open_for_writing(case, "upgrade") as opened, progress.watch(json) as tell:
        former, found = bring(opened, plugins, tell)
        head = opened.head[0]
    screen.answer({"from": former, "differences": found, "head": head}, json, lambda: _told(former, found))


def _told(former: int, found: Sequence[Difference]) -> None:
    screen.sentence(f"The case was of format {former}.")
    if not found:
        screen.sentence("No figure differs.")
        return
    rows = [(d.figure, d.subject, d.asset, _shown(d.before), _shown(d.after), d.why) for d in found]
    heads = (
        *(Column(title=title) for title in ("Figure", "Of", "Asset")),
        *(Column(title=title, right=True) for title in ("Before", "After")),
        Column(title="Why", prose=True),
    )
    screen.table(heads, rows)


def _shown(value: int | None) -> str:
    return "-" if value is None else str(value)
