"""Run each member's tests in an environment that holds the core, the member and what it declares: nothing else.

Environments are kept in .venv-members/ and made again when the member's pyproject.toml, the core's or the lock
changes. Names the members that fail and exits 1.
"""

# ruff: noqa: T201  (a script of the build: what it prints is what it is for)

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".venv-members"
LOCK = ROOT / "requirements.lock"
TOOLS = ("pytest", "hypothesis", "hatchling", "editables")


def main(members: list[str]) -> int:
    failed = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as several:
        for name, said, sound in several.map(tried, members):
            print(said, flush=True)
            if not sound:
                failed.append(name)
    if failed:
        print(f"With only their declared dependencies, these fail: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def tried(name: str) -> tuple[str, str, bool]:
    """A member's name, what its tests said, and whether they passed."""
    member, began = ROOT / name, time.monotonic()
    if not any(member.glob("tests/test_*.py")):
        return name, f"{name}: no tests", False
    done = run(member)
    code, words = done.returncode, done.stdout.strip()
    end = f"{name}: {'passed' if code == 0 else f'FAILED (exit {code})'} in {time.monotonic() - began:.1f} s"
    return name, f"{words}\n{end}", code == 0


def run(member: Path) -> subprocess.CompletedProcess[str]:
    python = environment(member)
    command = [
        str(python),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--members",
        "alone",
        f"--rootdir={ROOT}",
    ]
    return subprocess.run(
        [*command, str(member / "tests")],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def environment(member: Path) -> Path:
    """The Python of the member's own environment, made if it is absent or out of date."""
    folder = CACHE / member.name
    python, stamp = folder / "bin" / "python", folder / "stamp"
    wanted = digest(member)
    if stamp.exists() and stamp.read_text() == wanted and python.exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    install(python, member)
    stamp.write_text(wanted)
    return python


def digest(member: Path) -> str:
    read = [LOCK, ROOT / "pyproject.toml", member / "pyproject.toml", Path(__file__)]
    parts = [sys.version.encode(), str(ROOT).encode(), *(path.read_bytes() for path in read)]
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def install(python: Path, member: Path) -> None:
    """Everything from the lock's versions; the core and the member as they are in this checkout."""
    uv = Path(sys.executable).parent / "uv"
    pip = [str(uv), "pip", "install", "--quiet", "--python", str(python)]
    if not uv.exists() or subprocess.run([*pip, "--dry-run", *TOOLS], check=False, capture_output=True).returncode:
        pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(python), "install"]
    # Hashes in a constraint bind what they name; editable folders have none, so they come after, alone.
    plain = declared(member)
    subprocess.run([*pip, "--constraint", str(LOCK), *TOOLS, *plain], check=True, env=environ())
    editable = ["--no-deps", "--no-build-isolation", "-e", str(ROOT), "-e", str(member)]
    subprocess.run([*pip, *editable], check=True, env=environ())


def declared(member: Path) -> list[str]:
    """What the core and the member declare, less the members of this workspace."""
    found: list[str] = []
    for folder in (ROOT, member):
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
        found += [text for text in project["dependencies"] if not text.startswith("recover-")]
    return found


def environ() -> dict[str, str]:
    """The environment without another one's traces."""
    return {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
