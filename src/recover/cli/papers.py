"""The documents a case has written, in the order in which a person wants them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from recover.cli import screen

_ORDER = (".pdf", ".html", ".csv", ".json")


def listed(out: Path) -> list[str]:
    """Files below `out`, relative: reports and letters first, then tables and data."""
    if not out.is_dir():
        return []
    # A dot marks a file that is still being written.
    found = [p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file() and not p.name.startswith(".")]
    return sorted(found, key=_key)


def show(out: Path, files: Sequence[str]) -> None:
    """One path a line, as it can be pasted after `open`."""
    screen.heading(f"Documents in {out}")
    for file in files:
        screen.say(f"  {out / file}")


def _key(file: str) -> tuple[int, int, str]:
    path = PurePosixPath(file)
    kind = _ORDER.index(path.suffix) if path.suffix in _ORDER else len(_ORDER)
    return len(path.parts), kind, file
