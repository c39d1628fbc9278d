"""template: a kind of letter of one's own, copied from one that is here, and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recover.cli import screen
from recover.cli.options import Json
from recover.sdk.outside import typed

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Make a kind of letter of your own, and check it."
)


@app.command("new")
def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The new folder, named as the kind.")],
    like: Annotated[str, typer.Option("--from", metavar="KIND", help="The kind to begin from.")] = "preserve",
    json: Json = False,
) -> None:  # fmt: skip
    """Copy a kind of letter: kind.toml says what it is, en.toml and th.toml hold its words."""
    from recover.letters import making
    from recover.plugins import registry

    made = making.new(list(registry.load().templates.values()), folder, like)
    found = {"folder": str(folder), "files": [path.name for path in made]}
    screen.answer(found, json, lambda: screen.say(*(f"  {path}" for path in made)))
    screen.remark(f"Change the words, then: recover template check {typed(folder)}")
    screen.remark("The folder above it stands in recover.toml, as `templates` of [sender].")


@app.command("check")
def check(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder.", show_default=False)],
    json: Json = False,
) -> None:
    """Say all that is wrong with a kind of letter."""
    from recover.letters import making
    from recover.plugins import registry

    found = making.check(list(registry.load().templates.values()), folder)
    result = {"kind": folder.name, "languages": found.split(", ")}
    screen.answer(result, json, lambda: screen.say(f"{folder.name} holds: {found}."))
