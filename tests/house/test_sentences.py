"""Papers say nothing that is not in the texts of a template: no module that makes them holds a sentence."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from recover.findings import declaration

ROOMS = tuple(Path(__file__).parents[2] / "src" / "recover" / room for room in ("report", "letters"))
TOLD_AT_THE_KEYBOARD = {
    *(
        "acts.py",
        "docket.py",
        "running.py",
        "scope.py",
        "outgoing.py",
        "answers.py",
        "folders.py",
        "located.py",
        "gates.py",
        "making.py",
        "filled.py",
        "stopping.py",
        "profile.py",
        "rules.py",
        "typed.py",
        "refused_words.py",
        "lint.py",
    ),
}
"""Modules that refuse or advise, and whose words stand on no paper; no other module of papers may hold any."""

FILES = sorted(path for room in ROOMS for path in room.glob("*.py") if path.name not in TOLD_AT_THE_KEYBOARD)

# Three words beside each other, the way a sentence goes.
_PROSE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}[,;:]? [a-z]{2,}")
# What is told to the person at the keyboard, and stands on no paper.
_TOLD = (
    "Error",
    "PluginFailed",
    "NotRecognised",
    "Integrity",
    "BadParameter",
    "TypeError",
    "ValueError",
    "Sentence",
    "Condition",
)


def spoken(tree: ast.AST) -> Iterator[str]:
    """Every string of a module that could reach a paper: docstrings, messages and conditions left out."""
    apart: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            apart.add(id(node.value))
        elif isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in _TOLD:
                apart.update(id(inner) for inner in ast.walk(node))
        elif isinstance(node, ast.Assert):
            apart.update(id(inner) for inner in ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
            yield node.value


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}.{p.stem}")
def test_no_module_of_papers_holds_a_sentence(path: Path) -> None:
    found = [text for text in spoken(ast.parse(path.read_text("utf-8"))) if _PROSE.search(text)]
    assert found == []


def test_what_refuses_or_advises_makes_no_paper() -> None:
    for path in (
        room / name for room in ROOMS for name in sorted(TOLD_AT_THE_KEYBOARD) if (room / name).is_file()
    ):
        made = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
        assert not made & {"Para", "Items", "Facts", "Point", "Section"}, path.name


def test_a_sentence_in_code_is_found() -> None:
    tree = ast.parse(
        'def f() -> str:\n    """What it is for, in words."""\n    return f"At {1} these are clean coins."\n'
    )
    assert [text for text in spoken(tree) if _PROSE.search(text)] == [" these are clean coins."]


def test_every_paper_in_every_language_has_a_word_for_each_change(root: Path) -> None:
    """A change whose word one language lacks would stop the whole paper, and only in a case that has it."""
    papers = [
        *(root / "plugins/letters").rglob("common/*.toml"),
        *(root / "plugins/reports").rglob("report/*.toml"),
    ]
    texts = {path: tomllib.loads(path.read_text("utf-8")).get("declared") for path in papers}
    told = {path: set(declaration.WORDS) - set(text) for path, text in texts.items() if text}
    assert len(told) > 2
    assert not any(told.values()), told
