"""What the house tests look at: the tree's own files, parsed once."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@cache
def _files() -> tuple[str, ...]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    return tuple(sorted(name for name in listed if name and (ROOT / name).is_file()))


@cache
def _trees() -> dict[str, ast.Module]:
    return {name: ast.parse((ROOT / name).read_text("utf-8"), name) for name in _files() if name.endswith(".py")}


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files() -> tuple[str, ...]:
    """Names of all files of the project, tracked or about to be, relative to the root."""
    return _files()


OUTSIDE = "src/recover/sealing/recover_verify.py"
"""The outside verifier is one file that is handed over, and no part of the core: it shares nothing with it, prints
what it finds, and speaks of what published formats hold. `test_outside.py` has its own rules."""


@pytest.fixture(scope="session")
def core() -> dict[str, ast.Module]:
    return {name: tree for name, tree in _trees().items() if name.startswith("src/recover/") and name != OUTSIDE}


@pytest.fixture(scope="session")
def members() -> dict[str, ast.Module]:
    """The code of all members, without their tests."""
    return {
        n: t
        for n, t in _trees().items()
        if n.startswith(("chains/", "plugins/", "tests/toy/", "tests/toys/")) and "/src/" in n
    }


@pytest.fixture(scope="session")
def everything() -> dict[str, ast.Module]:
    return _trees()
