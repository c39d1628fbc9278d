"""Opening a case to write to it, and saying what was put right or left alone meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from recover.cli import screen

if TYPE_CHECKING:
    from recover.case import Case


_STAGES = ("collect", "decode", "link", "trace", "find", "write", "run", "upgrade")
"""Commands that bring results up to date, or say themselves that they are not."""


def _unseen(case: Case) -> str:
    from recover.case.manifest import manifest
    from recover.plugins.pins import behind

    if not manifest(case).files or not behind(case):
        return ""
    return (
        "The papers in out/ have not seen all that the case holds now: "
        f"`recover run {case.path.name}` writes them again."
    )


def _worked(case: Case) -> None:
    """Note who works on the case, where the user's own settings name another examiner than before."""
    from contextlib import suppress

    from recover.capture import own
    from recover.declared import handing
    from recover.sdk.errors import Error

    # Settings that cannot be read are refused by each command that needs them.
    with suppress(Error):
        handing.works(case, own.load().defaults.examiner)


@contextmanager
def open_for_writing(path: Path, command: str) -> Iterator[Case]:
    """A case open for one command; what opening and working it had to tell goes to standard error at the end."""
    from recover.case import open_for_writing as opening

    with opening(path, command) as case:
        try:
            _worked(case)
            yield case
        finally:
            if command not in _STAGES and (late := _unseen(case)):
                case.told.append(late)
            for line in case.told:
                screen.remark(f"note: {line}")
