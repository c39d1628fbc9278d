"""One writer at a time, by a lock that says who holds it and that the system frees when the writer dies."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from recover.sdk.errors import Error


@contextmanager
def hold(case: Path, command: str, now: datetime) -> Iterator[None]:
    """Raises Error naming the holder when another process writes to this case."""
    file = os.open(case / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            # Held by the open file, not by its existence: a writer that was killed leaves no lock behind to be
            # removed by hand.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _held(case, os.read(file, 4096)) from None
        os.ftruncate(file, 0)
        os.pwrite(file, _who(command, now), 0)
        yield
        os.ftruncate(file, 0)
    finally:
        os.close(file)


def _who(command: str, now: datetime) -> bytes:
    since = now.astimezone(UTC).isoformat(timespec="seconds")
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    who = {"pid": os.getpid(), "user": user, "host": os.uname().nodename, "command": command, "since": since}
    return json.dumps(who).encode()


def _held(case: Path, content: bytes) -> Error:
    try:
        who = json.loads(content)
        holder = "process {pid} of {user} on {host}, `{command}`, since {since}".format(**who)
    except (ValueError, KeyError, TypeError):
        holder = "another process that has not yet said who it is"
    return Error(
        "case-locked",
        f"The case {case.name} is being written to.",
        f"The lock is held by {holder}.",
        "Wait until it is done, or stop that process; the lock frees itself.",
    )
