"""How far a stage has come: bars when a terminal looks at stderr, one line a stage when not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from recover.cli import screen

Progress = Callable[[str, int, int], None]


@contextmanager
def watch(quiet: bool = False) -> Iterator[Progress]:
    """A function (stage, done, total) to call as work goes on; total 0 is unknown."""
    if quiet:
        yield lambda stage, done, total: None
    elif screen.terminal(sys.stderr):
        with _bars() as tell:
            yield tell
    else:
        yield _lines()


def _lines() -> Progress:
    begun: set[str] = set()

    def tell(stage: str, done: int, total: int) -> None:
        if stage not in begun:
            begun.add(stage)
            screen.remark(f"{stage} ...")

    return tell


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich import progress
    from rich.console import Console

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    columns = (
        progress.TextColumn("{task.description:<8}", markup=False),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
    )
    # On stderr and gone when done: what is piped from stdout holds results alone.
    with progress.Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, progress.TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for before in bars.tasks:  # what has another stage after it is over
                    bars.update(before.id, completed=before.total or 1, total=before.total or 1)
                tasks[stage] = bars.add_task(stage, total=None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield tell
