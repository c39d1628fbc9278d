"""The real node that tests of the live sources run against, with the staged case on it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from recover_chain_evm.testing import anvil, scenario
from recover_chain_evm.testing.truth import Staged

LIMIT = sys.getrecursionlimit()


@pytest.fixture(autouse=True)
def _recursion() -> Iterator[None]:
    """The oracle web3 imports py_ecc, which lifts Python's limit of recursion: hostile JSON would overflow."""
    sys.setrecursionlimit(LIMIT)
    yield
    sys.setrecursionlimit(LIMIT)


@pytest.fixture(scope="session")
def needs_anvil() -> None:
    """Fails where nodes are required, and else says loudly what was not run."""
    if anvil.program() is None:
        why = "anvil is not here: run `make nodes`, or name it in RECOVER_ANVIL; nothing was tried against a node"
        if os.environ.get("RECOVER_REQUIRE_NODES") == "1":
            pytest.fail(why)
        pytest.skip(why)


@pytest.fixture(scope="session")
def node(needs_anvil: None) -> Iterator[anvil.Anvil]:
    """A node with the staged case on it. Tests must leave its chain as it is; who changes it starts their own."""
    with anvil.node() as running:
        yield running


@pytest.fixture(scope="session")
def staged(node: anvil.Anvil) -> Staged:
    return scenario.play(node)
