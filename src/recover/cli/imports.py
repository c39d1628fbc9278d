"""import: files stored as exhibits, byte for byte, each read by a source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import listings, pictures, progress, screen
from recover.cli.options import CasePath, Json

if TYPE_CHECKING:
    pass


def import_(
    case: CasePath,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files to store.", show_default=False)],
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
    json: Json = False,
) -> None:
    """Store files as exhibits.

    The source that reads a file is recognised by content, or named with --as; a file may have several.
    """
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.stages.collect import files as store

    plugins = registry.load()
    with open_for_writing(case, "import") as opened, progress.watch(json) as tell:
        stored = store(opened, plugins, files, as_ or [], tell, chain)
    screen.answer([listings.exhibit(one) for one in stored], json, lambda: pictures.exhibits(stored))
