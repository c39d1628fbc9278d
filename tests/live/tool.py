"""The real command in a process of its own, and what it left in a folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


def tool(*args: str, code: int = 0, **secrets: str) -> str:
    """What `recover` printed. `secrets` are set in its environment; it must end with `code`."""
    # The tests' own configuration stays: without it the command would write into the user's.
    env = {k: v for k, v in os.environ.items() if not k.startswith("RECOVER_") or k == "RECOVER_CONFIG"}
    env |= {f"RECOVER_{name.upper()}": value for name, value in secrets.items()}
    done = subprocess.run(
        [sys.executable, "-c", "from recover_forensics import run; run()", *args],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def show(case: Path, what: str) -> list[dict[str, Any]]:
    """The rows of `recover show CASE WHAT --json`."""
    found: list[dict[str, Any]] = json.loads(tool("show", str(case), what, "--json"))
    return found


def made_again(case: Path, folder: Path, code: int = 0) -> None:
    """A copy without results gives the same bytes: from its exhibits alone, as it is told of no place to ask."""
    copy = folder / "case"
    shutil.copytree(case, copy)
    before = {**files(copy / "derived"), **files(copy / "out")}
    shutil.rmtree(copy / "derived")
    shutil.rmtree(copy / "out")
    tool("verify", str(case))
    tool("run", str(copy), code=code)
    assert {**files(copy / "derived"), **files(copy / "out")} == before


def files(root: Path) -> dict[str, bytes]:
    """Every file below a folder, by its name there."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
