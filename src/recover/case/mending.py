"""What opening a case for writing puts right after a crash: moved aside, never deleted, journaled and said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recover.case import acknowledged, journal, manifest, private, received, settings, warc
from recover.case.confined import HALF, Files
from recover.case.journal import Entry
from recover.sdk.errors import Error, Integrity

if TYPE_CHECKING:
    from recover.case.folder import Case

WITHDRAWN = "withdrawn"
"""What an entry says of papers that were moved aside because they no longer followed from the case."""

ASIDE = "aside"
"""Where bytes are kept that no journal entry acknowledges: half a record after a crash, or more than that."""


def newest(case: Case) -> None:
    """Raises Integrity when a paper in `out/` was written later than the journal ends: it is an older copy."""
    found, entries = manifest.manifest(case), case.entries
    head, number = found.head, found.entry
    if not head or (number <= len(entries) and entries[number - 1].hash == head):
        return
    raise Integrity(
        "journal-older",
        "The journal is not the one that the papers in out/ were written from.",
        f"They name entry {number} with the hash {head}; the journal has {len(entries)}, and not this one.",
        "Put the newest journal back. If you mean to go on from this one, move out/ elsewhere first.",
    )


def mend(case: Case) -> None:
    """Bring the folder back to what was acknowledged, and say so in the journal."""
    if case.torn:
        _tail(case)
    ends = acknowledged.ends(case.exhibits())
    for file in case.files.listed("exhibits"):
        end = _received(case, file, ends.get(file, 0))
        _unacknowledged(case, file, end)
    if case.edited:
        _edited(case)  # reads what lies ready beside case.toml, which is discarded after
    _halves(case)
    private.note(case)


def keep(case: Case, names: Sequence[str]) -> None:
    """Move files of somebody else's out of the way of what is made again, and say so."""
    for name in names:
        kept = _spare(case.files, name)
        case.files.move(name, kept)
        case.note("recovered", {"what": "changed by hand", "file": name, "aside": kept})
        case.told.append(
            f"{name} was not as it had been written, or not written by recover; it is kept as {kept}."
        )


def withdraw(case: Case, why: str) -> None:
    """Move all papers out of the way that no longer follow from the case: nobody may take them for valid."""
    if not any(case.files.below("out")):
        return
    kept = _spare(case.files, "out")
    case.files.move("out", kept)
    case.note("recovered", {"what": WITHDRAWN, "file": "out", "aside": kept})
    case.told.append(
        f"The papers in out/ no longer follow from the case: {why}. They are kept as {kept}, and must not be "
        f"used. `recover run {case.typed}` writes new ones."
    )


def _tail(case: Case) -> None:
    whole = (case.files.size(journal.FILE) or 0) - case.torn
    kept = _aside(case.files, journal.FILE, case.files.read(journal.FILE, whole))
    case.files.cut(journal.FILE, whole)
    case.note("recovered", {"what": "journal tail", "bytes": case.torn, "aside": kept})
    case.told.append(f"The journal's last line was cut off after {case.torn} bytes; they are kept as {kept}.")
    case.torn = 0


def _received(case: Case, file: str, end: int) -> int:
    """Take up the answers that were on the disk, and used, when the program was cut off before it noted them.

    Where the last acknowledged record ends then.
    """
    size = case.files.size(f"exhibits/{file}")
    found = received.left(case.files, file, end) if size is not None and size > end else []
    if not found:
        return end
    case.acknowledge(received.ordered(found))
    case.note("recovered", {"what": "answers received", "file": file, "exhibits": len(found)})
    case.told.append(
        f"exhibits/{file} holds {len(found)} answers that had come when the program was cut off; they are "
        "exhibits now."
    )
    return max(int(body["offset"]) + int(body["length"]) for body in found)


