"""kill -9 at random points of `now`: what was answered is never asked again, and the figures are the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.live import grid

from recover.case import derived, open_for_reading, open_for_writing

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("RECOVER_KILLS", "2"))


def command(case: Path, world: grid.World) -> list[str]:
    words = ["now", str(case), f"tron:{world.start}", "--within", "300", "--json"]
    return [sys.executable, "-c", "from recover_forensics import run; run()", *words]


def figures(case: Path) -> list[tuple[Any, ...]]:
    """What the trace says of every place under every rule: no row numbers, which depend on no figure."""
    rows = derived.read(open_for_reading(case), "ends").to_pylist()
    columns = ("rule", "ties", "loss", "asset", "address", "reason", "amount", "transfers")
    return sorted(tuple(str(row[name]) for name in columns) for row in rows)


def answered(case: Path) -> set[str]:
    """The paths whose answers lie on the disk, once the case is opened again."""
    with open_for_writing(case, "test") as opened:
        return {f"{urlsplit(one.name).path}?{urlsplit(one.name).query}" for one in opened.exhibits()}


@pytest.mark.slow
def test_killed_at_random_points_of_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVER_CONFIG", str(tmp_path / "recover.toml"))
    world, log = grid.WORLDS["small"](), tmp_path / "log"
    with grid.serving("small", latency=30, log=log) as url:
        (tmp_path / "recover.toml").write_text(
            '[defaults]\nexaminer = "N"\nagency = "A"\nrule = "fifo"\n'
            f'[sources.trongrid-trc20]\nendpoint = "{url}"\n'
        )
        began = time.monotonic()
        done = subprocess.run(command(tmp_path / "whole", world), capture_output=True, text=True, check=False)
        took = time.monotonic() - began
        assert done.returncode in (0, 5), done.stderr
        rng, case, killed = random.Random(20261129), tmp_path / "case", 0
        for _ in range(KILLS):
            running = subprocess.Popen(command(case, world), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.2, 0.9) * took)
            killed += running.poll() is None
            running.send_signal(signal.SIGKILL)
            running.wait()
            here = answered(case) if (case / "journal.jsonl").exists() else set()
            before = len(log.read_text().splitlines())
            time.sleep(0.2)
            again = subprocess.Popen(command(case, world), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.2, 0.5) * took)
            again.send_signal(signal.SIGKILL)
            again.wait()
            assert not here & set(log.read_text().splitlines()[before:]), "what was answered was asked again"
        done = subprocess.run(command(case, world), capture_output=True, text=True, check=False)
        assert done.returncode in (0, 5), done.stderr
    assert killed
    assert figures(case) == figures(tmp_path / "whole")
