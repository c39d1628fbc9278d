"""The outside verifier is one file for any Python from 3.9 on, and shares no line with what it checks."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from tests.house.conftest import OUTSIDE
from tests.house.test_imports import imports


def test_it_needs_nothing_but_the_standard_library(root: Path) -> None:
    tree = ast.parse((root / OUTSIDE).read_text("utf-8"), feature_version=(3, 9))
    named = {name.split(".")[0] for _, name in imports(tree)}
    assert named <= sys.stdlib_module_names
    assert not named & {"socket", "ssl", "urllib", "http", "subprocess", "ctypes"}, "it asks nobody"


def test_it_is_written_as_the_oldest_python_reads_it(root: Path) -> None:
    """What a parser of today takes under the old grammar, and the old one does not."""
    tree = ast.parse((root / OUTSIDE).read_text("utf-8"), feature_version=(3, 9))
    found = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Match | ast.TryStar)
        or (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Tuple)
            and any(isinstance(one, ast.Starred) for one in node.slice.elts)
        )
        or (isinstance(node, ast.Call) and any(word.arg == "strict" for word in node.keywords))
    ]
    assert found == [], "a star in brackets is of 3.11, strict= of 3.10"


def test_it_writes_nothing(root: Path) -> None:
    text = (root / OUTSIDE).read_text("utf-8")
    assert not [
        word for word in ("O_WRONLY", "O_RDWR", "mkdir", "unlink", "rename", '"w"', '"wb"', '"a"') if word in text
    ]


def test_its_format_is_published_beside_it(root: Path) -> None:
    text = (root / "docs/design/bundle-format.md").read_text("utf-8")
    assert all(f"`{rule}`" in text for rule in ("fifo", "lifo", "prorata", "libr", "libr-fifo", "tainted_first"))
