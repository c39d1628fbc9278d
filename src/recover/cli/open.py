"""open: a new case folder, under one declared rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import screen
from recover.cli.options import CasePath, Json
from recover.sdk.outside import typed

if TYPE_CHECKING:
    from recover.capture.own import Limits
    from recover.plugins.registry import Plugins


def open_(
    case: CasePath,
    title: Annotated[str, typer.Option(metavar="T", help="What the case is called.", show_default=False)] = "",
    examiner: Annotated[str, typer.Option(metavar="N", help="Who examines it.", show_default=False)] = "",
    agency: Annotated[str, typer.Option(metavar="A", help="For whom.", show_default=False)] = "",
    rule: Annotated[
        str,
        typer.Option(
            metavar="RULE", help="The tracing rule, declared before anything is traced.", show_default=False
        ),
    ] = "",
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
    rounds: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Most rounds of asking: about one hop each; 5 if not given.", show_default=False
        ),
    ] = None,
    requests: Annotated[
        int | None,
        typer.Option(metavar="N", help="Most requests in one round; 200 if not given.", show_default=False),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="BUNDLE", help="Open the case of this bundle instead; it is checked first.", show_default=False
        ),
    ] = None,
    second: Annotated[bool, typer.Option("--second", help="A review counts once two persons agree.")] = False,
    json: Json = False,
) -> None:
    """Make a new case folder, under one declared tracing rule; or open that of a sealed bundle."""
    given = {"--title": title, "--examiner": examiner, "--agency": agency, "--rule": rule}
    if bundle is not None:
        _unsealed(case, bundle, given, json)
        return
    # A rule that is missing is refused as one that nobody knows is, with the list of those there are.
    if missing := [name for name, value in given.items() if not value and name != "--rule"]:
        raise typer.BadParameter(f"Missing option {missing[0]!r}.")
    from recover.case import open_for_reading
    from recover.plugins import registry
    from recover.stages.open import create

    plugins = registry.load() if source or language != "en" else None  # loading takes time
    if plugins is not None:
        _spoken(plugins, language)
    create(
        case,
        title=title,
        examiner=examiner,
        agency=agency,
        rule=rule,
        reference=reference,
        note=note,
        language=language,
        second=second,
        sources=source or (),
        limits=_limits(requests, rounds),
        plugins=plugins if source else None,
    )
    made = open_for_reading(case)
    head = made.head[0]
    result = {"case": str(case), "title": title, "rule": made.settings.rule, "head": head}
    screen.answer(result, json, lambda: screen.facts([(k, str(v)) for k, v in result.items()]))
    if not json:
        named = typed(case)
        screen.remark(f"Next: recover import {named} FILE..., then recover loss {named} --address A")


def _unsealed(case: Path, bundle: Path, given: Mapping[str, str], json: bool) -> None:
    from recover.case import open_for_reading
    from recover.exits import Exit
    from recover.sealing.unsealed import unsealed

    if said := [name for name, value in given.items() if value]:
        raise typer.BadParameter(f"{said[0]} is the bundle's own: leave it out beside --bundle.")
    found = unsealed(bundle, case)
    made = open_for_reading(case)
    result = {"case": str(case), "title": made.settings.title, "rule": made.settings.rule, "head": made.head[0]}
    rows = [*result.items(), *(("seal", line) for line in found.seal)]
    told = {"seal": found.seal, "uncompared": found.uncompared, "recomputed": found.recomputed}
    screen.answer({**result, **told, "unchecked": found.unchecked}, json, lambda: screen.facts(rows))
    for line in found.uncompared:
        screen.remark(line)
    for line in found.unchecked:
        screen.remark(f"not checked: {line}")
    if not found.recomputed:
        screen.remark("No figure was recomputed.")
    raise typer.Exit(Exit.GAPS if found.unchecked else Exit.DONE)


def _limits(requests: int | None, rounds: int | None) -> Limits | None:
    """What the command says, and of what it does not say, what the user's own configuration does."""
    from recover.capture import own

    if requests is None and rounds is None:
        return None
    usual = own.load().limits("")
    return own.Limits(
        requests=usual.requests if requests is None else requests,
        rounds=usual.rounds if rounds is None else rounds,
    )


def _spoken(plugins: Plugins, language: str) -> None:
    """Raises Error for a language without texts: no paper could be written."""
    from recover.report import packs

    report = plugins.templates.get("report")
    if report is not None:
        packs.must_have(report, "", language)
