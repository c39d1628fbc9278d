"""What the first answer of the program does not load. Its time is measured by benchmarks/startup.py."""

import subprocess
import sys

HEAVY = (
    "typer",
    "json",
    "pyarrow",
    "duckdb",
    "numpy",
    "httpx",
    "typst",
    "warcio",
    "recover_chain_tron",
    "recover_reports",
)

PROGRAM = """
import sys
sys.argv = ["recover", "--help"]
from recover.cli.main import run
try:
    run()
except SystemExit as end:
    assert not end.code, end.code
print("\\n".join(sys.modules), file=sys.stderr)
"""


def test_help_loads_nothing_heavy() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "Usage" in run.stdout
    assert sorted(set(HEAVY) & set(run.stderr.split("\n"))) == []
