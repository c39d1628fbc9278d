"""One case folder: what is kept, what is rebuilt, and the order in which bytes reach the disk.

That order is: an exhibit's bytes, then the journal entry that acknowledges them; for settings, the new text beside
`case.toml`, the journal entry, then the new text takes its place. So after a crash at any point the journal says
what counts, and the next writer makes the rest agree with it.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from recover.case import acknowledged, journal, lock, mending, refused, settings, warc
from recover.case.acknowledged import SetAside, Stored
from recover.case.confined import HALF, Files
from recover.case.journal import Entry
from recover.case.settings import Settings
from recover.sdk.errors import Error, Integrity
from recover.sdk.outside import typed
from recover.sdk.values import Exhibit

Clock = Callable[[], datetime]

TOML = "case.toml"


def clock() -> datetime:
    """Now: the one place that asks for the time. No variable of the environment stands in for it."""
    return datetime.now(UTC)


FORMAT = 2
"""What the figures of a case mean: another number where the same exhibits can give other figures. 2: names belong
to their chains, and an off-ramp is what lots carried."""


@dataclass(slots=True)
class Case:
    """An open case. Made by `open_for_reading` or `open_for_writing`; only the latter may change it.

    `evidence` is where the stored bytes lie. `told` is what opening it for writing moved aside, in sentences.
    `bringing` is the format to which an upgrade brings it now, `held` the tables of a case that is `looked` at.
    `minds` is shown what is to be noted, and raises where it may not stand in a journal. `recalled` is what was
    followed before, by a digest of all that it hangs on.
    """

    path: Path
    settings: Settings
    entries: list[Entry]
    files: Files
    evidence: Files
    torn: int = 0
    edited: bool = False
    now: Clock | None = None
    told: list[str] = field(default_factory=list)
    bringing: int | None = None
    held: dict[str, Any] | None = None
    recalled: dict[str, Any] = field(default_factory=dict)
    lease: lock.Held | None = None
    minds: Callable[[Mapping[str, Any]], object] = bool
    _length: int = 0
    _sealed: tuple[int, dict[str, Mapping[str, str]]] = field(default_factory=lambda: (0, {}))
    _seen: int = 0
    _known: dict[int, Stored] = field(default_factory=dict)
    _listed: tuple[Stored, ...] = ()
    _writing: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def typed(self) -> str:
        """The folder as it was named to the program, fit for a shell: commands that are named to a person work."""
        return typed(self.path)

    @property
    def format(self) -> int:
        """The format that the case's results are of; 1 where it was opened before formats were counted."""
        if self.bringing is not None:
            return self.bringing
        finished = False
        for entry in reversed(self.entries):
            if entry.kind == "differences":
                finished = True
            elif entry.kind == "upgraded" and finished:
                return int(entry.body["to"])
        return int(self.entries[0].body.get("format", 1))

    @property
    def unfinished(self) -> Entry | None:
        """The entry of an upgrade that was begun and cut off before it said what differs."""
        for entry in reversed(self.entries):
            if entry.kind == "differences":
                return None
            if entry.kind == "upgraded":
                return entry
        return None

    @property
    def head(self) -> tuple[str, int]:
        """Hash and number of the last journal entry on which results depend."""
        return journal.head(self.entries)

    @property
    def id(self) -> str:
        """The hash of the journal's first entry: what stays the same for as long as it is this case."""
        return self.entries[0].hash

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
        if self._seen != len(self.entries):
            # Only what came since: read from the first entry each time, exhibits would cost their number squared.
            with self._writing:  # an entry that is made meanwhile must not be taken for one that was read
                acknowledged.add(self._known, self.entries[self._seen :])
                self._seen, self._listed = len(self.entries), tuple(self._known.values())
        return self._listed

    def exhibit(self, number: int) -> Stored:
        return acknowledged.one(self.exhibits(), number)

    def set_aside(self) -> Mapping[int, SetAside]:
        """The exhibits on which nothing rests by a person's decision, by number."""
        return acknowledged.set_aside(self.entries)

    def used(self) -> tuple[Stored, ...]:
        """The exhibits on which results rest: all but those that were set aside."""
        aside = self.set_aside()
        return tuple(one for one in self.exhibits() if one.number not in aside)

    def read(self, stored: Stored) -> Exhibit:
        """An exhibit with its bytes, checked. Raises Integrity naming it."""
        # Two digests: one shows which file was damaged, the other can be computed from the original file.
        data, asked = warc.read(self.packed(stored), stored.size)
        if warc.sha256(data) != stored.digest:
            raise acknowledged.changed(stored, "its content no longer has the recorded SHA-256")
        return Exhibit(
            digest=stored.digest,
            name=stored.name,
            media=stored.media,
            captured=stored.captured,
            sources=stored.sources,
            data=data,
            number=stored.number,
            asked=asked if stored.request else None,
            redacted=stored.redacted is not None,
            chain=stored.chain,
        )

    def packed(self, stored: Stored) -> bytes:
        """The stored record's own bytes, checked. Raises Integrity naming it."""
        try:
            packed = self.evidence.read(f"exhibits/{stored.file}", stored.offset, stored.length)
        except FileNotFoundError:
            raise acknowledged.changed(stored, "its file is missing") from None
        if warc.sha256(packed) != stored.packed:
            raise acknowledged.changed(stored, "the stored record's bytes differ")
        return packed

    # Below: only for a case open for writing.

    def note(self, kind: str, body: Mapping[str, Any]) -> Entry:
        """Append to the journal; when this returns, it is on the disk.

        Where the clock has run backwards since the last entry, an entry says so first: nothing is refused, since a
        wrong clock must not stop a case, and nothing is glossed over.
        """
        return self._note(kind, [body])[0]

    def note_each(self, kind: str, bodies: Sequence[Mapping[str, Any]]) -> None:
        """Several entries of a kind with one wait for the disk."""
        if bodies:
            self._note(kind, bodies)

    def mind_clock(self) -> datetime:
        """Now; where that is before the last entry, an entry says so first."""
        assert self.now is not None, "the case is open for reading"
        now, last = self.now(), self.entries[-1].time
        if now < last:
            self._add("clock", [{"before": journal.moment(last), "now": journal.moment(now)}], now)
        return now

    def save(self, new: Settings) -> None:
        """Change `case.toml`: the journal first, which holds the whole text, then the file."""
        body = settings.text(new)
        mending.untouched(self)
        self.minds({"text": body})
        # If the file came first, a crash here would leave a change that nobody is recorded to have made. That the
        # new text lies ready beside it tells a write that was cut off from an older text that a person put back.
        self.files.ready(TOML, body.encode())
        self.files.sync()
        self.note("settings", {"sha256": warc.sha256(body.encode()), "text": body})
        self.files.put(TOML)
        self.settings = new

    def store(self, packed: bytes, file: str, about: Mapping[str, Any]) -> Stored:
        """Append a WARC record, wait for the disk, then acknowledge it in the journal."""
        return self.store_each([(packed, about)], file)[0]

    def store_each(self, records: Sequence[tuple[bytes, Mapping[str, Any]]], file: str) -> Sequence[Stored]:
        """The same of several records, for which the disk is waited for once: all are acknowledged, or none."""
        # The journal names bytes only once they are on the disk: the reverse would be an entry without evidence.
        offset = self.files.append(f"exhibits/{file}", *(packed for packed, _ in records))
        before = len(self.exhibits())
        bodies = []
        for number, (packed, about) in enumerate(records, start=before + 1):
            place = {"number": number, "file": file, "offset": offset, "length": len(packed)}
            bodies.append({**about, **place, "packed": warc.sha256(packed)})
            offset += len(packed)
        self._note("exhibit", bodies)
        return self.exhibits()[before:]

    def acknowledge(self, received: Sequence[Mapping[str, Any]]) -> tuple[Stored, ...]:
        """Number answers that lie on the disk already, in the order given; one wait for the disk for all."""
        number = len(self.exhibits())
        bare = [{k: v for k, v in body.items() if k != "order"} for body in received]
        self.note_each("exhibit", [{**body, "number": number + n} for n, body in enumerate(bare, start=1)])
        return self.exhibits()[number:]

    def next_file(self) -> str:
        """The name for a new collecting run's WARC file."""
        taken = {stored.file for stored in self.exhibits()} | set(self.files.listed("exhibits"))
        return next(name for n in count(len(taken) + 1) if (name := f"{n:04d}.warc.gz") not in taken)

    @contextmanager
    def rebuilding(self, folder: Path, *, wait: bool = True) -> Iterator[Files]:
        """A new folder to fill; it takes `folder`'s place whole when the block ends without an exception. After a
        loss of power, one that was not waited for can be short."""
        name = self.files.name(folder)
        if name.split("/")[0] not in ("derived", "out"):
            raise ValueError(f"{name} is kept, and never made again")
        head, _, last = name.rpartition("/")
        fresh, old = (f"{head}/.{last}{end}".removeprefix("/") for end in (HALF, ".old"))
        self.files.discard(fresh)
        self.files.make(fresh)
        yield Files(self.path / fresh, fresh=True, wait=wait)
        if wait:
            for filled in sorted({fresh, *(one.rpartition("/")[0] for one in self.files.below(fresh))}):
                self.files.sync(filled)
        self.files.discard(old)
        with suppress(FileNotFoundError):  # a folder cannot be renamed onto one that is not empty
            self.files.move(name, old, wait=wait)
        self.files.move(fresh, name, wait=wait)
        self.files.discard(old)

    def _note(self, kind: str, bodies: Sequence[Mapping[str, Any]]) -> Sequence[Entry]:
        with self._writing:  # what is asked is noted while papers are made of what is here
            return self._add(kind, bodies, self.mind_clock())

    def _add(self, kind: str, bodies: Sequence[Mapping[str, Any]], now: datetime) -> Sequence[Entry]:
        # The chain runs over every entry, also those on which no result depends: one taken out is seen.
        made: list[Entry] = []
        for number, body in enumerate(bodies, start=len(self.entries) + 1):
            self.minds(body)
            prev = made[-1].hash if made else self.entries[-1].hash
            made.append(journal.make(number, now, kind, journal.said(body), prev))
        if self.files.size(journal.FILE) != self._length:
            raise Integrity(
                "journal-changed",
                f"The journal of {self.typed} was changed by somebody else while it was open.",
                f"It should have {self._length} bytes, and has {self.files.size(journal.FILE)}.",
                "Nothing was added to it. End the other program, and run the command again.",
            )
        lines = b"".join(entry.line() for entry in made)
        self.files.append(journal.FILE, lines)
        self._length += len(lines)
        self.entries += made
        return made


