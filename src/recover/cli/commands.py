"""The commands as typer has them: each is imported and built when it is asked for, and never before."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import Annotated, Any

import typer
from typer import main as building
from typer.core import TyperGroup
from typer.models import CommandInfo, TyperInfo

from recover.cli import menu, screen
from recover.cli.parameters import lighten

# Before typer builds the first parameter.
lighten()

# Typer's own rich help costs 0.1 s at every start; its plain help says the same.
_PLAIN: dict[str, Any] = {"pretty_exceptions_short": True, "rich_markup_mode": None}


class Commands(Mapping[str, Any]):
    """Commands by name, in the order listed, each built at its first use and kept: a process may run many."""

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self._makers = makers
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class Menu(TyperGroup):
    """The program: its commands are those of the menu."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**said)
        self.commands = Commands({name: partial(_made, name, place) for name, place, _ in menu.COMMANDS})  # type: ignore[assignment]

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, which typer would take from the commands themselves."""
        return list(self.commands)


def _made(name: str, place: str) -> Any:
    module, _, function = place.partition(":")
    found = getattr(import_module(f"recover.cli.{module}"), function)
    if isinstance(found, typer.Typer):
        return _group(name, found)
    return building.get_command_from_info(CommandInfo(name=name, callback=found), **_PLAIN)


def _group(name: str, app: typer.Typer) -> TyperGroup:
    """A group without its commands, which are built when asked for."""
    bare = copy.copy(app)
    bare.registered_commands = []
    made = building.get_group_from_info(
        TyperInfo(bare, name=name), suggest_commands=app.suggest_commands, **_PLAIN
    )
    each = {
        str(info.name): partial(building.get_command_from_info, info, **_PLAIN) for info in app.registered_commands
    }
    made.commands = Commands(each)  # type: ignore[assignment]
    return made


app = typer.Typer(
    cls=Menu,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": menu.WIDEST},
)


@app.callback(invoke_without_command=True, help=menu.ABOUT)
def recover(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help=menu.VERSION, show_default=False)] = False,
) -> None:
    """What stands before any command."""
    if version:
        from recover import __version__

        screen.say(__version__)
    elif context.invoked_subcommand is None:
        screen.write(context.get_help() + "\n")


program = building.get_command(app)
"""Built once: a process may run many commands."""
