"""What holds for every test, of the core and of the members."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

_LIMIT = sys.getrecursionlimit()


@pytest.fixture(autouse=True)
def recursion() -> Iterator[None]:
    """A library that tests import as an oracle lifts Python's limit of recursion beyond what the stack holds."""
    sys.setrecursionlimit(_LIMIT)
    yield
    sys.setrecursionlimit(_LIMIT)
