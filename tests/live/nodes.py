"""Real servers that tests run against: a test fails without one where they are required, and else is skipped."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

from recover.sdk import Error
from recover_chain_bitcoin.testing import tools
from recover_chain_evm.testing import anvil


def missing(why: str) -> NoReturn:
    if os.environ.get("RECOVER_REQUIRE_NODES") == "1":
        pytest.fail(f"RECOVER_REQUIRE_NODES=1, and {why}", pytrace=False)
    pytest.skip(f"NOT RUN AGAINST A REAL NODE: {why}")


def need_bitcoind() -> None:
    try:
        tools.find("bitcoind", "bitcoind")
    except Error as error:
        missing(f"{error.what} {error.todo}")


def need_anvil() -> None:
    if anvil.program() is None:
        missing("anvil is not here: run `make nodes`")
