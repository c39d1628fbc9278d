"""Every read, write, rename, deletion and listing below one folder; no link is followed and nothing outside is
touched.

A case comes from others: a name in it may be a link to a file of the examiner's, a device that never answers, or a
path that climbs out. Where the system has openat(2), each folder on the way is opened without following links and
the next name is looked up in it, so that nothing can be exchanged in between. Elsewhere (Windows) each name is
examined before it is opened and what was opened is compared with what was examined.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath
from typing import BinaryIO

from recover.sdk.errors import Error

AT = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY") and hasattr(os, "O_NOFOLLOW")
"""Whether names can be looked up in an open folder."""

WINDOWS = os.name == "nt"

_STAY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_PATIENT = getattr(os, "O_NONBLOCK", 0)  # so that a pipe without a writer cannot hold us up
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _STAY
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))})

HALF = ".new"
"""How the name of a file ends that is not yet whole; it begins with a dot."""

_PRIVATE = "private/"
"""Below it a new file is its owner's alone to read."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files below `root`, each by its name relative to it, with `/` between folders.

    `fresh` is a folder that is being filled, and takes another's place whole: nothing in it is read before.
    `wait`: the disk is waited for; only what can be made again, and would be missed, goes without.
    """

    root: Path
    fresh: bool = False
    wait: bool = True

    def name(self, path: Path) -> str:
        """The name of a path below the root. Raises Error for one that is not."""
        # As texts where they can be: between two rounds of asking, thousands of names are worked out.
        whole, root = str(path), f"{self.root}{os.sep}"
        if not WINDOWS and whole.startswith(root):
            return whole[len(root) :]
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            raise _outside(str(path)) from None

    def has(self, name: str) -> bool:
        """Whether there is a file or folder of this name; a link or a device is refused."""
        return self._seen(name) is not None

    def has_folder(self, name: str) -> bool:
        found = self._seen(name)
        return found is not None and stat.S_ISDIR(found.st_mode)

    def size(self, name: str) -> int | None:
        """In bytes; None where there is no such file."""
        found = self._seen(name)
        return found.st_size if found is not None and stat.S_ISREG(found.st_mode) else None

    def mark(self, name: str) -> tuple[int, ...]:
        """What tells a file from one that took its name, or was written into. Raises FileNotFoundError."""
        found = self._seen(name)
        if found is None:
            raise FileNotFoundError(name)
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns

    def read(self, name: str, start: int = 0, length: int = -1) -> bytes:
        """Raises FileNotFoundError."""
        with self.open(name) as file:
            file.seek(start)
            return file.read(length)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A file to read. Raises FileNotFoundError."""
        handle = self._open(name, os.O_RDONLY)
        with os.fdopen(handle, "rb") as file:
            yield file

    def listed(self, name: str = "") -> tuple[str, ...]:
        """The names in a folder, in order, without it; none where there is no such folder."""
        with suppress(FileNotFoundError), self._inside(name) as place, os.scandir(place) as found:
            return tuple(sorted(one.name for one in found))
        return ()

    def below(self, name: str = "") -> Iterator[str]:
        """Every file below a folder, in order. Raises Error for a link or a device."""
        for one in self.listed(name):
            whole = f"{name}/{one}" if name else one
            if self.has_folder(whole):
                yield from self.below(whole)
            elif self.has(whole):
                yield whole

    def contents(self, name: str) -> Iterator[tuple[str, BinaryIO]]:
        """Every file below a folder, in order, by its name there and open to read: the way to it is gone once."""
        with suppress(FileNotFoundError), self._inside(name) as place, os.scandir(place) as found:
            for last in sorted(one.name for one in found):
                whole, folder = f"{name}/{last}", place if isinstance(place, int) else None
                path = last if folder is not None else f"{place}{os.sep}{last}"
                seen = os.stat(path, dir_fd=folder, follow_symlinks=False)
                _real(whole, seen)
                if stat.S_ISDIR(seen.st_mode):
                    yield from ((f"{last}/{below}", file) for below, file in self.contents(whole))
                    continue
                with os.fdopen(_opened(whole, path, os.O_RDONLY, folder), "rb") as file:
                    yield last, file

    def survey(self) -> None:
        """Raises Error naming the first link, pipe or device anywhere below the root."""
        left = [""]
        while left:
            name = left.pop()
            with self._inside(name) as place, os.scandir(place) as found:
                for one in sorted(found, key=lambda e: e.name):
                    whole = f"{name}/{one.name}" if name else one.name
                    if one.is_symlink() or _junction(one):
                        raise _refused(whole, "it is a link")
                    if one.is_dir(follow_symlinks=False):
                        left.append(whole)
                    elif not one.is_file(follow_symlinks=False):
                        raise _refused(whole, "it is no file and no folder, but a device or a pipe")

    # Below: what changes something. Nothing here shortens or deletes what was stored.

    def append(self, name: str, *data: bytes) -> int:
        """Where the data begins, once all of it is on the disk; nothing of it is left where that fails."""
        handle = self._open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            start = os.fstat(handle).st_size
            try:
                for piece in data:
                    _put(handle, piece)
                os.fsync(handle)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(handle, start)  # what was not acknowledged, and may be half a record
                raise
        finally:
            os.close(handle)
        if start == 0:
            self.sync(_up(name))
        return start

    def write(self, name: str, data: bytes) -> None:
        """A file whole or not at all, in place of what has the name."""
        _parts(name)
        if self.fresh:
            self._fill(name, data)
            return
        self.ready(name, data)
        self.put(name)

    def ready(self, name: str, data: bytes) -> None:
        """The first half of `write`: what is to stand there lies beside it."""
        half = _half(name)
        with suppress(FileNotFoundError), self._parent(half) as (folder, last):
            os.unlink(last, dir_fd=folder)  # a half-made one, or a link: itself, never its target
        handle = self._open(half, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        try:
            with _named(name):
                _put(handle, data)
                os.fsync(handle)
        finally:
            os.close(handle)

    def put(self, name: str) -> None:
        """The second half of `write`: what is ready takes the place."""
        half = _half(name)
        self._seen(name)
        with self._parent(half) as (folder, old), self._parent(name) as (same, new):
            os.replace(old, new, src_dir_fd=folder, dst_dir_fd=same)
        self.sync(_up(name))

    def _fill(self, name: str, data: bytes) -> None:
        """The same inside a folder that nobody reads before it is whole: no half has to be told from a whole."""
        handle = self._open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        try:
            _put(handle, data)
            if self.wait:
                os.fsync(handle)
        finally:
            os.close(handle)

    def make(self, name: str) -> None:
        """A folder, with those above it; nothing where it is there."""
        parts = _parts(name)
        try:
            with suppress(FileExistsError), self._parent(name) as (folder, last):
                os.mkdir(last, dir_fd=folder)
        except FileNotFoundError:  # one of those above it is not there
            for depth in range(1, len(parts) + 1):
                with suppress(FileExistsError), self._parent("/".join(parts[:depth])) as (folder, last):
                    os.mkdir(last, dir_fd=folder)
        with self._inside(name):
            pass

    def move(self, name: str, new: str, *, wait: bool = True) -> None:
        """Raises FileExistsError where the new name is taken."""
        if self.has(new):
            raise FileExistsError(new)
        with self._parent(name) as (folder, old), self._parent(new) as (other, last):
            os.rename(old, last, src_dir_fd=folder, dst_dir_fd=other)
        if wait:
            self.sync(_up(name))
            self.sync(_up(new))

    def cut(self, name: str, size: int) -> None:
        """Shorten a file, once what comes after `size` has been written elsewhere."""
        handle = self._open(name, os.O_RDWR)
        try:
            os.ftruncate(handle, size)
            os.fsync(handle)
        finally:
            os.close(handle)

    def discard(self, name: str) -> None:
        """Delete a file or folder that can be made again. Links in it are deleted, their targets never."""
        with suppress(FileNotFoundError), self._parent(name) as (folder, last):
            found = os.stat(last, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode):
                shutil.rmtree(last, dir_fd=folder)
            else:
                os.unlink(last, dir_fd=folder)

    def sync(self, name: str = "") -> None:
        """Wait until a folder's list of names is on the disk; Windows has no counterpart, and keeps it itself."""
        if AT:
            with self._inside(name) as place:
                os.fsync(int(place))

    def _open(self, name: str, flags: int) -> int:
        """A descriptor of a regular file that nothing outside shares. Raises FileNotFoundError, Error."""
        with self._parent(name) as (folder, last):
            return _opened(name, last, flags, folder)

    def _seen(self, name: str) -> os.stat_result | None:
        with suppress(FileNotFoundError, NotADirectoryError), self._parent(name) as (folder, last):
            found = os.stat(last, dir_fd=folder, follow_symlinks=False)
            _real(name, found)
            return found
        return None

    @contextmanager
    def _parent(self, name: str) -> Iterator[tuple[int | None, str]]:
        """The open folder that a name lies in, and its last part; where there is no openat, the whole path."""
        parts = _parts(name)
        if not AT:
            path = self.root
            for depth, part in enumerate(parts[:-1], start=1):
                path = path / part
                _real("/".join(parts[:depth]), os.lstat(path))
            yield None, str(path / parts[-1])
            return
        with self._inside("/".join(parts[:-1])) as folder:
            assert isinstance(folder, int)
            yield folder, parts[-1]

    @contextmanager
    def _inside(self, name: str) -> Iterator[int | str]:
        """A folder as `os.scandir` takes it: open, or where that cannot be, by its examined path."""
        parts = _parts(name) if name else ()
        if not AT:
            path = self.root
            for depth, part in enumerate(parts, start=1):
                path = path / part
                _real("/".join(parts[:depth]), os.lstat(path))
            yield str(path)
            return
        here = os.open(self.root, _FOLDER & ~os.O_NOFOLLOW)  # the examiner's own word, which may be a link
        try:
            for depth, part in enumerate(parts, start=1):
                found = os.stat(part, dir_fd=here, follow_symlinks=False)
                _real("/".join(parts[:depth]), found)
                deeper = os.open(part, _FOLDER, dir_fd=here)
                os.close(here)
                here = deeper
            yield here
        finally:
            os.close(here)


def _opened(name: str, last: str, flags: int, folder: int | None) -> int:
    """A descriptor of a regular file that lies as `last` in an open folder, or where None is given by its path."""
    before = None
    with suppress(FileNotFoundError):
        before = os.stat(last, dir_fd=folder, follow_symlinks=False)
    if before is not None:
        _plain(name, before, writing=bool(flags & os.O_RDWR))
    mode = 0o600 if name.startswith(_PRIVATE) else 0o666
    handle = os.open(last, flags | _STAY | _PATIENT, mode, dir_fd=folder)
    sound = False
    try:
        after = os.fstat(handle)
        _plain(name, after, writing=bool(flags & os.O_RDWR))
        if before is not None and not os.path.samestat(before, after):
            raise _refused(name, "it was exchanged for another file while it was opened")
        sound = True
    finally:
        if not sound:
            os.close(handle)
    return handle


@lru_cache(maxsize=8_192)
def _parts(name: str) -> tuple[str, ...]:
    """The parts of a relative name. Raises Error for one that could lead elsewhere, on any system."""
    parts = tuple(name.split("/"))
    for part in parts:
        if part in ("", ".", "..") or any(c in part for c in "\0\\") or len(os.fsencode(part)) > 255:
            raise _outside(name)
        if WINDOWS and (":" in part or part[-1] in ". " or part.split(".")[0].casefold() in _DEVICES):
            raise _outside(name)
    return parts


def _half(name: str) -> str:
    return f"{_up(name)}/.{PurePath(name).name}{HALF}".removeprefix("/")


def _up(name: str) -> str:
    return name.rpartition("/")[0]


def _put(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left[: 1 << 28]) :]


