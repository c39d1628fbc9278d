"""A worked case that each attack gets a copy of, with a file outside that nothing may touch."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sys
from pathlib import Path

import pytest
import recover_chain_toy
from tests.attack.field import OPEN, PAYMENTS, Field, load
from tests.attack.forging import Bundle
from tests.core.authority import PHRASE, p12

from recover.cli import main as program
from recover.plugins import registry

SAMPLE = 2
"""So many of the attacks on a whole case that differ by one value are in the suite; `make attack` has all."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the sample: of each such test the same cases every time, by a digest of their names."""
    if os.environ.get("RECOVER_ATTACKS") == "all":
        return
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if "attack" in item.path.parts and "field" in getattr(item, "fixturenames", ()):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left: set[pytest.Item] = set()
    for each in cases.values():
        each.sort(key=lambda item: hashlib.sha256(item.nodeid.encode("utf-8", "replace")).hexdigest())
        left.update(each[SAMPLE:])
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case run to its documents."""
    spot = tmp_path_factory.mktemp("worked")
    (spot / "p.txt").write_text(PAYMENTS)
    case = str(spot / "case")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "load", lambda: load(extra=[recover_chain_toy]))
        assert program.main(["open", case, *OPEN]) == 0
        assert program.main(["import", case, str(spot / "p.txt")]) == 0
        assert program.main(["loss", case, "--address", "toy-bob"]) == 0
        assert program.main(["run", case]) in (0, 5)
    return spot / "case"


@pytest.fixture
def field(
    worked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Field:
    monkeypatch.setattr(registry, "load", lambda: load(extra=[recover_chain_toy]))
    monkeypatch.setenv("RECOVER_CONFIG", str(tmp_path / "own.toml"))
    case = Path(shutil.copytree(worked, tmp_path / "case"))
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    (outside / "file").write_bytes(b"the examiner's own\n" * 50)
    (outside / "folder" / "inside").write_bytes(b"more of it\n")
    return Field(spot=tmp_path, case=case, outside=outside, capsys=capsys)


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two bundles, one signed; the key of the signature, and one of the same name."""
    made = tmp_path_factory.mktemp("bundles")
    for name, case in (("account", "daloia-shaped-example"), ("coins", "bitcoin-first-payments-example")):
        assert program.main(["demo", "--out", str(made / f"{name}-case"), "--case", case]) == 5
        assert program.main(["seal", str(made / f"{name}-case"), "--out", str(made / name)]) == 0
    own = [p12(made / f"{name}.p12", "Expert A") for name in ("own", "twin")]
    before, sys.stdin = sys.stdin, io.StringIO(f"{PHRASE}\n")
    try:
        words = ["seal", str(made / "account-case"), "--out", str(made / "signed"), "--sign", str(own[0])]
        assert program.main(words) == 0
    finally:
        sys.stdin = before
    return made


@pytest.fixture
def account(sealed: Path) -> Bundle:
    return Bundle.at(sealed / "account")


@pytest.fixture
def coins(sealed: Path) -> Bundle:
    return Bundle.at(sealed / "coins")


@pytest.fixture
def signed(sealed: Path) -> Bundle:
    return Bundle.at(sealed / "signed")
