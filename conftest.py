"""What holds for every test, of the core and of the members."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.nodeid import coerce_node_id

_LIMIT = sys.getrecursionlimit()
_WHOLE = ("slow", "nodes", "shared")
"""Marks of tests that run in the whole suite alone: what a member does not declare shows in any of the others."""

# Tests start the program thousands of times: it is compiled once, and apart from the sources, which tests list.
sys.pycache_prefix = str(Path(__file__).parent / ".pytest_cache/compiled")
sys.dont_write_bytecode = False
os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(autouse=True, scope="session")
def own_configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the configuration of whoever runs it."""
    before = os.environ.get("RECOVER_CONFIG")
    os.environ["RECOVER_CONFIG"] = str(tmp_path_factory.mktemp("own") / "recover.toml")
    yield
    os.environ.pop("RECOVER_CONFIG")
    if before is not None:
        os.environ["RECOVER_CONFIG"] = before


@pytest.fixture(autouse=True)
def recursion() -> Iterator[None]:
    """A library that tests import as an oracle lifts Python's limit of recursion beyond what the stack holds."""
    sys.setrecursionlimit(_LIMIT)
    yield
    sys.setrecursionlimit(_LIMIT)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--members",
        choices=("alone", "ran"),
        help="alone: what runs in a member's own environment (tests/isolated.py); ran: all but that",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """No test of a member runs twice; those of one group run in one process.

    pytest-xdist 3.8 writes the mark of a group where pytest 9.2 no longer reads it.
    """
    if chosen := config.getoption("members"):
        gone = {
            item for item in items if (_of_member(item) and _quick(item) if chosen == "ran" else not _quick(item))
        }
        config.hook.pytest_deselected(items=[item for item in items if item in gone])
        items[:] = [item for item in items if item not in gone]
    for item in items if getattr(config.option, "loadgroup", False) else ():
        groups = sorted({str(mark.args[0]) for mark in item.iter_markers("xdist_group")})
        if groups and "@" not in item.nodeid:
            item._id = coerce_node_id(f"{item.nodeid}@{'_'.join(groups)}")


def _quick(item: pytest.Item) -> bool:
    return not any(map(item.get_closest_marker, _WHOLE))


def _of_member(item: pytest.Item) -> bool:
    first, second = item.path.relative_to(Path(__file__).parent).parts[:2]
    return first in ("chains", "plugins") or (first, second) in (("tests", "toy"), ("tests", "toys"))
