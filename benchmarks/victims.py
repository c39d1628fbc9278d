"""Ten thousand victims with fifty thousand payments: intake, trace, tables and allocation, each command a process.

    python benchmarks/victims.py [--victims 10000] [--payments 50000]

The transfers and the intake list come from `casefiles/many-victims-example/build.py`, which makes that shape in
any size. Seconds passed, seconds of processors and peak memory of each command by itself, start-up included, and
the machine's load before and after. It ends with an error where nothing was traced, or a sum is not what it was.
"""

from __future__ import annotations

import argparse
import json
import os
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
        print(f"{'':28} {'passed':>10} {'processor':>10} {'peak':>11}   load {_load()}")
        passed = spent = peak = 0.0
        # The exhibits are decoded again after the intake: a token of no register counts once a loss names it.
        for words in (
            ("import", case, str(folder / "transfers.csv"), str(folder / "labels.csv")),
            ("victim", "import", case, str(folder / "victims.csv")),
            ("decode", case),
            ("link", case),
            ("trace", case),
            ("find", case),
            ("victim", "list", case, "--services"),
            ("allocate", case, "--asset", asset, "--pool", str(10**14)),
        ):
            said, *took = recover(*words)
            name = " ".join(word for word in words if "/" not in word and word not in ("--asset", "--pool"))
            _row(name, *took)
            passed, spent, peak = passed + took[0], spent + took[1], max(peak, took[2])
            if words[0] == "victim" and words[1] == "list" and not json.loads(said):
                raise SystemExit("nothing of any victim reached a service: nothing was traced")
            if words[0] == "allocate" and {mode["sum"] for mode in json.loads(said)["modes"]} != {str(10**14)}:
                raise SystemExit("a way to share does not come to the pool")
        _row("in all", passed, spent, peak)
        print(f"load {_load()}")


def _row(name: str, passed: float, spent: float, peak: float) -> None:
    print(f"{name:28} {passed:8.2f} s {spent:8.2f} s {peak:7.0f} MiB", flush=True)


def _load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())


def recover(*words: str) -> tuple[str, float, float, float]:
    """What a command printed, seconds passed, seconds of processors and the most memory that it took, in MiB."""
    command = [sys.executable, "-c", "from recover_forensics import run; run()", *words, "--json"]
    began = time.monotonic()
    # A passphrase that seals people who do not exist.
    environment = {**os.environ, "RECOVER_PASSPHRASE": "benchmark"}
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        if (code := os.waitstatus_to_exitcode(status)) not in (0, 5):
            raise SystemExit(f"{' '.join(words)} ended with {code}")
        out.seek(0)
        return out.read(), time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
