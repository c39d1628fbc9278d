"""What `decode` reaches for besides its exhibit: files, sockets, programs, clocks and the environment.

Python reports such attempts itself: to audit hooks (PEP 578), which see one even where the decoder swallows the
exception, and to a profile function, which sees each call of a clock whatever name it was imported under.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import Any

_OUTSIDE = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "urllib.")
_FILES = ("open", "os.listdir", "os.scandir", "os.remove", "os.mkdir", "os.rename", "sqlite3.connect", "shutil.")
_NAMES = "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns process_time localtime ctime mktime"
_CLOCKS = frozenset(getattr(time, name) for name in _NAMES.split())
_ENVIRON = {os.environ.__getitem__.__code__, os.environ.__contains__.__code__}
_INSTALLED = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))

_CORE = str(Path(__file__).parents[1])

_watching: list[tuple[list[str], tuple[str, ...]]] = []
_hooked: list[bool] = []


@contextmanager
def watched(*own: Path) -> Iterator[list[str]]:
    """The attempts made inside, in order. Files of installed packages and under `own` are a plugin's own data."""
    if not _hooked:
        sys.addaudithook(_audit)  # it stays for good, and does nothing while nobody watches
        _hooked.append(True)
    seen: list[str] = []
    before = sys.getprofile()
    _watching.append((seen, (*_INSTALLED, *map(str, own))))
    sys.setprofile(_called)
    try:
        yield seen
    finally:
        sys.setprofile(before)
        _watching.pop()


@contextmanager
def offline() -> Iterator[list[str]]:
    """As `watched`, for sockets and programs only: cheap enough for every decoding of a test."""
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked.append(True)
    seen: list[str] = []
    _watching.append((seen, ("",)))  # every path begins so
    try:
        yield seen
    finally:
        _watching.pop()


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    seen, own = _watching[-1]
    if event.startswith(_FILES) and not _allowed(arguments, own):
        # A temporary file has another name each time: what is said of it must not.
        what = "a temporary file" if _inside(tempfile.__file__) else f"the file {arguments[0]!r}"
        seen.append(f"{what} ({event})")
    elif event.startswith(_OUTSIDE) and not _importing():
        seen.append(f"{event} {arguments[1:]!r}"[:200])
        # Nothing of a test may leave the machine, whatever the decoder does with the exception.
        raise OSError(f"{event} in decode")


def _called(frame: FrameType, event: str, called: Any) -> None:
    """A profile function: told of each call of a Python function (`call`) and of one written in C (`c_call`)."""
    if event == "c_call":
        seen = _watching[-1][0]
        name = getattr(called, "__name__", "")
        if name in ("now", "utcnow", "today") and getattr(called, "__self__", None) in (datetime, date):
            if not _importing():
                seen.append(f"the clock (datetime.{name})")
        elif name and called.__hash__ and _is_clock(called):
            seen.append(f"the clock (time.{name})")
    elif event == "call" and frame.f_code in _ENVIRON and not _importing() and not _of_libraries(frame):
        _watching[-1][0].append(f"the environment ({frame.f_locals.get('key')})")


def _is_clock(called: Any) -> bool:
    return any(called is clock for clock in _CLOCKS) and not _importing()


def _allowed(arguments: tuple[Any, ...], own: tuple[str, ...]) -> bool:
    path = arguments[0] if arguments else None
    if path is None or isinstance(path, int):
        return True  # a descriptor that something opened before
    return os.path.abspath(os.fsdecode(path)).startswith(own) or _importing()


def _of_libraries(frame: FrameType) -> bool:
    """Whether a library looks into the environment by itself, as pyarrow does where it makes a table."""
    asking: FrameType | None = frame
    while asking is not None and asking.f_code.co_filename.startswith("<frozen"):
        asking = asking.f_back
    if str(frame.f_locals.get("key")).startswith("PYARROW"):
        return True  # its compiled code has no frame of its own
    file = "" if asking is None else os.path.abspath(asking.f_code.co_filename)
    return not file.startswith(_watching[-1][1][len(_INSTALLED) :]) and file.startswith((*_INSTALLED, _CORE))


def _importing() -> bool:
    """Whether Python is loading a module: that reads files, and is nothing that a decoder does."""
    return _inside("<frozen importlib")


def _inside(file: str) -> bool:
    """Whether code of a file is running, or waits for what is running."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.startswith(file):
            return True
        frame = frame.f_back
    return False
