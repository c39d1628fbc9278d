"""Importing files: read whole, described, and stored as exhibits."""

from __future__ import annotations

import mimetypes
import os
import stat
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from recover.case import Case, Stored, warc
from recover.sdk.errors import Error
from recover.sdk.plugin import Source
from recover.sdk.values import Exhibit

LARGEST = 2**32


def taken(path: Path) -> bytes:
    """A file's bytes. Raises Error for what cannot be read whole, or never ends."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Error(
                "file-unreadable",
                f"{named(path)} cannot be read.",
                "It is no file, but a folder, a device or a pipe, which has no end or no fixed content.",
                "Name a file. What comes from a pipe can be saved to one first.",
            )
        if found.st_size > LARGEST:
            raise Error(
                "file-too-large",
                f"{named(path)} is larger than 4 GiB.",
                "A file is held in memory while it is hashed and stored.",
                "Split the export by period, and import the parts.",
            )
        # What the system makes up as it is read says that it has no bytes, and may have no end.
        data = path.read_bytes() if found.st_size else b""
    except OSError as error:
        raise Error(
            "file-unreadable",
            f"{named(path)} cannot be read.",
            f"The system says: {error.strerror or error}.",
            "Check the path and its permissions.",
        ) from error
    if not data:
        raise Error("file-empty", f"{named(path)} is empty.", "It holds no byte of evidence.", "Export it again.")
    return data


def named(path: Path) -> str:
    """The file's name as text; bytes of it that are not UTF-8 are written out, as \\xff."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def described(case: Case, path: Path, data: bytes, chain: str) -> Exhibit:
    """The file as its sources will see it; not yet stored, so the moment of capture is not known."""
    return Exhibit(
        digest=warc.sha256(data),
        name=named(path),
        media=_media(path),
        captured=case.settings.opened,
        sources=(),
        data=data,
        chain=chain,
    )


def packed(case: Case, read: Exhibit) -> bytes:
    """A file as its record. The moment of packing is the capture: the file's own times can be set by anybody."""
    assert case.now is not None
    return warc.of_file(read.name, read.media, read.data, case.now(), read.digest)


def store(case: Case, file: str, ready: Sequence[tuple[Exhibit, Sequence[Source], Future[bytes]]]) -> list[Stored]:
    """Store files, each as an exhibit read by its sources; one that is here already only gains those it lacks."""
    # The same bytes twice would be two exhibits that corroborate each other, and are one.
    known = {one.digest: one.number for one in case.exhibits()}
    first = {read.digest: number for number, (read, _, _) in reversed([*enumerate(ready)])}
    new = [n for n, (read, _, _) in enumerate(ready) if read.digest not in known and first[read.digest] == n]
    records = [(ready[n][2].result(), _about(*ready[n][:2])) for n in new]
    if records:
        known |= {one.digest: one.number for one in case.store_each(records, file)}
    for number, (read, chosen, _) in enumerate(ready):
        if number not in new:
            _again(case, known[read.digest], read, chosen)
    return [case.exhibits()[known[read.digest] - 1] for read, _, _ in ready]


def _again(case: Case, number: int, read: Exhibit, chosen: Sequence[Source]) -> None:
    known = case.exhibits()[number - 1]
    for source in chosen:
        if source.info.id not in known.sources:
            case.note("reading", {"number": number, "source": source.info.id})
    if read.chain and read.chain != known.chain:
        case.note("reading", {"number": number, "chain": read.chain})


def _about(read: Exhibit, chosen: Sequence[Source]) -> dict[str, Any]:
    return {
        "digest": read.digest,
        "name": read.name,
        "media": read.media,
        "size": len(read.data),
        "method": "import",
        "sources": [source.info.id for source in chosen],
        **({"chain": read.chain} if read.chain else {}),
    }


def kept(case: Case, file: str, name: str, data: bytes, method: str) -> Stored:
    """Store a paper of our own as an exhibit that no source reads: what went out never changes afterwards."""
    assert case.now is not None
    media = _media(Path(name))
    about = {
        "digest": warc.sha256(data),
        "name": name,
        "media": media,
        "size": len(data),
        "method": method,
        "sources": [],
    }
    return case.store(warc.of_file(name, media, data, case.now()), file, about)


def _media(path: Path) -> str:
    """By the name's ending. The common ones are fixed here: the system's table differs between machines."""
    known = {
        ".csv": "text/csv",
        ".json": "application/json",
        ".yaml": "application/yaml",
        ".yml": "application/yaml",
    }
    return (
        known.get(path.suffix.lower())
        or mimetypes.guess_type(path.name, strict=True)[0]
        or "application/octet-stream"
    )


def together(problems: Sequence[Error]) -> Error:
    """One error that tells all: each file on a line of its own, under the exit code of the worst."""
    if len(problems) == 1:
        return problems[0]
    worst = max(problems, key=lambda p: p.exit)
    return type(worst)(
        "several-files",
        "\n".join(problem.what for problem in problems),
        "\n        ".join(problem.why for problem in problems),
        "\n        ".join(dict.fromkeys(problem.todo for problem in problems)) + " Nothing was stored.",
    )
