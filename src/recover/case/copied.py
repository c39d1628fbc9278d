"""A case in another folder, to make again there what is derived."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from recover.case import journal, settings
from recover.case.confined import Files
from recover.case.folder import TOML, Case


def asof(case: Case, upto: int) -> Case:
    """The same case as its first `upto` entries have it, to be read."""
    return replace(
        case, entries=list(case.entries[:upto]), now=None, _sealed=(0, {}), _seen=0, _known={}, _listed=()
    )


def elsewhere(case: Case, path: Path) -> Case:
    """The same case in an empty folder, to make again there what is derived; exhibits are read where they are."""
    assert not any(path.iterdir()), "a rebuild needs an empty folder"
    files = Files(path)
    lines = b"".join(entry.line() for entry in case.entries)
    files.write(journal.FILE, lines)
    files.write(TOML, settings.text(case.settings).encode())
    # The case's own time: a verifier's clock that runs behind would be noted in the copy, and papers would differ.
    last = case.entries[-1].time
    return Case(
        path=path,
        settings=case.settings,
        entries=list(case.entries),
        files=files,
        evidence=case.evidence,
        now=lambda: last,
        _length=len(lines),
    )
