"""loss: what was taken, declared or taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import dates, given, screen
from recover.cli.options import CasePath, Json

if TYPE_CHECKING:
    from recover.case import Case
    from recover.plugins.registry import Plugins
    from recover.sdk.errors import Error


def loss(
    case: CasePath,
    address: Annotated[
        list[str] | None,
        typer.Option(metavar="A", help="What arrives here is proceeds; may be repeated.", show_default=False),
    ] = None,
    tx: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID[:OUTPUT]",
            help="What this transaction moves, on a coin chain by this output; may be repeated.",
            show_default=False,
        ),
    ] = None,
    amount: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="How much of the transaction: in units of --asset when its decimals are known, else base units.",
            show_default=False,
        ),
    ] = None,
    asset: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SYMBOL-OR-CAIP19", help="Only this asset; may be repeated with --address.", show_default=False
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="From this day or time (UTC).", show_default=False)
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--to", metavar="TIME", help="To the end of this day, or time.", show_default=False),
    ] = None,
    label: Annotated[
        str, typer.Option(metavar="L", help="How documents call this loss.", show_default=False)
    ] = "",
    drop: Annotated[
        str | None, typer.Option(metavar="ID", help="Take one declared loss back.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Declare losses: one for each --address and each --tx. Or take one back."""
    from recover.cli.writing import open_for_writing
    from recover.declared.losses import Said, declare_each, undated
    from recover.declared.losses import drop as take_back
    from recover.plugins import registry
    from recover.recognise.owners import owner, owners
    from recover.sdk.values import Address

    # Taken back in a command of its own; the journal keeps both.
    if drop is not None:
        _alone(drop, address, tx)
        with open_for_writing(case, "loss") as opened:
            gone = take_back(opened, drop)
        screen.answer([gone], json, lambda: given.losses([gone]))
        return
    start = None if since is None else dates.parse(since)
    end = None if until is None else dates.parse(until, end=True)
    for named in tx or []:  # before the first is declared
        undated(start, end, named)
    plugins = registry.load()
    # All before the first: a command that declares ten losses either declares ten or none.
    _check(case, plugins, [*(address or []), *(tx or [])])
    wanted: list[tuple[str | None, str | None]] = [
        *((a, None) for a in address or []),
        *((None, t) for t in tx or []),
    ]
    with open_for_writing(case, "loss") as opened:
        if amount is not None and tx and opened.exhibits():
            _read(opened, plugins)
        said = Said(text=amount, assets=asset or (), since=start, until=end, label=label)
        made = declare_each(opened, plugins, wanted, said)
        known = owners(opened)
    screen.answer(made, json, lambda: given.losses(made))
    for (one, _), loss_ in zip(wanted, made, strict=True):
        if one is not None and owner(known, Address(chain=loss_.chain, text=one.removeprefix(f"{loss_.chain}:"))):
            screen.remark(f"{one} is a sub-account of {loss_.address}: loss {loss_.id} is declared at its owner.")


def _read(opened: Case, plugins: Plugins) -> None:
    """What the exhibits show must be read before a claim can be held against it."""
    from recover.cli import progress
    from recover.stages import decode

    with progress.watch(True) as tell:
        decode.run(opened, plugins, tell)


def _alone(drop: str, address: list[str] | None, tx: list[str] | None) -> None:
    from recover.sdk.errors import Error

    if address or tx:
        raise Error(
            "loss-drop",
            f"--drop {drop} stands beside a new loss.",
            "One command either declares losses or takes one back.",
            "Give two commands.",
        )


def _check(case: Path, plugins: Plugins, texts: list[str]) -> None:
    """Every text must mean something before the first loss is declared. Raises NotRecognised naming the rest."""
    from recover.case import open_for_reading
    from recover.recognise.names import here, outpoint, recognise
    from recover.sdk.errors import Error, NotRecognised

    if not texts:
        raise Error(
            "loss-of-what",
            "No loss was named.",
            "A loss is an address that received proceeds, or a transaction that took them.",
            "Give --address A or --tx ID, as often as there are losses.",
        )
    problems: list[Error] = []
    near = here(open_for_reading(case))
    for text in texts:
        try:
            recognise(plugins, outpoint(text)[0], near)
        except Error as error:
            problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise NotRecognised(
            "not-recognised",
            "\n".join(p.what for p in problems[:20]),
            "\n".join(dict.fromkeys(p.why for p in problems[:20])),
            problems[0].todo + " No loss was declared.",
        )