def open_for_reading(path: Path) -> Case:
    """Raises Error when there is no case (a read never creates), Integrity when the journal is broken."""
    files = Files(path)
    _must_exist(files)
    files.survey()
    return opened(files)


@contextmanager
def open_for_writing(path: Path, command: str, now: Clock = clock, patience: float = 0.0) -> Iterator[Case]:
    """Take the lock, move aside what was never acknowledged, and take up hand edits of `case.toml`."""
    files = Files(path)
    _must_exist(files)
    files.survey()
    if not all(_writable(place) for place in (path, path / journal.FILE)):
        raise Error(
            "case-read-only",
            f"The case {typed(path)} cannot be written to.",
            "The folder or its journal is read-only for this user.",
            "Copy the case to a folder that you may write to, or ask for write access.",
        )
    with lock.hold(files, command, now(), patience) as held:
        # Read under the lock: what was read before it could have been changed by the writer that held it.
        case = opened(files)
        case.now, case.lease = now, held
        if case.format > FORMAT:
            raise refused.newer(case.typed, case.format, FORMAT)
        mending.newest(case)
        mending.mend(case)
        case.mind_clock()
        case.told += case.settings.overruled()
        yield case


def salt() -> str:
    """What nobody guesses: 128 random bits, in hexadecimal letters."""
    return secrets.token_hex(16)


