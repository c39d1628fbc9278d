"""`recover plugins new`: what it makes installs, is found, passes its own tests; and names that are misspelt."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from recover.cli import main as program
from recover.plugins import new, registry, spelling
from recover.sdk import Chain, Error, Exporter, Heuristic, Source, Template, plugin
from recover.sdk.plugin import HeuristicInfo

COMMAND = "from recover_forensics import run; run()"
LISTED = {"chain": "chains", "export": "exporters", "letter": "templates", "source": "sources"}


def run(*arguments: str, path: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(path)}
    return subprocess.run(arguments, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", new.KINDS)
def test_a_new_member_is_found_and_passes_its_own_tests(kind: str, tmp_path: Path) -> None:
    folder = new.make(kind, "first-try", tmp_path)
    there = tmp_path / "installed"
    install = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(there), str(folder)]
    made = run(sys.executable, "-m", "pip", "install", *install, path=there, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    listed = run(sys.executable, "-c", COMMAND, "plugins", "--json", path=there, cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    found = json.loads(listed.stdout)
    ids = [each["id"] for each in found[LISTED.get(kind, "heuristics")]]
    assert ("first-try" if kind != "chain" else "firsttry:1") in ids
    assert [d for d in found["doubts"] if d["name"] == "first-try"] == []
    tests = ["-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder / "tests")]
    tested = run(sys.executable, *tests, path=there, cwd=folder)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert " passed" in tested.stdout


@pytest.mark.parametrize("kind", new.KINDS)
def test_a_new_member_imports_only_what_it_declares(kind: str, tmp_path: Path) -> None:
    folder = new.make(kind, "first-try", tmp_path)
    strange = []
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                top, _, rest = name.partition(".")
                own = top.startswith("recover_") or (top == "recover" and rest.split(".")[0] in ("sdk", "testing"))
                if not own and top not in sys.stdlib_module_names:
                    strange.append(f"{path.name}: {name}")
    assert strange == []


@pytest.mark.parametrize("name", ["", "My-chain", "1st", "a_b", "../up", "a" * 41, "a--b", "a\n"])
def test_a_name_that_cannot_be_one_writes_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(Error, match="cannot be the name"):
        new.make("chain", name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    folder = new.make("letter", "mine", tmp_path)
    (folder / "README.md").write_text("my own words")
    with pytest.raises(Error, match="is there already"):
        new.make("letter", "mine", tmp_path)
    assert (folder / "README.md").read_text() == "my own words"


def test_a_new_letter_is_written_listed_and_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = new.make("letter", "mine", tmp_path) / "src/recover_mine/mine"
    own = Template(id="mine", kind="letter", version="1", title="Mine", folder=folder)
    found = registry.load(extra=[module(recover_templates=plugin(hook("recover_templates", own)))])
    monkeypatch.setattr(registry, "load", lambda: found)
    case = Path(shutil.copytree(Path(__file__).parent / "older/case", tmp_path / "case"))
    # Both with a gap: the case's transfer file states no moment to which its histories are whole.
    assert program.main(["upgrade", str(case)]) == 5
    assert program.main(["run", str(case)]) == 5
    draft = ["letter", "draft", str(case), "--kind", "mine", "--to", "Binance", "--as", "authority"]
    assert program.main(draft) == 0, capsys.readouterr().err
    listed = {row["name"]: row["sha256"] for row in json.loads((case / "out/manifest.json").read_text())["files"]}
    written = [name for name in listed if name.startswith("letters/") and "mine" in name]
    assert any(name.endswith(".pdf") for name in written)
    for name in written:
        assert hashlib.sha256((case / "out" / name).read_bytes()).hexdigest() == listed[name]
    assert program.main(["verify", str(case)]) == 0, capsys.readouterr().out


def test_the_command_says_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["plugins", "new", "bridge", "over", "--out", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "src/recover_over/bridge.py" in told["files"]
    assert program.main(["plugins", "new", "brigde", "over", "--out", str(tmp_path)]) == 2


# --- names that are nearly right


class Plain:
    """A heuristic with one name wrong."""

    info = HeuristicInfo(
        id="plain", version="1", title="Plain", models=("account",), asserts=(), citation="", fails=()
    )

    def assertion(self) -> None: ...


def module(**functions: Any) -> ModuleType:
    made = ModuleType("nearly")
    vars(made).update(functions)
    return made


def hook(name: str, *members: object) -> Callable[[], list[object]]:
    def listed() -> list[object]:
        return list(members)

    listed.__name__ = name
    return listed


def test_a_member_that_lacks_a_method_is_broken_and_the_near_name_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lame = module(recover_heuristics=plugin(hook("recover_heuristics", Plain())))
    found = registry.load(extra=[lame])
    assert "plain" not in found.heuristics
    (reason,) = [b.reason for b in found.broken if b.name == "nearly"]
    assert reason == "Plain lacks assertions (it has assertion: did you mean assertions?)."
    monkeypatch.setattr(registry, "load", lambda: found)
    assert program.main(["plugins"]) == 4
    assert "did you mean assertions?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("recover_source", "recover_source is no hook, so it is never called. Did you mean recover_sources?"),
        ("recover_heuristic", "Did you mean recover_heuristics?"),
        ("recover_exports", "Did you mean recover_exporters?"),
        ("recover_chains", "recover_chains is not marked with @plugin, so it is never called."),
    ],
)
def test_a_function_that_looks_like_a_hook_is_remarked_on(name: str, said: str) -> None:
    found = registry.load(extra=[module(**{name: hook(name)})])
    (doubt,) = [d.reason for d in found.doubts if d.name == "nearly"]
    assert said in doubt


def test_a_misspelt_optional_method_is_remarked_on() -> None:
    @dataclass
    class Formed:
        info: object = None

        def parse(self, text: str) -> str:
            return text

        def form(self, text: str) -> tuple[str, ...]:
            return (text,)

    assert list(spelling.methods_missed("chains", Formed())) == [
        "Formed.form is never called. Did you mean forms?"
    ]


def test_what_a_member_must_have_is_what_the_contract_says() -> None:
    for kind, protocol in (
        ("chains", Chain),
        ("sources", Source),
        ("heuristics", Heuristic),
        ("exporters", Exporter),
    ):
        named = {name for name in vars(protocol) if not name.startswith("_")}
        assert set(spelling.NEEDED[kind]) == named
    assert set(spelling.NEEDED["templates"]) == set(Template.__dataclass_fields__)


def test_no_installed_plugin_is_in_doubt() -> None:
    assert registry.load().doubts == []
