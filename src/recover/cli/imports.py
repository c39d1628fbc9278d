"""import: files stored as exhibits, byte for byte, each read by a source."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recover.cli import dates, given, listings, progress, screen
from recover.cli.options import CasePath, Json


def import_(
    case: CasePath,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Files to store.", show_default=False)
    ] = None,
    as_: Annotated[
        list[str] | None,
        typer.Option(
            "--as", metavar="SOURCE", help="Which source reads them; may be repeated.", show_default=False
        ),
    ] = None,
    chain: Annotated[
        str,
        typer.Option(
            metavar="CAIP2", help="The chain the files are of, where they do not say it.", show_default=False
        ),
    ] = "",
    obtained: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When the files were obtained (UTC).", show_default=False),
    ] = None,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who obtained them.", show_default=False)] = "",
    obtained_from: Annotated[
        str, typer.Option(metavar="WHERE", help="From where they were obtained.", show_default=False)
    ] = "",
    exhibit: Annotated[
        list[int] | None,
        typer.Option(
            metavar="N", help="Say it of this stored exhibit, without a file; may be repeated.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Store files as exhibits, or say how stored ones were obtained.

    The source that reads a file is recognised by content, or named with --as; a file may have several.
    """
    from recover.capture.obtained import state
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.stages.collect import files as store

    said = (None if obtained is None else dates.parse(obtained), by, obtained_from)
    if bool(files) == bool(exhibit) or (exhibit and not any(said)):
        raise typer.BadParameter(
            "name files, or with --exhibit N stored exhibits and how they were obtained (--obtained, --by, "
            "--obtained-from)."
        )
    plugins = registry.load()
    with open_for_writing(case, "import") as opened, progress.watch(json) as tell:
        stored = store(opened, plugins, files, as_ or [], tell, chain) if files else []
        numbers = exhibit or [one.number for one in stored]
        if any(said):
            stored = [state(opened, number, *said) for number in numbers]
    screen.answer([listings.exhibit(one) for one in stored], json, lambda: given.exhibits(stored))