@contextmanager
def _named(name: str) -> Iterator[None]:
    """An error of the system names the file: of an open one it says nothing but that something failed."""
    try:
        yield
    except OSError as error:
        if not isinstance(error.filename, str):
            error.filename = name
        raise


def _real(name: str, found: os.stat_result) -> None:
    """Raises Error for what is neither a file nor a folder."""
    if stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", None):
        raise _refused(name, "it is a link")
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        raise _refused(name, "it is no file and no folder, but a device or a pipe")


def _plain(name: str, found: os.stat_result, *, writing: bool) -> None:
    """Raises Error for what is no regular file, or is one that another name may share and is to be written to."""
    _real(name, found)
    if not stat.S_ISREG(found.st_mode):
        raise _refused(name, "it is a folder, and a file was expected")
    if writing and found.st_nlink > 1:
        raise _refused(name, "the same file has another name, which may lie outside the case (a hard link)")


def _junction(one: os.DirEntry[str]) -> bool:
    seen = getattr(one, "is_junction", None)
    return bool(seen and seen())


def _refused(name: str, why: str) -> Error:
    return Error(
        "case-unsafe",
        f"{name} in the case is not used.",
        f"A case holds only files and folders of its own; {why}.",
        "Look at who made this folder. Put a plain copy of the file in its place, or take it out, and try again.",
    )


def _outside(name: str) -> Error:
    return Error(
        "case-outside",
        f"{name!r} is no name inside the case.",
        "A name must be relative, without `..`, backslash or NUL, so that nothing outside the case is touched.",
        "Look at who made this folder: `recover` writes no such name.",
    )