def create(path: Path, chosen: Settings, now: Clock = clock, salted: Callable[[], str] = salt) -> None:
    """A new, empty case. Raises Error when the path is taken by anything but an empty folder.

    Its first entry holds something random: papers print hashes of entries, and whoever knows all of a case but its
    title could otherwise try titles until a hash fits.
    """
    if os.path.lexists(path) and (not path.is_dir() or any(path.iterdir())):
        raise Error(
            "case-exists",
            f"{typed(path)} exists and is not an empty folder.",
            "A new case never takes the place of something else.",
            "Choose another path, or continue the case that is there.",
        )
    # Built aside and renamed: nobody can open half a case, and a crash leaves nothing at `path`.
    fresh = _beside(path)
    files = Files(fresh)
    for part in ("exhibits", "private"):
        files.make(part)
    body = settings.text(chosen)
    files.write(TOML, body.encode())
    about = {"sha256": warc.sha256(body.encode()), "text": body, "format": FORMAT, "salt": salted()}
    files.append(journal.FILE, journal.make(1, now(), "opened", journal.said(about), journal.GENESIS).line())
    if path.exists():
        path.rmdir()
    fresh.rename(path)
    Files(path.parent).sync()


def replace(path: Path, data: bytes) -> None:
    """Write one file outside a case, whole or not at all."""
    Files(path.parent).write(path.name, data)


def _beside(path: Path) -> Path:
    """A new folder next to a path; nothing that is there is taken or deleted."""
    fresh = next(one for n in count() if not os.path.lexists(one := path.parent / f".{path.name}.{n}{HALF}"))
    fresh.mkdir(parents=True)  # raises where another process has just made it
    return fresh


def opened(files: Files) -> Case:
    path = files.root
    data = files.read(journal.FILE)
    entries, torn = journal.read(data)
    if not entries:
        raise refused.no_case(path, "its journal is empty")
    acknowledged.stored(entries)  # raises Integrity now, and not in the midst of something
    said = mending.last(entries)
    if said is None:
        raise refused.no_case(path, "its journal has no settings")
    found = files.read(TOML) if files.size(TOML) else b""
    edited = warc.sha256(found) != said["sha256"]
    text = settings.decoded(found) if edited and found and not mending.cut(files, found, entries) else said["text"]
    return Case(
        path=path,
        settings=settings.parse(text),
        entries=entries,
        files=files,
        evidence=files,
        torn=torn,
        edited=edited,
        _length=len(data) - torn,
    )


def _writable(place: Path) -> bool:
    """Also for root, whom permissions do not bind: a case without any write bit was meant to stay as it is."""
    return os.access(place, os.W_OK) and bool(place.stat().st_mode & 0o222)


def _must_exist(files: Files) -> None:
    there = files.root.is_dir()
    if not there or files.size(journal.FILE) is None:
        raise refused.no_case(
            files.root, "there is no journal.jsonl in it" if there else "there is no such folder"
        )
