"""doctor: what each source can answer, at what pace, and what is not set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from recover.cli import screen
from recover.cli.options import Json
from recover.cli.screen import Column
from recover.exits import Exit
from recover.sdk.counts import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recover.pursuit.checkup import Health


def doctor(json: Json = False) -> None:
    """Say what each source can answer, where and at what pace, and what is not set up. Nothing is sent.

    Exit code 0: at least one source would look up a transaction id. 5: none would.
    """
    from recover.capture import own
    from recover.plugins import registry
    from recover.pursuit import checkup

    plugins, mine = registry.load(), own.load()
    found = checkup.checkup(plugins, mine)
    strange = checkup.unknown(plugins, mine)
    lookups = checkup.lookups(found)
    broken = [{"name": one.name, "reason": one.reason} for one in plugins.broken]
    result = {
        "config": str(own.path()),
        "config_exists": own.path().exists(),
        "offline": mine.offline,
        "defaults": mine.defaults,
        "sources": found,
        "lookups": lookups,
        "not_installed": strange,
        "broken": broken,
    }
    screen.answer(result, json, lambda: _told(found))
    if not json:
        there = "" if own.path().exists() else " (not there yet: nothing is allowed)"
        screen.remark(f"Your configuration: {own.path()}{there}")
        if mine.offline:
            screen.remark("It says offline = true: nothing is asked of anybody.")
        if lookups:
            screen.remark(f"A transaction id is looked up on {', '.join(lookups)}.")
        else:
            could = ", ".join(checkup.could(found))
            screen.remark(f"No source that is ready looks up a transaction id; these could: {could}.")
        for name in strange:
            screen.remark(f"It allows the source {name}, which is not installed: `recover plugins` lists what is.")
        for one in broken:
            screen.remark(f"The plugin {one['name']} is broken: {one['reason']}")
    raise typer.Exit(Exit.DONE if lookups else Exit.GAPS)


def _told(found: Sequence[Health]) -> None:
    columns = (
        Column(title="Source"),
        Column(title="State"),
        Column(title="Answers", prose=True),
        Column(title="Chains", prose=True, rank=1),
        Column(title="Asks at", rank=2),
        Column(title="Pace", rank=3),
    )
    rows = [
        [
            one.source,
            "ready"
            if one.ready
            else "not set up"
            if one.allowed
            else f"for {counted(len(one.cases), 'case')} only"
            if one.cases
            else "not allowed",
            ", ".join(one.asks),
            ", ".join(one.chains[:3]) + (f" and {len(one.chains) - 3} more" if len(one.chains) > 3 else ""),
            one.endpoints[0] if one.endpoints else "",
            f"{one.per_second}/s" if one.per_second else "no bound",
        ]
        for one in found
    ]
    screen.table(columns, rows, "no source can be asked: none is installed")
    for one in found:
        if one.allowed and (one.lacking or one.todo):
            what = f"lacks {', '.join(one.lacking)}: " if one.lacking else ""
            screen.sentence(f"{one.source}: {what}{one.todo}.")
    for one in found:
        if one.cases:
            screen.sentence(
                f"{one.source} may be asked for {', '.join(one.cases)} alone. For every case: {one.todo}."
            )
    others = [one for one in found if not (one.allowed or one.cases)]
    if others:
        screen.heading("To allow a source")
        for one in others:
            screen.sentence(f"{one.source}: {one.todo}.")
