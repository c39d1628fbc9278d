"""One writer at a time, by a lock that the system frees when the writer dies; beside it stands who holds it."""

from __future__ import annotations

import errno
import getpass
import json
import os
import platform
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from recover.case.confined import Files
from recover.sdk.errors import Error

LOCK, WRITER = ".lock", ".writer"


@contextmanager
def hold(files: Files, command: str, now: datetime) -> Iterator[None]:
    """Raises Error naming the holder when another process writes to this case."""
    files.size(LOCK)  # a link or a device is refused by name before the library meets it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the system has no lock of its own, the library's is as good for us
        from filelock import FileLock, Timeout

        lock = FileLock(str(files.root / LOCK), timeout=0)
        try:
            lock.acquire()
        except Timeout:
            why = _unlockable(files)
            raise _held(files) if not why else _without(files, why) from None
        except OSError as error:
            raise _without(files, error.strerror or str(error)) from error
    try:
        files.write(WRITER, _who(command, now))
        yield
    finally:
        with suppress(OSError, Error):
            files.discard(WRITER)
        lock.release()


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


def _held(files: Files) -> Error:
    holder = "another process that has not yet said who it is"
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        who = {name: str(value)[:100] for name, value in json.loads(files.read(WRITER)[:4096]).items()}
        holder = "process {pid} of {user} on {host}, `{command}`, since {since}".format(**who)
    return Error(
        "case-locked",
        f"The case {files.root.name} is being written to.",
        f"The lock is held by {holder}.",
        "Wait until it is done, or stop that process; the lock frees itself.",
    )
