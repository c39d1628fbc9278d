"""One writer at a time, by a lock that the system frees when the writer dies; beside it stands who holds it."""

from __future__ import annotations

import errno
import getpass
import json
import os
import platform
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from recover.case.confined import Files
from recover.sdk.errors import Error

LOCK, WRITER = ".lock", ".writer"


_POLL = 0.03
"""Seconds between two tries of who waits for the lock: less than it is given back for (`LENT`)."""

LENT = 0.15
"""Seconds for which a long command gives the lock back at least, so that whoever waits for it gets it."""


@dataclass(slots=True, kw_only=True)
class Held:
    """The lock of a case in the hands of one command, which may give it back for a while; `waited`: another one
    had it first."""

    files: Files
    command: str
    _lock: Any = field(init=False)
    here: bool = False
    waited: bool = False

    def __post_init__(self) -> None:
        self.files.size(LOCK)  # a link or a device is refused by name before the library meets it
        from filelock import FileLock

        self._lock = FileLock(str(self.files.root / LOCK), timeout=0)

    def take(self, now: datetime, patience: float = 0.0) -> None:
        """Raises Error naming the holder where another process still writes to this case after so many seconds."""
        with warnings.catch_warnings():
            # Where the system has no lock of its own, the library's is as good for us.
            warnings.simplefilter("ignore")
            from filelock import Timeout

            try:
                began = time.monotonic()
                self._lock.acquire(timeout=patience, poll_interval=_POLL)
                self.waited = time.monotonic() - began >= _POLL
            except Timeout:
                why = _unlockable(self.files)
                raise _held(self.files, patience) if not why else _without(self.files, why) from None
            except OSError as error:
                raise _without(self.files, error.strerror or str(error)) from error
        self.here = True
        self.files.write(WRITER, _who(self.command, now))

    def give(self) -> None:
        """Another may write; nothing happens where it is given back already."""
        if self.here:
            self.here = False
            with suppress(OSError, Error):
                self.files.discard(WRITER)
            self._lock.release()


@contextmanager
def hold(files: Files, command: str, now: datetime, patience: float = 0.0) -> Iterator[Held]:
    """Raises Error naming the holder when another process writes to this case, and does not end in time."""
    held = Held(files=files, command=command)
    try:
        held.take(now, patience)
        yield held
    finally:
        held.give()


def _unlockable(files: Files) -> str:
    """Why the system cannot lock this file at all; empty where it can, and another process has done so.

    The library gives up in the same way for both, and "somebody holds it" would be a false sentence.
    """
    try:
        import fcntl
    except ImportError:
        return ""
    with suppress(FileNotFoundError), files.open(LOCK) as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return "" if error.errno in _HELD else error.strerror or str(error)
    return ""


_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)


def _without(files: Files, why: str) -> Error:
    return Error(
        "case-unlockable",
        f"The case {files.root.name} cannot be locked.",
        f"The file system that it lies on does not lock files: {why}. Two programs could write to it at once.",
        "Copy the case to a local disk, and work it there.",
    )


def busy(files: Files) -> bool:
    """Whether somebody writes, or stopped without a word. Only reads."""
    return bool(files.size(WRITER))


def _who(command: str, now: datetime) -> bytes:
    since = now.astimezone(UTC).isoformat(timespec="seconds")
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):
        user = "somebody"
    who = {"pid": os.getpid(), "user": user, "host": platform.node(), "command": command, "since": since}
    return json.dumps(who).encode()


_LENDING = ("now", "watch")
"""Commands that give a case back between their rounds: of these it is no use to wait for the end."""


def _held(files: Files, patience: float) -> Error:
    todo = "Wait until it is done, or stop that process; the lock frees itself."
    holder = "another process that has not yet said who it is"
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        who = {name: str(value)[:100] for name, value in json.loads(files.read(WRITER)[:4096]).items()}
        if who["command"] in _LENDING:
            todo = "It gives the case back between its rounds: type this again in a moment, or stop that process."
        holder = "process {pid} of {user} on {host}, `{command}`, since {since}".format(**who)
    return Error(
        "case-locked",
        f"The case {files.root.name} is being written to.",
        f"The lock is held by {holder}" + (f", and was waited for {patience:.0f} s." if patience else "."),
        todo,
    )
