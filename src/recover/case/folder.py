"""One case folder: what is kept, what is rebuilt, and the order in which bytes reach the disk.

That order is: an exhibit's bytes, then the journal entry that acknowledges them; for settings, the journal entry,
then `case.toml`. So after a crash at any point the journal says what counts, and the next writer makes the rest
agree with it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recover.case import journal, lock, settings, warc
from recover.case.journal import Entry
from recover.case.settings import Settings
from recover.sdk.errors import Error, Integrity
from recover.sdk.values import Exhibit

Clock = Callable[[], datetime]

_KEPT = ("case.toml", "journal.jsonl")


def clock() -> datetime:
    """Now, or the fixed moment in SOURCE_DATE_EPOCH: the one place that asks for the time."""
    # The convention of reproducible-builds.org: a build given this moment gives the same bytes again.
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(fixed), UTC) if fixed else datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where an exhibit lies: its WARC file and the range of bytes there, and what was said of it."""

    number: int
    digest: str
    name: str
    media: str
    size: int
    method: str
    captured: datetime
    sources: tuple[str, ...]
    file: str
    offset: int
    length: int
    packed: str
    request: str = ""
    chain: str = ""
    obtained: datetime | None = None
    by: str = ""
    origin: str = ""


@dataclass(slots=True)
class Case:
    """An open case. Made by `open_for_reading` or `open_for_writing`; only the latter may change it."""

    path: Path
    settings: Settings
    entries: list[Entry]
    torn: int = 0
    edited: bool = False
    now: Clock | None = None
    _known: tuple[int, tuple[Stored, ...]] = (0, ())

    @property
    def head(self) -> tuple[str, int]:
        """Hash and number of the last journal entry on which results depend."""
        return journal.head(self.entries)

    @property
    def derived(self) -> Path:
        """Where stages put their tables; all of it can be deleted and made again."""
        return self.path / "derived"

    @property
    def out(self) -> Path:
        """Where papers are written."""
        return self.path / "out"

    def exhibits(self) -> tuple[Stored, ...]:
        """All acknowledged exhibits, in order of capture, with every source that reads them."""
        if self._known[0] != len(self.entries):
            self._known = (len(self.entries), tuple(_stored(self.entries)))
        return self._known[1]

    def read(self, stored: Stored) -> Exhibit:
        """An exhibit with its bytes, checked. Raises Integrity naming it."""
        # Two digests: that of the packed record shows which file was damaged, that of the content is the one which
        # papers print and which the other side can compute from the original file.
        data, asked = warc.read(self.packed(stored))
        if warc.sha256(data) != stored.digest:
            raise _changed(stored, "its content no longer has the recorded SHA-256")
        return Exhibit(
            digest=stored.digest,
            name=stored.name,
            media=stored.media,
            captured=stored.captured,
            sources=stored.sources,
            data=data,
            number=stored.number,
            asked=asked if stored.request else None,
            chain=stored.chain,
        )

    def packed(self, stored: Stored) -> bytes:
        """The stored record's own bytes, checked. Raises Integrity naming it."""
        try:
            with (self.path / "exhibits" / stored.file).open("rb") as file:
                file.seek(stored.offset)
                packed = file.read(stored.length)
        except FileNotFoundError:
            raise _changed(stored, "its file is missing") from None
        if warc.sha256(packed) != stored.packed:
            raise _changed(stored, "the stored record's bytes differ")
        return packed

    # Below: only for a case open for writing.

    def note(self, kind: str, body: Mapping[str, Any]) -> Entry:
        """Append to the journal; when this returns, it is on the disk."""
        assert self.now is not None, "the case is open for reading"
        # The chain runs over every entry, also those on which no result depends: one taken out is noticed.
        prev = self.entries[-1].hash if self.entries else journal.GENESIS
        entry = journal.make(len(self.entries) + 1, self.now(), kind, body, prev)
        journal.append(self.path / "journal.jsonl", entry)
        self.entries.append(entry)
        return entry

    def save(self, new: Settings) -> None:
        """Change `case.toml`: the journal first, which holds the whole text, then the file."""
        body = settings.text(new)
        # If the file came first, a crash here would leave a change that nobody is recorded to have made.
        self.note("settings", {"sha256": warc.sha256(body.encode()), "text": body})
        replace(self.path / "case.toml", body.encode())
        self.settings = new

    def store(self, packed: bytes, file: str, about: Mapping[str, Any]) -> Stored:
        """Append a WARC record, wait for the disk, then acknowledge it in the journal."""
        # The journal names bytes only after they are on the disk. A crash in between leaves bytes that no entry
        # acknowledges, and `_cut_exhibits` takes them away; the reverse would leave an entry without its evidence.
        target = self.path / "exhibits" / file
        offset = target.stat().st_size if target.exists() else 0
        with target.open("ab") as out:
            out.write(packed)
            out.flush()
            os.fsync(out.fileno())
        # A new file's name is in its folder, which has a content of its own to wait for.
        sync(target.parent)
        body = {
            **about,
            "number": len(self.exhibits()) + 1,
            "file": file,
            "offset": offset,
            "length": len(packed),
            "packed": warc.sha256(packed),
        }
        self.note("exhibit", body)
        return self.exhibits()[-1]

    def next_file(self) -> str:
        """The name for a new collecting run's WARC file."""
        taken = {stored.file for stored in self.exhibits()}
        return f"{len(taken) + 1:04d}.warc.gz"

    @contextmanager
    def rebuilding(self, folder: Path) -> Iterator[Path]:
        """A new folder to fill; it takes `folder`'s place whole when the block ends without an exception."""
        fresh = folder.parent / f".{folder.name}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        yield fresh
        for file in sorted(fresh.rglob("*")):
            if file.is_file():
                sync(file)
        old = folder.parent / f".{folder.name}.old"
        shutil.rmtree(old, ignore_errors=True)
        # A folder cannot be renamed onto one that is not empty, so the old one steps aside first.
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
        sync(folder.parent)
        shutil.rmtree(old, ignore_errors=True)


