"""Former results: what an older version made, moved to where no stage writes: this one cannot make it again."""

from __future__ import annotations

import hashlib

from recover.case.folder import Case

FORMER = "former"


def papers(case: Case) -> list[list[str]]:
    """Every document that stands in `out/`, with its digest: any of them may have been served."""
    return [[name, hashlib.sha256(case.files.read(name)).hexdigest()] for name in case.files.below("out")]


def taken(case: Case, former: int) -> str:
    """What stands already where former results and papers would be moved to; empty where nothing does."""
    places = (f"{FORMER}/{former}/{part}" for part in ("derived", "out"))
    return next((place for place in places if case.files.has(place)), "")


def aside(case: Case, former: int) -> str:
    """Move results and papers of a format aside, whole; what an earlier call has moved already stays. Where to."""
    kept = f"{FORMER}/{former}"
    case.files.make(kept)
    for part in ("derived", "out"):
        if case.files.has(part) and not case.files.has(f"{kept}/{part}"):
            case.files.move(part, f"{kept}/{part}")
    return kept
