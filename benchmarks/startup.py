"""How long the program takes to answer: median of five, each in a process of its own.

Budgets: `recover --help` 150 ms. Exits 1 when one is exceeded.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median_low

RUNS = 5
BUDGETS = ((("--help",), 150),)


def once(arguments: tuple[str, ...]) -> int:
    """Milliseconds from start to end."""
    program = Path(sys.executable).parent / "recover"
    began = time.monotonic_ns()
    subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL)
    return (time.monotonic_ns() - began) // 1_000_000


def main() -> int:
    slow = False
    for arguments, budget in BUDGETS:
        once(arguments)  # compiles what was never run, and fills the disk cache
        taken = median_low([once(arguments) for _ in range(RUNS)])
        print(f"recover {' '.join(arguments)}: {taken} ms, budget {budget} ms")
        slow |= taken > budget
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
