"""kill -9 at random points of import and run: the case opens, nothing acknowledged is lost, the result stays."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recover.case import open_for_reading

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "casefiles" / "tron-seizure-orders-example"
WALLET = "TXPggkiHzYZofVqpzMDS19ePG6qmcnu3gq"
KILLS = int(os.environ.get("RECOVER_KILLS", "4"))
LABELS = sorted((EXAMPLE / "labels").glob("*.csv"))


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from recover_forensics import run; run()", *words]


def do(*words: str) -> None:
    done = subprocess.run(command(*words), check=False, capture_output=True, text=True)
    assert done.returncode in (0, 5), done.stderr


def fresh(path: Path) -> Path:
    do("open", str(path), "--title", "Kill", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    return path


def imported(case: Path) -> list[str]:
    return ["import", str(case), str(EXAMPLE / "transfers.csv"), *map(str, LABELS)]


def result(case: Path) -> dict[str, str]:
    """What the stages made, without the notes on which code made it."""
    made = [p for p in sorted((case / "derived").rglob("*.parquet")) if "decoded" not in p.parts]
    return {p.relative_to(case).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in made}


def kill_after(seconds: float, *words: str) -> bool:
    """Whether the command was still running, and so was killed."""
    child = subprocess.Popen(command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    running = child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.wait()
    return running


def timed(*words: str) -> float:
    began = time.monotonic()
    do(*words)
    return time.monotonic() - began


@pytest.mark.slow
def test_killed_at_random_points_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    whole = fresh(tmp_path / "whole")
    import_takes = timed(*imported(whole))
    do("loss", str(whole), "--address", WALLET, "--asset", "USDT")
    run_takes = timed("run", str(whole))
    expected = result(whole)

    rng = random.Random(20261124)
    killed = 0
    for attempt in range(KILLS):
        if attempt % 5 == 0:
            case = fresh(tmp_path / f"case{attempt}")
        importing = attempt % 5 < 2
        words = imported(case) if importing else ["run", str(case)]
        if attempt % 5 == 2:
            do(*imported(case))
            do("loss", str(case), "--address", WALLET, "--asset", "USDT")
        killed += kill_after(rng.uniform(0.15, import_takes if importing else run_takes), *words)
        before = open_for_reading(case)
        for stored in before.exhibits():
            before.read(stored)
        if attempt % 5 == 4:
            do("run", str(case))
            after = open_for_reading(case)
            assert [e.hash for e in after.entries[: len(before.entries)]] == [e.hash for e in before.entries]
            assert result(case) == expected
            do("verify", str(case))
    assert killed >= KILLS // 2, f"only {killed} of {KILLS} were killed while running"
