"""Every test that the table of failing servers names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path


def test_each_test_that_is_named_is_there(everything: dict[str, ast.Module], root: Path) -> None:
    told = (root / "docs/design/live-faults.md").read_text("utf-8")
    tests = {
        node.name
        for tree in everything.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", told))
    assert len(named) > 30
    assert named <= tests
    assert all((root / path).exists() for path in re.findall(r"`(tests/[a-z0-9_/]+\.py)`", told))
