"""Every command that a hint names can be given: it is there, and so is each option and word that it is given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from recover.cli.commands import app
from recover.cli.show import WHAT
from recover.plugins import registry

ROOT = Path(__file__).parents[2]
_QUOTED = re.compile(r"[`‘](recover [a-z][^`’]*)[`’]")


def pieces(node: ast.AST) -> Iterator[str]:
    """A string as written; what is filled in is one word."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(p.value) if isinstance(p, ast.Constant) else "FILLED" for p in node.values)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        for left in pieces(node.left):
            for right in pieces(node.right):
                yield left + right


def strings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        yield from pieces(node)


def hints() -> dict[str, str]:
    """Command as hinted -> the file that hints it."""
    found: dict[str, str] = {}
    for folder in ("src", "chains", "plugins"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "tests" in path.parts:
                continue
            for text in strings(path):
                found.update(dict.fromkeys(_QUOTED.findall(" ".join(text.split())), path.name))
    for ident in ("report", "preserve", "letters-common"):
        file = registry.load().templates[ident].folder / "en.toml"
        found.update(dict.fromkeys(_QUOTED.findall(file.read_text("utf-8")), file.name))
    return found


def problem(command: str) -> str:
    """Why a hinted command could not be given; empty where it could."""
    group: Any = typer.main.get_command(app)
    name, *words = command.partition("|")[0].replace("...", "").split()[1:]
    found = group.commands.get(name)
    if found is None:
        return f"there is no command {name}"
    while words and hasattr(found, "commands"):
        name = words.pop(0)
        found = found.commands.get(name)
        if found is None:
            return f"there is no command {name}"
    options = {opt for p in found.params for opt in (*p.opts, *p.secondary_opts)} | {"--help"}
    flags = {opt for p in found.params if getattr(p, "is_flag", False) for opt in p.opts} | {"--help"}
    places = [p for p in found.params if p.param_type_name == "argument"]
    given, skip = [], False
    for word in words:
        opt = word.partition("=")[0]
        if skip:
            skip = False
        elif opt.startswith("--"):
            if opt not in options:
                return f"{name} has no option {opt}"
            skip = opt not in flags and "=" not in word
        else:
            given.append(word)
    if skip:
        return f"{words[-1]} is given no value"
    many = any(p.nargs == -1 for p in places)
    if len(given) > len(places) and not many and not _quoted(words):
        return f"{name} takes {len(places)} words, and is given {len(given)}"
    needed = [p for p in places if p.required]
    # A command that is only named, as `recover plugins`, is no line to copy.
    if given and len(given) < len(needed):
        return f"{name} needs {', '.join((p.metavar or p.name) for p in needed[len(given) :])}"
    if name == "show" and len(given) > 1 and given[1] not in (*WHAT, "WHAT", "FILLED"):
        return f"show has no {given[1]}"
    return ""


def _quoted(words: list[str]) -> bool:
    return any('"' in word for word in words)


HINTS = hints()


def test_there_are_hints_to_try() -> None:
    assert len(HINTS) > 25


@pytest.mark.parametrize("command", sorted(HINTS))
def test_a_hint_names_a_command_that_can_be_given(command: str) -> None:
    assert not (why := problem(command)), f"{HINTS[command]}: ‘{command}’: {why}"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("recover shwo CASE gaps", "there is no command shwo"),
        ("recover show CASE gapes", "show has no gapes"),
        ("recover loss CASE --adress A", "loss has no option --adress"),
        ("recover loss CASE --address", "--address is given no value"),
        ("recover show CASE", "show needs WHAT"),
    ],
)
def test_a_hint_that_fails_is_found(command: str, why: str) -> None:
    assert problem(command) == why
