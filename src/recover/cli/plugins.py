"""plugins: what is installed, from where, and what is broken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import screen
from recover.cli.options import Json
from recover.cli.screen import Column
from recover.exits import Exit

if TYPE_CHECKING:
    from recover.plugins.registry import Plugins

_KINDS = ("chains", "sources", "heuristics", "exporters", "templates")


app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def plugins(context: typer.Context, json: Json = False) -> None:
    """List what is installed, and what is broken; `new` makes another.

    Chains, sources, heuristics, exporters and templates; then each plugin with its version and file hash. Exit
    code 4 says that one is broken.
    """
    if context.invoked_subcommand is not None:
        return
    from recover.plugins import registry

    found = registry.load()
    screen.answer(_plain(found), json, lambda: _told(found))
    for doubt in found.doubts:
        screen.remark(f"The plugin {doubt.name} may have a misspelt name: {doubt.reason}")
    for broken in found.broken:
        screen.remark(f"The plugin {broken.name} is broken: {broken.reason}")
    # Listing goes on past a broken plugin, and whoever installs one reads of it here and not in a case.
    raise typer.Exit(Exit.PLUGIN if found.broken else Exit.DONE)


@app.command("new")
def new(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="chain, source, heuristic, export, letter or bridge.")
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and hyphens: my-chain.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where its folder is made; here by default.")] = Path(),
    json: Json = False,
) -> None:
    """Make a member that runs, with its tests, to be changed into one's own."""
    from recover.plugins.new import make

    folder = make(kind, name, out)
    written = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    screen.answer(
        {"folder": str(folder), "files": written}, json, lambda: screen.say(str(folder), *_indented(written))
    )
    screen.remark(
        f"Install it, then run its tests: python -m pip install -e {folder} pytest && python -m pytest {folder}"
    )


def _indented(names: list[str]) -> list[str]:
    return [f"  {name}" for name in names]


def _members(found: Plugins) -> list[dict[str, object]]:
    """Every member of every kind: kind, id, version, title, and what tells it from its neighbours."""
    listed: list[dict[str, object]] = []
    for kind in _KINDS:
        for name, member in getattr(found, kind).items():
            info = member if kind == "templates" else member.info
            listed.append(
                {
                    "kind": kind[:-1],
                    "id": name,
                    "version": getattr(info, "version", ""),
                    "title": info.title,
                    "detail": _detail(kind, info),
                }
            )
    return listed


def _detail(kind: str, info: object) -> str:
    slot = {
        "chains": "model",
        "sources": "media",
        "exporters": "form",
        "templates": "kind",
        "heuristics": "asserts",
    }
    value = getattr(info, slot[kind])
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _plain(found: Plugins) -> dict[str, object]:
    members = _members(found)
    kinds = {kind: [_without_kind(m) for m in members if m["kind"] == kind[:-1]] for kind in _KINDS}
    return {**kinds, "plugins": found.origins, "broken": found.broken, "doubts": found.doubts}


def _without_kind(member: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in member.items() if name != "kind"}


def _told(found: Plugins) -> None:
    columns = (
        Column(title="Kind"),
        Column(title="Id"),
        Column(title="Version", rank=1),
        Column(title="Title", prose=True),
        Column(title="Detail", prose=True, rank=2),
    )
    names = ("kind", "id", "version", "title", "detail")
    screen.table(columns, [[str(m[n]) for n in names] for m in _members(found)], "no plugins")
    screen.say("")
    origins = (Column(title="Plugin"), Column(title="Version"), Column(title="SHA-256"))
    screen.table(origins, [[o.name, o.version, o.sha256] for o in found.origins], "no plugins")
