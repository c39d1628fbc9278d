"""The documents are held to the code: what there is, is described; what is described, runs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from recover.sdk import SCHEMAS, hooks

_FILE = re.compile(r"^`(?P<name>[\w/]+\.py)`:?\n\n```python\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def headed(page: Path) -> set[str]:
    """What a page's headings name in code marks."""
    return set(re.findall(r"^#+ .*?`([^`]+)`", page.read_text("utf-8"), re.MULTILINE))


def test_every_command_is_described(root: Path) -> None:
    typer = import_module("typer")
    app = import_module("recover.cli.main").app
    commands = {f"recover {name}" for name in typer.main.get_command(app).commands}
    described = {" ".join(each.split()[:2]) for each in headed(root / "docs/examiner/commands.md")}
    assert commands == described


def test_every_hook_is_described(root: Path) -> None:
    known = {name for name in vars(hooks) if name.startswith("recover_")}
    assert len(known) == 5
    assert headed(root / "docs/plugin-author/hooks.md") & known == known


def test_every_table_of_a_batch_is_described(root: Path) -> None:
    text = (root / "docs/plugin-author/hooks.md").read_text("utf-8")
    missing = [
        f"{name}.{column}"
        for name, schema in SCHEMAS.items()
        for column in schema.names
        if not re.search(rf"^\| `{name}` \|.*`{column}`", text, re.MULTILINE)
    ]
    assert not missing, "\n".join(["", *missing])


def test_every_kind_of_finding_is_described(root: Path) -> None:
    kinds = set(import_module("recover.findings.statements").KINDS)
    assert kinds, "there is no kind of finding"
    assert headed(root / "docs/plugin-author/findings.md") == kinds


@pytest.fixture(scope="module")
def example(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin that hooks.md shows, written out as a reader would."""
    folder = tmp_path_factory.mktemp("example")
    found = list(_FILE.finditer((root / "docs/plugin-author/hooks.md").read_text("utf-8")))
    assert len(found) >= 2, "the page shows a plugin and its test"
    for each in found:
        path = folder / each["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(each["text"], "utf-8")
    return folder


def test_the_example_passes_the_conformance_kit(example: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(example)]
    environment = {**os.environ, "PYTHONPATH": str(example)}
    run = subprocess.run(command, cwd=example, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"^\d\d passed", run.stdout, re.MULTILINE), run.stdout


def test_the_decoder_of_the_example_has_eight_lines(example: Path) -> None:
    bodies = [
        node
        for path in example.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == "decode"
    ]
    assert [(node.end_lineno or 0) - node.lineno for node in bodies] == [8]
