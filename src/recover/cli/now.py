"""now: from a transaction or an address to drafts, while the money moves."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated

import typer

from recover.cli import board, screen
from recover.cli.options import CasePath, Compare, Json, KeptSources, given
from recover.exits import Exit
from recover.sdk.outside import typed


def now(
    case: CasePath,
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TX|ADDRESS...",
            help="What was taken, or where it arrived: an id, CHAIN:ID, or an explorer's link pasted whole.",
            show_default=False,
        ),
    ] = None,
    amount: Annotated[
        str | None,
        typer.Option(metavar="N", help="How much of the transaction, in units of --asset.", show_default=False),
    ] = None,
    asset: Annotated[
        str | None,
        typer.Option(metavar="S", help="Only this asset: its symbol or CAIP-19 id.", show_default=False),
    ] = None,
    within: Annotated[
        int,
        typer.Option(
            metavar="SECONDS", help="Be done in so many seconds: asking ends in time for papers to be written."
        ),
    ] = 600,
    requests: Annotated[int, typer.Option(metavar="N", help="Stop asking after so many requests.")] = 20_000,
    least: Annotated[
        int, typer.Option(metavar="PPM", help="Follow nothing below so many millionths of what was taken.")
    ] = 0,
    hops: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Ask nothing further than so many hops from where it arrived.", show_default=False
        ),
    ] = None,
    source: KeptSources = None,
    compare: Compare = False,
    json: Json = False,
) -> None:
    """From a transaction or an address to drafted papers, while the money moves.

    Makes the case where there is none, finds the chain by asking only sources that you allow, traces, and prints
    each off-ramp as soon as it is known, with what to do by when. Papers are drafted again and again until nothing
    is open, the time is over, or Ctrl-C; the same command goes on from there. With --json, one event a line.
    """
    until = time.monotonic() + within
    # Before anything that takes time: an officer who sees nothing for seconds types again.
    screen.remark(f"Starting: what is installed and configured is read, then {_about(what)}.")
    from recover.capture import own, vain
    from recover.case.journal import FILE
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.pursuit import beginning
    from recover.pursuit.follow import Budget, Pursuit
    from recover.sdk.errors import Error

    plugins = registry.load()
    named = given(source)
    for name in named:
        plugins.source(name)
    if within < 1 or requests < 1 or (hops is not None and hops < 0):
        raise Error(
            "budget",
            "Nothing may be spent.",
            "--within and --requests count from 1, --hops from 0.",
            "Give --within and --requests above 0, and --hops 0 or more.",
        )
    for text in what or ():  # before anything is made: a slip of the finger leaves nothing behind
        beginning.meant(plugins, text, None if (case / FILE).exists() else named, amount, asset)
    with board.watch(json) as tell:
        made = beginning.make(case, plugins, named, tell)
        with open_for_writing(case, "now") as opened:
            if not made:
                tell(beginning.again(opened))
            beginning.allow(opened, named)
            mine = replace(own.load(named), compare=compare)
            before = {} if what else vain.sought(opened)
            beginning.declare(
                opened,
                plugins,
                mine,
                what or before.get("texts", []),
                amount or before.get("amount"),
                asset or before.get("asset"),
                tell,
                until,
            )
            if not opened.settings.losses:
                raise Error(
                    "no-loss",
                    f"The case {case} declares no loss, and none was given.",
                    "There is nothing to follow.",
                    f"recover now {typed(case)} TX, or ADDRESS",
                )
            pursuit = Pursuit(
                case=opened,
                plugins=plugins,
                tell=tell,
                budget=Budget(seconds=within, requests=requests, least=least, hops=hops),
                until=until,
            )
            missing = pursuit.end(pursuit.run(mine))
    if pursuit.halting.asked:
        raise typer.Exit(Exit.INTERRUPTED)
    raise typer.Exit(Exit.GAPS if missing else Exit.DONE)


def _about(what: list[str] | None) -> str:
    """What will be asked about, in words."""
    if not what:
        return "the case is gone on with"
    more = f" and {len(what) - 1} more" if len(what) > 1 else ""
    return f"your sources are asked about {what[0]}{more}"
