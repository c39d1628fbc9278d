"""The documents a case has written, in the order in which a person wants them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from recover.cli import screen

if TYPE_CHECKING:
    from recover.case import Case
    from recover.plugins.registry import Plugins

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


def choose(case: Case, plugins: Plugins, wanted: str, pack: str, language: str) -> None:
    """Journal how papers are written from now on. Raises Error for what there is not."""
    from recover.declared import edition
    from recover.report import packs

    report = plugins.templates.get("report")
    if report is not None:
        packs.must_have(report, pack, language)
    edition.choose(case, wanted, pack, language)