def _unacknowledged(case: Case, file: str, end: int) -> None:
    """What a file holds beyond the last record that the journal acknowledges."""
    name = f"exhibits/{file}"
    size = case.files.size(name)
    if size is None or (end and size <= end):
        return
    if end:
        kept = _aside(case.files, name, case.files.read(name, end))
        case.files.cut(name, end)
    else:
        kept = _spare(case.files, name)
        case.files.move(name, kept)
    about = {"what": "unacknowledged exhibit", "file": file, "bytes": size - end, "aside": kept}
    case.note("recovered", about)
    case.told.append(
        f"{name} holds {size - end} bytes that no entry of the journal acknowledges: an import cut off, or "
        f"an older journal. They are kept as {kept}."
    )


def _aside(files: Files, name: str, data: bytes) -> str:
    """Where a copy of the data was kept. What an earlier attempt kept is not written a second time."""
    kept = _spare(files, name)
    number = int(kept.split("/")[1].split("-")[0])
    last = f"{ASIDE}/{number - 1:04d}-{name.rpartition('/')[2]}"
    if files.size(last) == len(data) and files.read(last) == data:
        return last
    files.write(kept, data)
    return kept


def _spare(files: Files, name: str) -> str:
    files.make(ASIDE)
    numbers = [one.split("-")[0] for one in files.listed(ASIDE)]
    highest = max((int(n) for n in numbers if n.isascii() and n.isdigit()), default=0)
    return f"{ASIDE}/{highest + 1:04d}-{name.rpartition('/')[2]}"


def _halves(case: Case) -> None:
    """Delete what a stage or a command had not finished: only what can be made again, and only by its name."""
    for root in ("", "derived", "derived/decoded"):
        for name in case.files.listed(root):
            whole = f"{root}/{name}".removeprefix("/")
            known = name.startswith(".") and name.endswith((HALF, ".old"))
            if known and (root or name in (f".case.toml{HALF}", f".out{HALF}", ".out.old", f".writer{HALF}")):
                case.files.discard(whole)


def last(entries: Sequence[Entry]) -> Mapping[str, Any] | None:
    """The last text of the settings that the journal holds."""
    return next((e.body for e in reversed(entries) if e.kind in ("opened", "settings")), None)


def untouched(case: Case) -> None:
    """Raises Error when somebody changed `case.toml` while a command that is to change it ran."""
    from recover.case.folder import TOML

    said = last(case.entries)
    if said is None or not case.files.size(TOML) or warc.sha256(case.files.read(TOML)) == said["sha256"]:
        return
    raise Error(
        "case-toml-changed",
        "case.toml was changed while this command ran.",
        "To go on would write over what was changed there by hand.",
        "Nothing was changed. Run the command again: it takes up the change first.",
    )


def _edited(case: Case) -> None:
    from recover.case.folder import TOML

    found = case.files.read(TOML) if case.files.size(TOML) else b""
    if not found:
        case.files.write(TOML, settings.text(case.settings).encode())
        case.told.append("case.toml was missing or empty; the journal's last text of it was put back.")
    elif cut(case.files, found, case.entries):
        case.files.put(TOML)
        case.told.append("A command was cut off before it had changed case.toml; the change was finished.")
    else:
        text = settings.decoded(found)
        said = last(case.entries)
        before = settings.parse(said["text"]).losses if said else ()
        case.note("settings", {"sha256": warc.sha256(found), "text": text, "by": "hand"})
        if gone := sorted({loss.id for loss in before} - {loss.id for loss in case.settings.losses}):
            withdraw(case, f"{', '.join(gone)} was taken out of case.toml")
    case.edited = False


def cut(files: Files, found: bytes, entries: Sequence[Entry]) -> bool:
    """Whether a command was cut off between the journal's entry and `case.toml`.

    The new text lies ready beside the file then, and the file is what the entry took the place of. Without the
    first, the same bytes are an older text that a person put back, and a person's edit always counts.
    """
    texts = [e.body["sha256"] for e in entries if e.kind in ("opened", "settings")]
    half = f".case.toml{HALF}"
    ready = files.size(half) and warc.sha256(files.read(half)) == texts[-1]
    return bool(ready) and len(texts) > 1 and warc.sha256(found) == texts[-2]
