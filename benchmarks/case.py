"""From import to finished documents: time of each stage and peak memory, on the example case and on a large copy.

    python benchmarks/case.py [--rows 1000000] [--rule fifo]

The large copy repeats the example's transfers: each repetition has its own transaction ids and its own wallets, so
that the ledger grows in every direction, and is written in the same file format. The stated limit it is held
against: a hundred times the rows may take at most a hundred times as long, plus start-up.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "casefiles" / "tron-seizure-orders-example"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rule", default="fifo")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="recover-bench-") as spot:
        small = measure(Path(spot) / "small", EXAMPLE / "transfers.csv", wallets(), chosen.rule)
        report("example", small)
        large_file = Path(spot) / "large.csv"
        named = enlarge(large_file, chosen.rows)
        large = measure(Path(spot) / "large", large_file, named, chosen.rule)
        report(f"repeated to {large['rows']:,} rows", large)
        times, rows = large["total"] / small["total"], large["rows"] / small["rows"]
        print(f"{rows:.0f} times the rows took {times:.1f} times as long (linear would be {rows:.0f})")


def wallets() -> list[str]:
    recipe = tomllib.loads((EXAMPLE / "demo.toml").read_text())
    return [loss["address"] for loss in recipe["loss"]]


def enlarge(target: Path, rows: int) -> list[str]:
    """Repeat the example with fresh ids and wallets until there are `rows`; returns the first copy's wallets."""
    lines = (EXAMPLE / "transfers.csv").read_text().splitlines()
    body = next(n for n, line in enumerate(lines) if not line.startswith("#"))
    table = list(csv.DictReader(lines[body:]))
    own = set(wallets())
    with target.open("w", newline="") as file:
        file.write("\n".join(lines[:body]) + "\n")
        writer = csv.DictWriter(file, table[0].keys(), lineterminator="\n")
        writer.writeheader()
        for row in _repeat(table, own, rows):
            writer.writerow(row)
    return sorted(own)


def _repeat(table: list[dict[str, str]], own: set[str], rows: int) -> Iterator[dict[str, str]]:
    for number in range(rows):
        copy, place = divmod(number, len(table))
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


def measure(case: Path, transfers: Path, named: list[str], rule: str) -> dict[str, float]:
    """Each command as a user gives it, in a process of its own."""
    found: dict[str, float] = {}
    labels = sorted((EXAMPLE / "labels").glob("*.csv")) + sorted((EXAMPLE / "labels").glob("*.yaml"))
    words = ["open", str(case), "--title", "Bench", "--examiner", "N", "--agency", "A", "--rule", rule]
    call(words)
    found["import"], peak = call(["import", str(case), str(transfers), *map(str, labels)])
    losses = [word for name in named for word in ("--address", name)]
    call(["loss", str(case), *losses, "--asset", "USDT"])
    for stage in ("decode", "link", "trace", "find", "write"):
        found[stage], used = call([stage, str(case)])
        peak = max(peak, used)
    found["total"] = sum(found.values())
    found["peak_mib"] = peak
    found["show"], _ = call(["show", str(case), "offramps", "--json"])
    with transfers.open() as file:
        found["rows"] = sum(not line.startswith("#") for line in file) - 1
    return found


def tool(words: list[str]) -> list[str]:
    beside = Path(sys.executable).parent / "recover"
    return [str(beside if beside.exists() else shutil.which("recover")), *words]


def call(words: list[str]) -> tuple[float, float]:
    """Seconds, and the peak memory of the process in MiB."""
    before = time.perf_counter()
    probe = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "sys.stderr.buffer.write(done.stderr)\n"
        "sys.exit(0 if done.returncode in (0, 5) else done.returncode)\n"
    )
    done = subprocess.run([sys.executable, "-c", probe, *tool(words)], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words[:2])} failed: {done.stderr}")
    return time.perf_counter() - before, int(done.stdout) / 1024


def report(title: str, found: dict[str, float]) -> None:
    print(title)
    for name in ("import", "decode", "link", "trace", "find", "write", "total", "show"):
        print(f"  {name:8} {found[name]:8.2f} s")
    print(f"  peak     {found['peak_mib']:8.0f} MiB   rows {found['rows']:,.0f}")


if __name__ == "__main__":
    main()
