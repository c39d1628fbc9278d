"""Where the toy member is installed, as `tests/isolated.py` does, its entry point alone makes it known."""

from importlib.metadata import PackageNotFoundError, version

import pytest

from recover.plugins import registry


def _installed() -> bool:
    try:
        return bool(version("recover-chain-toy"))
    except PackageNotFoundError:
        return False


@pytest.mark.skipif(not _installed(), reason="the toy member is not installed here; tests/isolated.py installs it")
def test_its_entry_point_is_enough() -> None:
    found = registry.load()
    assert "toy:1" in found.chains
    assert "toy-payments" in found.sources
    assert found.broken == []
