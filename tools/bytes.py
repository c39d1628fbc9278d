"""Print a digest of every file that the shipped cases come to: what must stay when code only moves.

    python tools/bytes.py > before.txt      # in a checkout, or a worktree, of one commit
    python tools/bytes.py > after.txt       # in one of the other
    diff before.txt after.txt

The times are fixed and the digests of code are one constant, so that two commits differ only where their results
do. Every file is digested by its bytes.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
import tempfile
from datetime import datetime, tzinfo
from pathlib import Path

os.environ["SOURCE_DATE_EPOCH"] = "1700000000"  # for commits that still heeded it
ROOT = Path(__file__).parents[1]
for source in (ROOT / "src", *ROOT.glob("chains/*/src"), *ROOT.glob("plugins/*/src")):
    sys.path.insert(0, str(source))

CASES = ("tron-seizure-orders-example", "daloia-shaped-example", "bitcoin-first-payments-example")


def fix() -> None:
    """The digests of code become one constant, wherever the loader of plugins lives."""
    for name in ("recover.plugins.registry", "recover.registry"):
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError:
            continue
        module.files_hash = lambda package: "0" * 64  # type: ignore[attr-defined]
    folder = importlib.import_module("recover.case.folder")
    folder.datetime = Fixed  # type: ignore[attr-defined]


class Fixed(datetime):
    """One moment: the program itself knows no way to be told another time."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.fromtimestamp(1700000000, tz)


def main() -> None:
    fix()
    from recover.cli.main import run

    for case in CASES:
        with tempfile.TemporaryDirectory() as spot:
            out = Path(spot) / "case"
            sys.argv = ["recover", "demo", "--out", str(out), "--case", case]
            kept = os.dup(1)
            os.dup2(2, 1)
            try:
                run()
            except SystemExit as done:
                code = done.code
            finally:
                sys.stdout.flush()
                os.dup2(kept, 1)
            print(f"{case}: exit {code}")
            for file in sorted(p for p in out.rglob("*") if p.is_file()):
                digest = hashlib.sha256(file.read_bytes()).hexdigest()
                print(f"{digest}  {case}/{file.relative_to(out).as_posix()}")


if __name__ == "__main__":
    main()
