"""How long do two sides of 100,000 addresses each take to meet, and is what they find right?

Run from the repository's root; under a minute on one core. Addresses are made up: so many of them both sides have.

    .venv/bin/python benchmarks/meet.py [--size 100000] [--common 1234]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from recover.case import open_for_writing
from recover.cli import main as program
from recover.meeting import exchanged, met

CHAIN = "eip155:1"


def main() -> int:
    """Print what each step took, and whether the intersection is right; 1 where it is not."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", type=int, default=100_000)
    options.add_argument("--common", type=int, default=1_234)
    asked = options.parse_args()
    sides = [_items(0, asked.size), _items(asked.size - asked.common, asked.size)]
    common = {text for _, text in sides[0].values()} & {text for _, text in sides[1].values()}
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("a", "b")]
        words = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
        for path in paths:
            assert program.main(["open", str(path), *words]) == 0
        began, worked = time.monotonic(), time.process_time()
        took, found = _met(paths, sides)
        whole, used = time.monotonic() - began, time.process_time() - worked
    right = [{text for _, text in one.hits} == common for one in found]
    for name, seconds in took:
        print(f"{name:22} {seconds:6.1f} s of processor time")
    print(f"{'all':22} {used:6.1f} s of processor time, {whole:.1f} s by the clock")
    print(f"{asked.size:,} addresses each, {len(common):,} common; right: {all(right)}")
    return 0 if all(right) else 1


def _items(start: int, size: int) -> dict[str, tuple[str, str]]:
    made = (f"0x{n:040x}" for n in range(start, start + size))
    return {f"eip155:{text}": (CHAIN, text) for text in made}


def _met(
    paths: list[Path], sides: list[dict[str, tuple[str, str]]]
) -> tuple[list[tuple[str, float]], list[met.Met]]:
    took: list[tuple[str, float]] = []
    who = met.Partner(by="N", other="other", contact="desk", scope="all")
    at = time.process_time()

    def lap(name: str) -> None:
        nonlocal at
        took.append((name, time.process_time() - at))
        at = time.process_time()

    with open_for_writing(paths[0], "meet") as case:
        first = met.blind(case, sides[0], who).data()
    lap("blind")
    with open_for_writing(paths[1], "meet") as case:
        second = met.answer(case, exchanged.read(first, "blind"), sides[1], who).data()
    lap("answer")
    with open_for_writing(paths[0], "meet") as case:
        one = met.compare(case, exchanged.read(second, "answer"), "N", lambda _: None)
    lap("compare, who began")
    assert one.reply is not None
    with open_for_writing(paths[1], "meet") as case:
        two = met.compare(case, exchanged.read(one.reply.data(), "result"), "N", lambda _: None)
    lap("compare, who answered")
    print(f"files: {len(first):,}, {len(second):,} and {len(one.reply.data()):,} bytes")
    return took, [one, two]


if __name__ == "__main__":
    sys.exit(main())
