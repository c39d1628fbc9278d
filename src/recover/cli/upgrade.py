"""upgrade: bring an older case to this version's format, and see which figures differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from recover.cli import listings, progress, screen
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column
from recover.exits import Exit

if TYPE_CHECKING:
    from recover.case import Case
    from recover.findings.differences import Difference
    from recover.stages.upgrade import Upgraded


def upgrade(case: CasePath, json: Json = False) -> None:
    """Bring an older case to this version's format, run it again, and say which figures differ and why.

    The change and the differences are journalled; the former results and papers are kept, below former/. Nothing
    is asked of any source. An upgrade that was cut off is finished.
    """
    from recover.cli.stages import unexamined
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.stages.upgrade import upgrade as bring

    plugins = registry.load()
    with open_for_writing(case, "upgrade") as opened, progress.watch(json) as tell:
        done = bring(opened, plugins, tell)
        result = {
            "from": done.former,
            "to": opened.format,
            "differences": done.differences,
            "unread": done.unread,
            "unseen": done.unseen,
            "altered": done.altered,
            "kept": done.kept,
            "head": opened.head[0],
        }
        screen.answer(result, json, lambda: _told(opened, done))
    if done.altered:
        raise typer.Exit(Exit.INTEGRITY)
    open_ends = done.unread or done.unseen or unexamined(done.outcomes)
    raise typer.Exit(Exit.GAPS if open_ends else Exit.DONE)


def _told(case: Case, done: Upgraded) -> None:
    if done.former == case.format:
        screen.sentence(
            "Another version of the program or of a plugin made the results; this one made them again."
        )
    else:
        screen.sentence(f"The case was of format {done.former}, and is of format {case.format} now.")
    screen.sentence(f"What was here before is kept, unchanged, in {done.kept}/.")
    if done.altered:
        screen.sentence(
            f"Before the upgrade these did not hold, and do not hold now: {', '.join(done.altered)}. "
            f"`recover verify {case.typed}` names each with the reason."
        )
    if done.unseen:
        screen.sentence(
            f"Figures were not compared: the former results had not seen {', '.join(done.unseen[:5])}"
            + (f" and {len(done.unseen) - 5} more" if len(done.unseen) > 5 else "")
            + ". Run the case with the version that made it first, where the comparison matters."
        )
    elif done.unread:
        screen.sentence(
            f"Figures were not compared: of the former results, {', '.join(done.unread)} cannot be read, is not "
            "here, or is not what was made."
        )
    elif not done.differences:
        screen.sentence("No figure differs.")
    else:
        _table(case, done.differences)


def _table(case: Case, found: Sequence[Difference]) -> None:
    from recover.findings.causes import CHANGES
    from recover.sdk import amounts

    assets = listings.assets(case) if case.files.has("derived/ledger/assets.parquet") else {}

    def shown(value: int | None, asset: str) -> str:
        return "-" if value is None else amounts.decimal(value, assets.get(asset, ("", None))[1])

    symbols = Counter(assets.get(asset, ("", None))[0] for asset in sorted({d.asset for d in found}))

    def named(asset: str) -> str:
        symbol = assets.get(asset, ("", None))[0]
        # One ticker on two chains is two assets.
        return asset if not symbol or symbols[symbol] > 1 else symbol

    rows = [
        (
            d.figure,
            listings.subject(d.figure, d.subject),
            named(d.asset),
            shown(d.before, d.asset),
            shown(d.after, d.asset),
            d.cause,
        )
        for d in found
    ]
    heads = (
        *(Column(title=title) for title in ("Figure", "Of", "Asset")),
        *(Column(title=title, right=True) for title in ("Before", "After")),
        Column(title="Cause"),
    )
    screen.table(heads, rows)
    for cause in dict.fromkeys(d.cause for d in found):
        screen.sentence(f"{cause}: {CHANGES[cause].sentence}")