def open_for_reading(path: Path) -> Case:
    """Raises Error when there is no case (a read never creates), Integrity when the journal is broken."""
    _must_exist(path)
    entries, torn = journal.read(path / "journal.jsonl")
    if not entries:
        raise _no_case(path, "its journal is empty")
    said = _last_settings(entries, path)
    toml = path / "case.toml"
    # The file may have been edited by hand, and may also be one text behind the journal after a crash. Only the
    # first is the examiner's wish; in the second the journal's own text counts.
    found = toml.read_bytes() if toml.exists() else b""
    edited = warc.sha256(found) != said["sha256"]
    text = settings.decoded(found) if edited and found and not _superseded(found, entries) else said["text"]
    return Case(path=path, settings=settings.parse(text), entries=entries, torn=torn, edited=edited)


@contextmanager
def open_for_writing(path: Path, command: str, now: Clock = clock) -> Iterator[Case]:
    """Take the lock, cut back what was never acknowledged, and take up hand edits of `case.toml`."""
    _must_exist(path)
    if not all(_writable(place) for place in (path, path / "journal.jsonl")):
        raise Error(
            "case-read-only",
            f"The case {path.name} cannot be written to.",
            "The folder or its journal is read-only for this user.",
            "Copy the case to a folder that you may write to, or ask for write access.",
        )
    with lock.hold(path, command, now()):
        # Read under the lock: what was read before it could have been changed by the writer that held it.
        case = open_for_reading(path)
        case.now = now
        _mend(case)
        yield case


def create(path: Path, chosen: Settings, now: Clock = clock) -> None:
    """A new, empty case. Raises Error when the path is taken by anything but an empty folder."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Error(
            "case-exists",
            f"{path.name} exists and is not an empty folder.",
            "A new case never takes the place of something else.",
            "Choose another path, or continue the case that is there.",
        )
    # Built aside and renamed: nobody can open half a case, and a crash leaves nothing at `path`.
    fresh = path.parent / f".{path.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    for part in ("exhibits", "private"):
        (fresh / part).mkdir(parents=True)
    body = settings.text(chosen)
    (fresh / "case.toml").write_bytes(body.encode())
    about = {"sha256": warc.sha256(body.encode()), "text": body}
    entry = journal.make(1, now(), "opened", about, journal.GENESIS)
    journal.append(fresh / "journal.jsonl", entry)
    for name in _KEPT:
        sync(fresh / name)
    if path.exists():
        path.rmdir()
    fresh.rename(path)
    sync(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _writable(place: Path) -> bool:
    """Also for root, whom permissions do not bind: a case without any write bit was meant to stay as it is."""
    return os.access(place, os.W_OK) and bool(place.stat().st_mode & 0o222)


def _must_exist(path: Path) -> None:
    if not (path / "journal.jsonl").is_file():
        raise _no_case(path, "there is no journal.jsonl in it" if path.is_dir() else "there is no such folder")


def _no_case(path: Path, why: str) -> Error:
    return Error(
        "no-case",
        f"{path.name or path} is not a case.",
        f"Looked for a case folder there: {why}. Reading never creates one.",
        "Check the path, or make a case with `recover open CASE --title T --examiner N --agency A --rule RULE`.",
    )


def _last_settings(entries: Sequence[Entry], path: Path) -> Mapping[str, Any]:
    for entry in reversed(entries):
        if entry.kind in ("opened", "settings"):
            return entry.body
    raise _no_case(path, "its journal has no settings")


def _superseded(found: bytes, entries: Sequence[Entry]) -> bool:
    """Whether the file is an older text of the journal's: a crash came between journal and file."""
    digest = warc.sha256(found)
    return any(e.kind in ("opened", "settings") and e.body["sha256"] == digest for e in entries)


