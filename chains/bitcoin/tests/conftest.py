"""Real servers on loopback, started once a session; where they are missing, their tests are skipped loudly."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from recover.sdk import Error
from recover_chain_bitcoin.testing import scene, tools
from recover_chain_bitcoin.testing.scene import Servers

# A deadline measures how busy the machine is, and not whether a law holds.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def _needed() -> None:
    try:
        tools.find("bitcoind", "bitcoind")
        tools.find("electrumx_server", "electrumx")
    except Error as error:
        if os.environ.get("RECOVER_REQUIRE_NODES") == "1":
            pytest.fail(f"RECOVER_REQUIRE_NODES=1, and {error.what} {error.todo}", pytrace=False)
        pytest.skip(f"NOT RUN AGAINST A REAL NODE: {error.what} {error.todo}")


@pytest.fixture(scope="session")
def needed() -> None:
    """Skips, or fails where the servers are required."""
    _needed()


@pytest.fixture(scope="session")
def servers(needed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A node, an ElectrumX and an Esplora double with the scene played. Tests may ask, and must not mine."""
    with scene.servers(tmp_path_factory.mktemp("scene")) as started:
        yield started


@pytest.fixture(scope="session")
def recorded() -> Path:
    return Path(__file__).parent / "recorded"
