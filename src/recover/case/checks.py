"""Checks of what a case keeps: the journal, case.toml, and the digest of every exhibit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recover.case import Case
from recover.case.derived import Progress
from recover.sdk.errors import Integrity


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing examined: whether it holds, and what was seen."""

    name: str
    ok: bool
    detail: str


def kept(case: Case) -> Iterator[Check]:
    """The journal's head, a torn tail if there is one, and whether `case.toml` says what the journal says."""
    head, number = case.head
    yield Check(name="journal", ok=True, detail=f"{len(case.entries)} entries; head {head} at entry {number}")
    if case.torn:
        yield Check(name="journal tail", ok=False, detail=f"{case.torn} bytes after the last whole entry")
    detail = "as the journal says" if not case.edited else "differs from the journal's last text"
    yield Check(name="case.toml", ok=not case.edited, detail=detail)


def exhibits(case: Case, progress: Progress) -> Iterator[Check]:
    """A check for each exhibit that does not hold, or one for all where every digest does."""
    stored = case.exhibits()
    bad = 0
    for done, one in enumerate(stored):
        progress("verify", done, len(stored))
        try:
            case.read(one)
        # Every exhibit is read, also after a bad one: the other side needs to know which ones still hold.
        except Integrity as error:
            bad += 1
            yield Check(name=f"exhibit {one.number}", ok=False, detail=f"{error.what} {error.why}")
    if not bad:
        yield Check(name="exhibits", ok=True, detail=f"{len(stored)} of {len(stored)} digests hold")
    yield from _extra(case)


def _extra(case: Case) -> Iterator[Check]:
    """Files in `exhibits/` that are longer, or shorter, than the records that the journal acknowledges."""
    ends: dict[str, int] = {}
    for one in case.exhibits():
        ends[one.file] = max(ends.get(one.file, 0), one.offset + one.length)
    root = case.path / "exhibits"
    for file in sorted(root.iterdir()) if root.is_dir() else []:
        size = file.stat().st_size
        if size != ends.get(file.name):
            detail = f"{size} bytes, and the journal acknowledges {ends.get(file.name, 0)}"
            yield Check(name=f"exhibits/{file.name}", ok=False, detail=detail)
