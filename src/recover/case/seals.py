"""Whether what is derived is still what was made: the digest of every file, as the journal noted it.

A derived table can be made again, and nobody does so to look at it. So whoever can write to the folder could put
another figure into it, and every later stage, paper and export would print that figure as the program's own.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from recover.case import journal, lock
from recover.case.journal import Entry
from recover.sdk.errors import Integrity

if TYPE_CHECKING:
    from recover.case.folder import Case

Sums = Mapping[str, str]
"""File name within a folder -> SHA-256."""

NOTED = "decoded"
"""The kind of entry that notes decoded parts; those of stages stand in the entry that says they ran."""


def made(case: Case, folder: str) -> dict[str, str]:
    """The digest of each file that is in a folder now, by its name there."""
    found = {}
    for name, file in case.files.contents(folder):
        digest = hashlib.sha256()
        while data := file.read(1 << 20):
            digest.update(data)
        found[name] = digest.hexdigest()
    return found


def of(case: Case, folder: str) -> dict[str, Sums]:
    """The same under the folder's name, as an entry notes it."""
    return {folder: made(case, folder)}


def known(case: Case) -> Mapping[str, Sums]:
    """Folder -> what the journal last said of its files."""
    read, found = case._sealed
    upto = len(case.entries)  # another thread may note what it asks meanwhile
    if read < upto:
        found.update(_said(case.entries[read:upto]))
        case._sealed = (upto, found)
    return found


def _said(entries: Sequence[Entry]) -> dict[str, Sums]:
    found: dict[str, Sums] = {}
    for entry in entries:
        if entry.kind in ("ran", NOTED):
            found.update(entry.body.get("sealed", {}))
    return found


def whole(case: Case, folder: str) -> bool:
    """Whether a folder holds what the journal says was made, and nothing else."""
    said = known(case).get(folder)
    return said is not None and made(case, folder) == said


def mind(case: Case, folder: str) -> bool:
    """The same; where something else is there than the journal says, that is told, as it is made again."""
    if whole(case, folder):
        return True
    if folder in known(case) and case.files.has_folder(folder):
        line = f"{folder} does not hold what the journal says was made, or a run was cut off: it is made again."
        case.told += [line] if line not in case.told else []
    return False


def note(case: Case, folders: Iterable[str]) -> None:
    """Note decoded parts that the journal does not know as they are."""
    noted(case, {name: made(case, name) for name in dict.fromkeys(folders)})


def noted(case: Case, parts: Mapping[str, Sums]) -> None:
    """The same of parts that were just written, by what was written: what else lies there is then none of ours."""
    said = known(case)
    fresh = {name: dict(sorted(sums.items())) for name, sums in parts.items() if sums != said.get(name)}
    if fresh:
        case.note(NOTED, {"sealed": fresh})


def check(case: Case, name: str, data: bytes) -> None:
    """Raises Integrity where these are not the bytes that the journal says were made.

    Of a folder of which it says nothing, nothing can be said: an older version made it, or a run was cut off.
    """
    folder, _, last = name.rpartition("/")
    said = known(case).get(folder)
    if said is None:
        return
    digest = hashlib.sha256(data).hexdigest()
    if said.get(last) == digest or _later(case, folder, last, digest):
        return
    raise Integrity(
        "derived-changed",
        f"{name} is not the file that was made.",
        "Its SHA-256 is not the one that the journal noted: it was changed since, or a run was cut off.",
        f"`recover run {case.typed}` makes it again from the exhibits.",
    )


def _later(case: Case, folder: str, last: str, digest: str) -> bool:
    """Whether another process has made the file since this one read the journal, or is just making it."""
    for _ in range(20 if case.now is None else 0):
        entries, _torn = journal.read(case.files.read(journal.FILE))
        # All of them: a case that is looked at supposes entries, and has more of them than the journal.
        if _said(entries).get(folder, {}).get(last) == digest:
            return True
        if not lock.busy(case.files):
            break
        time.sleep(0.1)
    return False
