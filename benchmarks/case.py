"""From import to finished papers, and what a late exhibit, label, loss or policy costs: seconds, processor seconds
and peak memory of each command, on the example case repeated to several sizes.

    python benchmarks/case.py [--rows 10000 100000 1000000] [--rule fifo]

The large copies repeat the example's transfers: each repetition has its own transaction ids and its own wallets,
so that the ledger grows in every direction, and is written in the same file format. `whole` is import, loss and
`recover run` as a user gives them; the stages one by one are processes of their own, start-up included.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "casefiles" / "tron-seizure-orders-example"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
STAGES = ("decode", "link", "trace", "find", "write")
LATE = 200
"""Rows of the late exhibit."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that passed, seconds of processors, and peak memory of a command in MiB."""

    seconds: float
    processor: float
    peak: float

    def __str__(self) -> str:
        return f"{self.seconds:8.2f} s {self.processor:8.2f} s {self.peak:7.0f} MiB"

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.seconds + other.seconds, self.processor + other.processor, max(self.peak, other.peak))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rule", default="fifo")
    chosen = parser.parse_args()
    print(f"{'':30} {'passed':>10} {'processor':>10} {'memory':>11}")
    for rows in chosen.rows:
        with tempfile.TemporaryDirectory(prefix="recover-bench-") as spot:
            print(f"{rows:,} rows")
            for name, cost in measure(Path(spot), rows, chosen.rule):
                print(f"  {name:28} {cost}", flush=True)


def wallets() -> list[str]:
    recipe = tomllib.loads((EXAMPLE / "demo.toml").read_text())
    return [loss["address"] for loss in recipe["loss"]]


def measure(spot: Path, rows: int, rule: str) -> Iterator[tuple[str, Cost]]:
    """Each command as a user gives it, in a process of its own."""
    case, large, late = spot / "case", spot / "large.csv", spot / "late.csv"
    enlarge(large, rows)
    enlarge(late, LATE, first=rows // 6000 + 1)
    labels = sorted((EXAMPLE / "labels").glob("*.csv")) + sorted((EXAMPLE / "labels").glob("*.yaml"))
    call(["open", str(case), "--title", "Bench", "--examiner", "N", "--agency", "A", "--rule", rule])
    brought = call(["import", str(case), str(large), *map(str, labels)])
    yield "import", brought
    lost = [word for name in sorted(set(wallets())) for word in ("--address", name)]
    declared = call(["loss", str(case), *lost, "--asset", "USDT"])
    yield "20 losses", declared
    copy = spot / "copy"
    shutil.copytree(case, copy)
    for stage in STAGES:
        yield stage, call([stage, str(copy)])
    shutil.rmtree(copy)
    ran = call(["run", str(case)])
    yield "run (all stages)", ran
    yield "whole: import, loss and run", brought + declared + ran
    yield "run, nothing new", call(["run", str(case)])
    yield "verify", call(["verify", str(case)])
    yield "show offramps", call(["show", str(case), "offramps", "--json"])
    call(["import", str(case), str(late)])
    yield f"run after an exhibit ({LATE} rows)", call(["run", str(case)])
    call(["import", str(case), str(label(spot))])
    yield "run after a label", call(["run", str(case)])
    call(["loss", str(case), "--address", renamed(wallets()[0], rows // 6000 + 1), "--asset", "USDT"])
    yield "run after a loss", call(["run", str(case)])
    settings = case / "case.toml"
    settings.write_text(settings.read_text().replace('least = "C"', 'least = "D"'))
    yield "run after a change of policy", call(["run", str(case)])


def label(spot: Path) -> Path:
    """A label for a wallet that no list names."""
    file = spot / "late-label.csv"
    head = "#recover-labels 1\n#source: bench\n#grade: B\n#licence: CC0-1.0\n#url: https://example.invalid\n"
    row = f"tron:0x2b6653dc,{renamed(wallets()[1], 1)},Bench,wallet,hot-wallet,exchange\n"
    file.write_text(head + "chain,address,service,label,role,category\n" + row)
    return file


def enlarge(target: Path, rows: int, first: int = 0) -> list[str]:
    """Repeat the example with fresh ids and wallets, from copy `first`, until there are `rows`."""
    lines = (EXAMPLE / "transfers.csv").read_text().splitlines()
    body = next(n for n, line in enumerate(lines) if not line.startswith("#"))
    table = list(csv.DictReader(lines[body:]))
    own = set(wallets())
    with target.open("w", newline="") as file:
        file.write("\n".join(lines[:body]) + "\n")
        writer = csv.DictWriter(file, table[0].keys(), lineterminator="\n")
        writer.writeheader()
        for row in _repeat(table, own, rows, first):
            writer.writerow(row)
    return sorted(own)


def _repeat(table: list[dict[str, str]], own: set[str], rows: int, first: int) -> Iterator[dict[str, str]]:
    for number in range(rows):
        copy, place = divmod(number + first * len(table), len(table))
        row = dict(table[place])
        if copy:
            row["tx"] = hashlib.sha256(f"{copy} {row['tx']}".encode()).hexdigest()
            for name in ("view", "from", "to"):
                if row[name] in own:
                    row[name] = renamed(row[name], copy)
        yield row


def renamed(address: str, copy: int) -> str:
    """A valid TRON address made from another and a number."""
    raw = b"\x41" + hashlib.sha256(f"{copy} {address}".encode()).digest()[:20]
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    value, text = int.from_bytes(raw, "big"), ""
    while value:
        value, digit = divmod(value, 58)
        text = ALPHABET[digit] + text
    return text


def tool(words: list[str]) -> list[str]:
    beside = Path(sys.executable).parent / "recover"
    return [str(beside if beside.exists() else shutil.which("recover")), *words]


def call(words: list[str]) -> Cost:
    """What one command costs. Raises SystemExit where it fails."""
    before = time.perf_counter()
    probe = (
        "import json, resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss]))\n"
        "sys.stderr.buffer.write(done.stderr)\n"
        "sys.exit(0 if done.returncode in (0, 5) else done.returncode)\n"
    )
    done = subprocess.run([sys.executable, "-c", probe, *tool(words)], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words[:2])} failed: {done.stderr}")
    processor, peak = json.loads(done.stdout)
    return Cost(time.perf_counter() - before, processor, peak / 1024)


if __name__ == "__main__":
    main()
