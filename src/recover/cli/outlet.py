"""The two streams of the program, whose reader may have gone. It imports nothing that the first answer awaits."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as type checkers know it; typing takes longer to import than all the rest
if TYPE_CHECKING:
    from typing import TextIO


def put(stream: TextIO, text: str) -> None:
    """Write text that is already safe."""
    try:
        stream.write(text)
    except BrokenPipeError:
        _gone(stream)


def flush(stream: TextIO) -> None:
    """Hand over what is still buffered."""
    try:
        stream.flush()
    except BrokenPipeError:
        _gone(stream)


def finish() -> None:
    """Hand over what is still buffered, at the end."""
    flush(sys.stdout)
    flush(sys.stderr)


def _gone(stream: TextIO) -> None:
    """The reader has seen enough (`recover show ... | head`): the command still ends with its own exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
