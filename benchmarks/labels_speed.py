"""Half a million labels: import of tag packs, and look-ups. Needs the evaluation data.

    python benchmarks/labels_speed.py [--beside PYTHON]

Imports the largest public tag packs as exhibits of a new case (store, decode, check, spell), in processor
time of this process and of those it starts, and looks up labels by address among them. With `--beside`, an
interpreter that has `tagpack-tool` reads and validates the same packs in the same run (its import also writes
them to a database).
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from recover.case import open_for_writing
from recover.case.derived import Progress
from recover.ledger import parts
from recover.linking.lookup import Lookup
from recover.plugins import registry
from recover.stages import collect, open

PACKS = Path(__file__).parents[1] / ".." / "shared" / "data" / "attribution" / "graphsense-tagpacks" / "packs"
BULK = ("exchange-wallets-bitmex_*", "samourai*", "miners.yaml", "sextortion_*", "ransom*")


def spent() -> float:
    mine, started = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in (mine, started))


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def main() -> None:
    files = [path for pattern in BULK for path in sorted(PACKS.glob(pattern))]
    plugins, tell = registry.load(), quiet
    with tempfile.TemporaryDirectory() as spot:
        case = Path(spot) / "case"
        open.create(case, title="Labels", examiner="N", agency="A", rule="fifo")
        began = spent()
        imported(case, plugins, files, tell)
        took = spent() - began
        began = spent()
        rows = stored(case, plugins)
        print(f"reading them back for look-ups: {spent() - began:.1f} s")
    print(f"import: {rows.num_rows:,} labels of {len(files)} packs in {took:.1f} s of processor time")
    began = spent()
    found = Lookup.of(rows)
    print(f"sorting for look-ups: {spent() - began:.2f} s; {found.rows.nbytes / 2**20:.0f} MiB")
    names = rows.column("address")
    chosen = [names[n].as_py() for n in random.Random(1).sample(range(rows.num_rows), 1_000)]
    began = time.perf_counter()
    assert all(found.find(name) for name in chosen)
    each = (time.perf_counter() - began) / len(chosen)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"look-up: {each * 1e6:.0f} microseconds each; the whole process had {peak:.0f} MiB at most")
    if "--beside" in sys.argv:
        beside(sys.argv[sys.argv.index("--beside") + 1], files, took)


def imported(case: Path, plugins: registry.Plugins, files: list[Path], tell: Progress) -> None:
    with open_for_writing(case, "benchmark") as opened:
        collect.files(opened, plugins, files, [], tell)


def stored(case: Path, plugins: registry.Plugins) -> pa.Table:
    with open_for_writing(case, "benchmark") as opened:
        folders = [part.folder / "assertions.parquet" for part in parts.parts(opened, plugins)]
        return pa.concat_tables([pa.parquet.read_table(file) for file in folders if file.exists()])


def beside(python: str, files: list[Path], ours: float) -> None:
    """What the other tool takes to validate the same packs."""
    began = spent()
    for file in files:
        command = [str(Path(python).with_name("tagpack-tool")), "tagpack", "validate", str(file)]
        subprocess.run(command, capture_output=True, check=False)
    theirs = spent() - began
    print(f"tagpack-tool validates them in {theirs:.1f} s: {theirs / ours:.1f} times as long")


if __name__ == "__main__":
    import pyarrow.parquet

    main()
