"""watch: the places where the money rests, looked at again and again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from recover.cli import board, screen
from recover.cli.options import CasePath, Json, KeptSources, given
from recover.exits import Exit


def watch(
    case: CasePath,
    once: Annotated[bool, typer.Option("--once", help="Look once, and stop.", show_default=False)] = False,
    every: Annotated[int, typer.Option(metavar="S", help="Seconds from one look to the next.")] = 30,
    command: Annotated[
        str,
        typer.Option(metavar="C", help="Start this for each alert, with the alert as JSON.", show_default=False),
    ] = "",
    webhook: Annotated[
        str, typer.Option(metavar="URL", help="Send each alert there, as JSON.", show_default=False)
    ] = "",
    file: Annotated[
        Path | None,
        typer.Option(metavar="F", help="Append each alert to this file, a line each.", show_default=False),
    ] = None,
    source: KeptSources = None,
    json: Json = False,
) -> None:
    """Look at the places where traced value rests, the largest first, and tell what moves.

    A movement is followed and its papers are drafted again. Each alert is an exhibit; it goes to the screen and,
    where named, to a file, a command or a webhook. Ctrl-C ends it. Exit code 5 with --once: something moved,
    a place could not be looked at, or a source left a part of what it was asked unanswered.
    """
    screen.remark("Starting: what is installed and configured is read, then each place is looked at.")
    from recover.capture import own
    from recover.capture.alerts import Channels
    from recover.case import leased
    from recover.case.folder import clock
    from recover.case.lock import LENT
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.pursuit import beginning
    from recover.pursuit.lookout import Lookout
    from recover.pursuit.telling import Event
    from recover.sdk.errors import Error

    if every < 1:
        raise Error("every", "Looks cannot follow each other so.", "--every counts from 1.", "Give 1 or more.")
    plugins, named = registry.load(), given(source)
    for name in named:
        plugins.source(name)
    channels = Channels(file=file, command=command, webhook=webhook, proxy=own.load().proxy)
    channels.check()
    with board.watch(json) as tell, open_for_writing(case, "watch") as opened:
        beginning.allow(opened, named)
        lookout = Lookout(case=opened, fresh=registry.load, mine=own.load(named), tell=tell, channels=channels)
        count = lookout.begin()
        said = f"Watching {count} {'place' if count == 1 else 'places'} of {case}" + (
            ", once." if once else f", every {every} seconds."
        )
        tell(Event(kind="case", at=clock(), said=said, facts={"case": str(case), "places": count}))
        alerts, told = 0, -_EVERY
        while True:
            began = time.monotonic()
            alerts += lookout.look()
            said, facts = _looked(lookout.places, lookout.unseen, lookout.failed, alerts)
            if once:
                break
            if began - told >= _EVERY:
                told = began
                tell(Event(kind="looked", at=clock(), said=said, facts=facts))
            with leased.lent(opened):  # letters are drafted and issued meanwhile
                time.sleep(max(LENT, every - (time.monotonic() - began)))
        tell(Event(kind="done", at=clock(), said=f"Looked once. {said}", facts=facts))
    raise typer.Exit(Exit.GAPS if alerts or lookout.unseen or lookout.failed else Exit.DONE)


_EVERY = 60.0
"""Seconds between two signs of life where nothing moves."""


def _looked(
    places: int, unseen: Sequence[str], failed: Sequence[str], alerts: int
) -> tuple[str, dict[str, object]]:
    """What a look saw, in words and for a machine: what nobody answered for, or with less than is known,
    was not seen to rest."""
    count = "1 alert" if alerts == 1 else f"{alerts} alerts"
    said = f"{places - len(unseen)} of {places} places could be looked at: {count} so far."
    if unseen:
        more = f" and {len(unseen) - 3} more" if len(unseen) > 3 else ""
        why = "as nobody answered for them, or with less than is known"
        said += f" NOT SEEN, {why}: {', '.join(unseen[:3])}{more}."
    if failed:
        said += f" A part of what was asked got no answer from {', '.join(failed)}."
    return said, {"alerts": alerts, "places": places, "unseen": list(unseen), "failed": list(failed)}
