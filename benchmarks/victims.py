"""Ten thousand victims with fifty thousand payments: intake, trace, tables and allocation, each command a process.

    python benchmarks/victims.py [--victims 10000] [--payments 50000]

The transfers and the intake list come from `casefiles/many-victims-example/build.py`, which makes that shape in
any size. Seconds passed, seconds of processors and peak memory of each command, start-up included.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "casefiles" / "many-victims-example" / "build.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--victims", type=int, default=10_000)
    parser.add_argument("--payments", type=int, default=50_000)
    chosen = parser.parse_args()
    sizes = (str(chosen.victims), str(chosen.payments))
    with tempfile.TemporaryDirectory(prefix="recover-victims-") as spot:
        folder = Path(spot)
        for name in ("transfers", "labels", "victims"):
            with (folder / f"{name}.csv").open("wb") as out:
                subprocess.run([sys.executable, str(BUILD), name, *sizes], stdout=out, check=True)
        asset = (folder / "victims.csv").read_text("utf-8").splitlines()[1].split(",")[4]
        case = str(folder / "case")
        who = ("--title", "Many", "--examiner", "N", "--agency", "A", "--rule", "fifo")
        recover("open", case, *who)
        total = 0.0
        for words in (
            ("import", case, str(folder / "transfers.csv"), str(folder / "labels.csv")),
            ("decode", case),
            ("victim", "import", case, str(folder / "victims.csv")),
            ("link", case),
            ("trace", case),
            ("find", case),
            ("victim", "list", case, "--services"),
            ("allocate", case, "--asset", asset, "--pool", str(10**14)),
        ):
            passed, spent, peak = recover(*words)
            total += passed
            name = " ".join(word for word in words if "/" not in word and word not in ("--asset", "--pool"))
            print(f"{name:28} {passed:8.2f} s {spent:8.2f} s {peak:7.0f} MiB", flush=True)
        print(f"{'in all':28} {total:8.2f} s")


def recover(*words: str) -> tuple[float, float, float]:
    """Seconds passed, seconds of processors and the most memory that any command took so far, in MiB."""
    command = [sys.executable, "-c", "from recover_forensics import run; run()", *words]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    # A passphrase that seals people who do not exist.
    environment = {**os.environ, "RECOVER_PASSPHRASE": "benchmark"}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    if done.returncode not in (0, 5):
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, spent, after.ru_maxrss / 1024


if __name__ == "__main__":
    main()
