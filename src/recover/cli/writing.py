"""Opening a case to write to it, and saying what was put right or left alone meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from recover.cli import screen

if TYPE_CHECKING:
    from recover.case import Case


@contextmanager
def open_for_writing(path: Path, command: str) -> Iterator[Case]:
    """A case open for one command; what opening and working it had to tell goes to standard error at the end."""
    from recover.case import open_for_writing as opening

    with opening(path, command) as case:
        try:
            yield case
        finally:
            for line in case.told:
                screen.remark(f"note: {line}")
