"""An unrelated package is called `recover`: installed over this one, it starts nothing, and that is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import recover_forensics

SOURCE = Path(recover_forensics.__file__).parents[1]
START = "from recover_forensics import run; run()"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The program as it is installed."""
    for name in ("recover", "recover_forensics"):
        ignored = shutil.ignore_patterns("__pycache__", "casefiles")
        shutil.copytree(SOURCE / name, tmp_path / name, ignore=ignored)
    return tmp_path


def start(copy: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    command = [sys.executable, *options, "-c", START, "--version"]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


def test_what_is_ours_starts(copy: Path) -> None:
    assert start(copy).stdout.strip() == "0.1.0"
    assert recover_forensics.damage() == ""


@pytest.mark.parametrize(
    "text",
    [
        '"""Recover lost files."""\n__version__ = "1.2"\n',
        "import no_such_module_of_theirs\n",
        "raise SystemExit(0)\n",
        "def broken(:\n",
        "",
    ],
    ids=["harmless", "imports", "exits", "damaged", "empty"],
)
def test_another_package_of_the_name_stops_it(copy: Path, text: str) -> None:
    (copy / "recover" / "__init__.py").write_text(text)
    ended = start(copy)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert ended.stderr.startswith("error: This installation of recover is damaged, and was not started.\n")
    assert "is of another package, which was installed over this one" in ended.stderr
    assert "install `recover-forensics`" in ended.stderr
    assert "code: foreign-recover" in ended.stderr


def test_a_package_that_was_removed_with_the_other_stops_it(copy: Path) -> None:
    (copy / "recover" / "__init__.py").unlink()
    # Without the environment's packages: this checkout's own `recover` is one of them.
    ended = start(copy, "-S")
    assert ended.returncode == 2
    assert "has no __init__.py" in ended.stderr


def test_bytes_that_are_no_text_stop_it(copy: Path) -> None:
    (copy / "recover" / "__init__.py").write_bytes(b"\xff\xfe")
    assert "cannot be read" in start(copy).stderr
