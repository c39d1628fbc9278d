"""The documents are held to the code: what there is, is described; what is described, runs."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

import recover
from recover.sdk import SCHEMAS, hooks

_FILE = re.compile(r"^`(?P<name>[\w/]+\.(?:py|toml))`:?\n\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_PROJECT = re.compile(r"^```toml\n(\[build-system\].*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = ("hooks.md", "chain.md")
"""The authors' pages that show a whole plugin."""


def headed(page: Path) -> set[str]:
    """What a page's headings name in code marks."""
    return set(re.findall(r"^#+ .*?`([^`]+)`", page.read_text("utf-8"), re.MULTILINE))


def test_every_command_is_described(root: Path) -> None:
    typer = import_module("typer")
    app = import_module("recover.cli.commands").app
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


@pytest.fixture(scope="module", params=PAGES)
def example(request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin that a page shows, written out as a reader would."""
    folder = tmp_path_factory.mktemp("example")
    text = (root / "docs/plugin-author" / str(request.param)).read_text("utf-8")
    found = {each["name"]: each["text"] for each in _FILE.finditer(text)}
    (project,) = _PROJECT.findall(text)
    assert len(found) >= 2, "the page shows a plugin and its test"
    for name, content in {**found, "pyproject.toml": project}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return folder


def test_the_example_passes_the_conformance_kit(example: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(example)]
    environment = {**os.environ, "PYTHONPATH": str(example)}
    run = subprocess.run(command, cwd=example, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"^\d\d passed", run.stdout, re.MULTILINE), run.stdout


def test_the_example_can_be_installed_as_the_page_says(example: Path, tmp_path: Path) -> None:
    """Its own project file is enough: what it declares is this very version, and the program finds it."""
    declared = tomllib.loads((example / "pyproject.toml").read_text("utf-8"))["project"]
    assert declared["dependencies"] == [f"recover-forensics=={recover.__version__}"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(tmp_path)]
    command = [sys.executable, "-m", "pip", "install", *options, str(example)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    listing = [sys.executable, "-c", "from recover_forensics import run; run()", "plugins", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    listed = subprocess.run(listing, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert listed.returncode == 0, listed.stderr
    (name,) = declared["entry-points"]["recover"]
    assert name in [each["name"] for each in json.loads(listed.stdout)["plugins"]]


def test_the_page_on_the_kit_names_all_that_an_author_sets(root: Path) -> None:
    from recover.testing import Expected, SourceKit, Stated

    text = (root / "docs/plugin-author/kit.md").read_text("utf-8")
    given = {name for name in SourceKit.__annotations__ if name not in ("source", "expected")}
    given |= {f.name for one in (Expected, Stated) for f in fields(one)} - {"id", "example"}
    assert [name for name in sorted(given) if f"`{name}`" not in text] == []


def test_the_decoder_of_the_first_example_has_eight_lines(root: Path) -> None:
    page = (root / "docs/plugin-author/hooks.md").read_text("utf-8")
    bodies = [
        node
        for each in _FILE.finditer(page)
        for node in ast.walk(ast.parse(each["text"]))
        if isinstance(node, ast.FunctionDef) and node.name == "decode"
    ]
    assert [(node.end_lineno or 0) - node.lineno for node in bodies] == [8]
