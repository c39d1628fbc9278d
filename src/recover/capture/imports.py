"""Importing files: read whole, described, and stored as exhibits."""

from __future__ import annotations

import mimetypes
import os
import stat
from collections.abc import Sequence
from pathlib import Path

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
        data = path.read_bytes()
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


def store(case: Case, file: str, read: Exhibit, chosen: Sequence[Source]) -> Stored:
    """Store a file as an exhibit read by `chosen`; one that is here already only gains the sources it lacks."""
    # The same bytes twice would be two exhibits that corroborate each other, and are one.
    known = next((s for s in case.exhibits() if s.digest == read.digest), None)
    if known is not None:
        for source in chosen:
            if source.info.id not in known.sources:
                case.note("reading", {"number": known.number, "source": source.info.id})
        if read.chain and read.chain != known.chain:
            case.note("reading", {"number": known.number, "chain": read.chain})
        return case.exhibits()[known.number - 1]
    assert case.now is not None
    # The moment of storing is the capture: the file's own times can be set by anybody.
    packed = warc.of_file(read.name, read.media, read.data, case.now())
    about = {
        "digest": read.digest,
        "name": read.name,
        "media": read.media,
        "size": len(read.data),
        "method": "import",
        "sources": [source.info.id for source in chosen],
        **({"chain": read.chain} if read.chain else {}),
    }
    return case.store(packed, file, about)


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
