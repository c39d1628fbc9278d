"""Delete what is derived and run again, elsewhere, as another: the same bytes. Change one byte: it is found."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recover.case import open_for_reading

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def tool(*words: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from recover_forensics import run; run()", *words]
    environment = {**os.environ, **more}
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=cwd, env=environment)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rebuild") / "demo"
    done = tool("demo", "--out", str(path))
    assert done.returncode == 5, done.stderr
    return path


@pytest.fixture
def copy(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "copy of the case"))


def made(case: Path) -> dict[str, str]:
    files = [p for part in ("derived", "out") for p in sorted((case / part).rglob("*")) if p.is_file()]
    return {p.relative_to(case).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"TZ": "Asia/Bangkok", "LC_ALL": "C"},
        {"TZ": "America/St_Johns", "LANG": "th_TH.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7"},
        {"USER": "somebody", "LOGNAME": "somebody", "HOME": "/nonexistent", "PYTHONHASHSEED": "1"},
    ],
)
def test_a_rebuild_elsewhere_gives_the_same_bytes(demo: Path, copy: Path, elsewhere: dict[str, str]) -> None:
    for part in ("derived", "out"):
        shutil.rmtree(copy / part)
    done = tool("run", "copy of the case", cwd=copy.parent, **elsewhere)
    assert done.returncode == 5, done.stderr
    assert made(copy) == made(demo)


def test_an_unchanged_case_is_skipped(copy: Path) -> None:
    before = (copy / "journal.jsonl").read_bytes()
    assert tool("run", str(copy)).returncode == 5
    assert (copy / "journal.jsonl").read_bytes() == before


def test_verify_holds(copy: Path) -> None:
    done = tool("verify", str(copy))
    assert done.returncode == 0, done.stdout
    assert "the same bytes" in done.stdout


@pytest.mark.parametrize("pattern", ["exhibits/*", "journal.jsonl", "case.toml", "derived/**/*", "out/**/*"])
def test_one_changed_byte_ends_with_3(pattern: str, copy: Path) -> None:
    rng = random.Random(pattern)
    files = [p for p in sorted(copy.glob(pattern)) if p.is_file() and p.stat().st_size]
    for path in rng.sample(files, min(3, len(files))):
        whole = path.read_bytes()
        spot = rng.randrange(len(whole))
        path.write_bytes(whole[:spot] + bytes([whole[spot] ^ 4]) + whole[spot + 1 :])
        done = tool("verify", str(copy))
        assert done.returncode == 3, f"{path.relative_to(copy)} at byte {spot}: {done.stdout}{done.stderr}"
        path.write_bytes(whole)


def test_a_last_journal_line_that_is_cut_off_ends_with_3(copy: Path) -> None:
    file = copy / "journal.jsonl"
    file.write_bytes(file.read_bytes()[:-1])
    assert tool("verify", str(copy)).returncode == 3


def test_results_older_than_the_case_are_not_called_good(copy: Path) -> None:
    wallet = "TDX3tFFdWFwhBP7Cf5gJRpADpUNxQsys6m"
    assert tool("loss", str(copy), "--address", wallet, "--asset", "USDC").returncode == 0
    done = tool("verify", str(copy))
    assert done.returncode == 5
    assert "not compared" in done.stdout


def test_every_paper_carries_the_head(demo: Path) -> None:
    head, _ = open_for_reading(demo).head
    for file in sorted((demo / "out").rglob("*")):
        if file.suffix == ".html" or file.name in ("result.json", "manifest.json"):
            assert head in file.read_text(), file.name