def _mend(case: Case) -> None:
    """Bring the folder back to what was acknowledged, and say so in the journal."""
    # The journal is mended first, since what is an acknowledged exhibit is read from it.
    if case.torn:
        file = case.path / "journal.jsonl"
        os.truncate(file, file.stat().st_size - case.torn)
        sync(file)
        case.note("recovered", {"what": "journal tail", "bytes": case.torn})
        case.torn = 0
    _cut_exhibits(case)
    for half in [p for root in (case.path, case.derived, case.derived / "decoded") for p in root.glob(".*.*")]:
        if half.suffix in (".new", ".old"):
            shutil.rmtree(half) if half.is_dir() else half.unlink()
    if case.edited:
        found = (case.path / "case.toml").read_bytes() if (case.path / "case.toml").exists() else b""
        if not found or _superseded(found, case.entries):
            replace(case.path / "case.toml", settings.text(case.settings).encode())
        else:
            text = settings.decoded(found)
            case.note("settings", {"sha256": warc.sha256(found), "text": text, "by": "hand"})
        case.edited = False


def _cut_exhibits(case: Case) -> None:
    # An exhibit that was not acknowledged was never handed to anybody, so nothing rests on it and it may go. How
    # many bytes went is noted, for a reader who compares two copies of the case.
    ends: dict[str, int] = {}
    for stored in case.exhibits():
        ends[stored.file] = max(ends.get(stored.file, 0), stored.offset + stored.length)
    for file in sorted((case.path / "exhibits").glob("*.warc.gz")):
        extra = file.stat().st_size - ends.get(file.name, 0)
        if extra <= 0:
            continue
        os.truncate(file, ends.get(file.name, 0))
        sync(file)
        if not ends.get(file.name):
            file.unlink()
        case.note("recovered", {"what": "unacknowledged exhibit", "file": file.name, "bytes": extra})


def _stored(entries: Sequence[Entry]) -> list[Stored]:
    found: dict[int, Stored] = {}
    for entry in entries:
        body = entry.body
        if entry.kind == "exhibit":
            found[body["number"]] = Stored(
                **{k: body[k] for k in ("number", "digest", "name", "media", "size", "method", "file")},
                **{k: body[k] for k in ("offset", "length", "packed")},
                captured=entry.time,
                sources=tuple(body["sources"]),
                request=body.get("request", ""),
                chain=body.get("chain", ""),
            )
        elif entry.kind == "reading":
            # A later reading adds a source to an exhibit; the entry that acknowledged it stays as it is.
            old = found[body["number"]]
            more = (body["source"],) if "source" in body else ()
            chain = body.get("chain", old.chain)  # the last word on it: a person corrects an assumed chain
            found[old.number] = changed(old, sources=(*old.sources, *more), chain=chain)
        elif entry.kind == "obtained":
            said = {name: body[name] for name in ("by", "origin") if body.get(name)}
            when = datetime.fromisoformat(body["obtained"]) if body.get("obtained") else None
            old = found[body["number"]]
            found[old.number] = changed(old, obtained=when or old.obtained, **said)
    return [found[n] for n in sorted(found)]


def _changed(stored: Stored, why: str) -> Integrity:
    return Integrity(
        "exhibit-changed",
        f"Exhibit {stored.number} ({stored.name}) does not hold.",
        f"In {stored.file}, {why}.",
        "Restore the file in exhibits/ from another copy of the case.",
    )
