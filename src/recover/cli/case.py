"""open, import, loss: what the examiner puts into a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import listings, moment, pictures, progress, screen
from recover.cli.options import CasePath, Json

if TYPE_CHECKING:
    from recover.registry import Plugins
    from recover.sdk.errors import Error


def open_(
    case: CasePath,
    title: Annotated[str, typer.Option(metavar="T", help="What the case is called.", show_default=False)],
    examiner: Annotated[str, typer.Option(metavar="N", help="Who examines it.", show_default=False)],
    agency: Annotated[str, typer.Option(metavar="A", help="For whom.", show_default=False)],
    rule: Annotated[
        str,
        typer.Option(
            metavar="RULE", help="The tracing rule, declared before anything is traced.", show_default=False
        ),
    ],
    reference: Annotated[
        str, typer.Option(metavar="R", help="The agency's case number.", show_default=False)
    ] = "",
    note: Annotated[
        str, typer.Option(metavar="T", help="Anything a reader of the report must know.", show_default=False)
    ] = "",
    language: Annotated[str, typer.Option(metavar="LANG", help="Language of the documents.")] = "en",
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID[=URL]",
            help="A source that may be asked over the network, and where; may be repeated. None: work offline.",
            show_default=False,
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(metavar="N", help="Most rounds of asking: about one hop each.")] = 5,
    requests: Annotated[int, typer.Option(metavar="N", help="Most requests in one round.")] = 200,
    json: Json = False,
) -> None:
    """Make a new case folder, under one declared tracing rule."""
    from recover import registry
    from recover.case import open_for_reading
    from recover.stages.open import create

    create(
        case,
        title=title,
        examiner=examiner,
        agency=agency,
        rule=rule,
        reference=reference,
        note=note,
        language=language,
        sources=source or (),
        rounds=rounds,
        requests=requests,
        plugins=registry.load() if source else None,
    )
    made = open_for_reading(case)
    head = made.head[0]
    result = {"case": str(case), "title": title, "rule": made.settings.rule, "head": head}
    screen.answer(result, json, lambda: screen.facts([(k, str(v)) for k, v in result.items()]))
    if not json:
        screen.remark(f"Next: recover import {case} FILE..., then recover loss {case} --address A")


def import_(
    case: CasePath,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files to store.", show_default=False)],
    as_: Annotated[
        list[str] | None,
        typer.Option(
            "--as", metavar="SOURCE", help="Which source reads them; may be repeated.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Store files as exhibits.

    The source that reads a file is recognised by content, or named with --as; a file may have several.
    """
    from recover import registry
    from recover.case import open_for_writing
    from recover.stages.collect import files as store

    plugins = registry.load()
    with open_for_writing(case, "import") as opened, progress.watch(json) as tell:
        stored = store(opened, plugins, files, as_ or [], tell)
    screen.answer([listings.exhibit(one) for one in stored], json, lambda: pictures.exhibits(stored))


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
    from recover import registry
    from recover.case import open_for_writing
    from recover.stages.open import declare, undated
    from recover.stages.open import drop as take_back

    if drop is not None:
        _alone(drop, address, tx)
        with open_for_writing(case, "loss") as opened:
            gone = take_back(opened, drop)
        screen.answer([gone], json, lambda: pictures.losses([gone]))
        return
    start = None if since is None else moment.parse(since)
    end = None if until is None else moment.parse(until, end=True)
    for named in tx or []:  # before the first is declared
        undated(start, end, named)
    plugins = registry.load()
    _check(case, plugins, [*(address or []), *(tx or [])])
    wanted: list[tuple[str | None, str | None]] = [
        *((a, None) for a in address or []),
        *((None, t) for t in tx or []),
    ]
    with open_for_writing(case, "loss") as opened:
        made = [
            declare(
                opened,
                plugins,
                address=one,
                tx=other,
                amount=None,
                amount_text=amount,
                assets=asset or (),
                since=start,
                until=end,
                label=label,
            )
            for one, other in wanted
        ]
    screen.answer(made, json, lambda: pictures.losses(made))


def decide(
    case: CasePath,
    tx: Annotated[str, typer.Argument(metavar="TX", help="The disputed transaction.", show_default=False)],
    exhibit: Annotated[int, typer.Option(metavar="N", help="The exhibit to rely on.", show_default=False)],
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why this one; it is kept.", show_default=False)],
    json: Json = False,
) -> None:
    """Settle a contradiction: which exhibit to rely on.

    Where exhibits contradict each other about a transaction, neither version is followed until a person decides.
    """
    from recover.case import open_for_writing
    from recover.stages.open import decide as settle

    with open_for_writing(case, "decide") as opened:
        settle(opened, tx=tx, exhibit=exhibit, reason=reason)
        head = opened.head[0]
    result = {"tx": tx, "exhibit": exhibit, "reason": reason, "head": head}
    screen.answer(result, json, lambda: screen.facts([(k, str(v)) for k, v in result.items()]))


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
    from recover.sdk.errors import Error, NotRecognised
    from recover.stages.open import here, outpoint, recognise

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
