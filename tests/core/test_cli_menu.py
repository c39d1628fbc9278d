"""The menu is what typer would print, name for name and line for line, and every command on it can be built."""

from functools import partial
from importlib import import_module
from typing import Any

import pytest

from recover.cli import menu
from recover.cli.commands import Commands, program
from recover.cli.main import main

COMMANDS: Any = program.commands  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "place", "line"), menu.COMMANDS)
def test_a_command_is_where_the_menu_says_and_says_the_same_of_itself(name: str, place: str, line: str) -> None:
    module, _, function = place.partition(":")
    assert hasattr(import_module(f"recover.cli.{module}"), function)
    first = " ".join(COMMANDS[name].help.split("\n\n")[0].split())
    assert first == line or first.startswith(f"{line} ")


@pytest.mark.parametrize("columns", [20, 80, 97, 130])
def test_the_help_is_typers_own(columns: int, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["--help"]) == main([]) == main(["-h"]) == 0
    said = capsys.readouterr().out
    with program.make_context("recover", [], resilient_parsing=True) as context:
        typers = program.get_help(context) + "\n"
    assert said == typers * 3


def test_the_members_of_a_group_are_all_there() -> None:
    assert list(COMMANDS["template"].commands) == ["new", "check"]
    for name in COMMANDS:
        for member, command in getattr(COMMANDS[name], "commands", {}).items():
            assert (command.name, bool(command.help)) == (member, True), name


def test_a_command_is_built_when_asked_for_and_once() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    found = Commands({name: partial(make, name) for name in ("a", "b")})
    assert (list(found), len(found), made) == (["a", "b"], 2, [])
    assert (found["b"], found["b"], made) == ("B", "B", ["b"])
