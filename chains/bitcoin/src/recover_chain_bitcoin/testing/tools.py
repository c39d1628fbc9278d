"""Where the servers' programs are, and waiting for them within bounds."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import Final

from recover.sdk import Error

PAUSE: Final = timedelta(milliseconds=20).total_seconds()
"""Between two looks at whether a server is ready."""


def find(name: str, folder: str) -> Path:
    """The program `name` in RECOVER_TOOLS, in the checkout's `.tools/FOLDER/bin`, or on the path.

    Raises Error saying how to get it.
    """
    for root in _roots():
        path = root / folder / "bin" / name
        if path.is_file():
            return path
    found = shutil.which(name)
    if found is not None:
        return Path(found)
    raise Error(
        "tool-missing",
        f"{name} is not here.",
        f"Looked in RECOVER_TOOLS, in `.tools/{folder}/bin` of the checkout, and on the path.",
        "Run `make nodes` in the checkout.",
    )


def port() -> int:
    """A loopback port that was free a moment ago, picked by the system."""
    with socket.socket() as picked:
        picked.bind(("127.0.0.1", 0))
        number: int = picked.getsockname()[1]
        return number


def wait(ready: Callable[[], bool], what: str, seconds: int = 30, process: Popen[bytes] | None = None) -> None:
    """Poll until `ready` holds. Raises Error when time is up, or when `process` has ended."""
    until = time.monotonic() + seconds
    while not ready():
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() > until:
            raise Error(
                "server-silent",
                f"{what} did not come.",
                "Its process ended." if ended else f"It was waited for {seconds} seconds.",
                "Read the log in its folder.",
            )
        time.sleep(PAUSE)


def stop(process: Popen[bytes], seconds: int = 20) -> None:
    """End one process, by its own id: asked first, then forced."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except TimeoutExpired:
            process.kill()
            process.wait(seconds)


def _roots() -> Iterator[Path]:
    named = os.environ.get("RECOVER_TOOLS")
    if named:
        yield Path(named)
    for above in Path(__file__).resolve().parents:
        yield above / ".tools"
