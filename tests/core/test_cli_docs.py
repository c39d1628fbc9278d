"""docs/examiner/commands.md is held to the commands: every option and everything that can be shown is there."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from recover.cli.commands import app
from recover.cli.show import WHAT

PAGE = (Path(__file__).parents[2] / "docs/examiner/commands.md").read_text("utf-8")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def section(name: str) -> str:
    found = re.search(rf"^### `recover {name}\b.*?(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"no section for {name}"
    return found[0]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_described(name: str) -> None:
    options = {text for parameter in COMMANDS[name].params for text in parameter.opts if text.startswith("--")}
    assert options - set(re.findall(r"--[a-z-]+", section(name))) - {"--help"} == set()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_option_is_described_that_is_not_there(name: str) -> None:
    options = {text for each in whole(COMMANDS[name]) for parameter in each.params for text in parameter.opts}
    assert set(re.findall(r"--[a-z][a-z-]*[a-z]", section(name))) - options == set()


def whole(command: Any) -> list[Any]:
    """A command and, of a group, all that belong to it."""
    return [command, *getattr(command, "commands", {}).values()]


def test_every_command_has_json() -> None:
    without = [
        name
        for name, command in COMMANDS.items()
        if not any("--json" in p.opts for p in command.params)
        and not all(any("--json" in p.opts for p in each.params) for each in whole(command)[1:])
    ]
    assert without == []


def test_everything_that_can_be_shown_is_described() -> None:
    assert set(WHAT) - set(re.findall(r"`(\w+)`", section("show"))) == set()
