"""export: the case in a format that other tools read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import screen
from recover.cli.escape import visible
from recover.cli.options import CasePath, Json, Stale

if TYPE_CHECKING:
    from recover.plugins.registry import Plugins
    from recover.sdk import Exporter, View


def export(
    case: CasePath,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write into.", show_default=False)],
    form: Annotated[str, typer.Option("--as", metavar="ID", help="The format.")] = "sheets",
    edition: Annotated[
        str,
        typer.Option(
            metavar="E",
            help="As which edition: V0, V1, V2 or defence; without it V2 for colleagues, else the case's.",
            show_default=False,
        ),
    ] = "",
    stale: Stale = False,
    json: Json = False,
) -> None:
    """Write the case in a published format.

    Refused where the results have not seen all that the case holds; with --stale a file STALE.txt says so.
    """
    from recover.case import open_for_reading, private
    from recover.declared.edition import known
    from recover.findings.view import load
    from recover.letters import screened
    from recover.plugins import registry
    from recover.plugins.pins import stated
    from recover.report.documents import told

    plugins = registry.load()
    exporter = _chosen(plugins, form)
    known(edition)
    opened = open_for_reading(case)
    _outside(case, out)
    why = stated(opened, plugins, stale)
    view = load(opened, plugins, stale=why)
    view = replace(view, edition=edition or exporter.info.edition or view.edition)
    if exporter.info.edition:  # for colleagues: no list that goes out names whom a person has to screen first
        view = screened.shown(view)
    files = _files(exporter, told(view, list(plugins.templates.values()), private.identities(opened)))
    if why:
        files.append(("STALE.txt", f"{why}\n".encode()))
    written = [_write(out / name, data) for name, data in files]
    result = {"edition": view.edition, "files": [path.as_posix() for path in written]}
    screen.answer(result, json, lambda: screen.say(*map(str, written)))


def _chosen(plugins: Plugins, name: str) -> Exporter:
    from difflib import get_close_matches

    from recover.sdk.errors import Error

    known = plugins.exporters
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    raise Error(
        "no-exporter",
        f"There is no export format called {name!r}." if known else "No export format is installed.",
        f"Known: {', '.join(known) or 'none'}.",
        f"Did you mean {near[0]}?" if near else "`recover plugins` lists what is installed, and what is broken.",
    )


def _files(exporter: Exporter, view: View) -> list[tuple[str, bytes]]:
    """Everything one exporter makes, before the first byte is written. Raises PluginFailed when it raises."""
    from recover.plugins import call
    from recover.sdk.errors import PluginFailed

    name = exporter.info.id
    files = call.everything(name, lambda: exporter.files(view))
    for file, _ in files:
        path = PurePosixPath(file)
        # Also refused: a name whose characters a person could not see as they are.
        if path.is_absolute() or ".." in path.parts or not path.name or "\\" in file or visible(file) != file:
            raise PluginFailed(
                "export-name",
                f"The plugin {name} named a file {file!r}.",
                "A file's name must stay inside the folder that was asked for.",
                "Nothing of it was written. Report it to its author.",
            )
    return files


def _outside(case: Path, out: Path) -> None:
    from recover.sdk.errors import Error

    if out.resolve().is_relative_to(case.resolve()):
        raise Error(
            "export-inside-case",
            f"{out} is inside the case.",
            "A case keeps or rebuilds all that lies in it; anything else would be lost or in the way.",
            "Choose a folder outside it.",
        )


def _write(path: Path, data: bytes) -> Path:
    from recover.case.folder import replace

    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all, so that another tool never reads half a file.
    replace(path, data)
    return path
