"""Former results: what an older version made, moved to where no stage writes: this one cannot make it again."""

from __future__ import annotations

import hashlib

from recover.case import examined
from recover.case.folder import FORMAT, Case
from recover.case.journal import Entry
from recover.sdk.errors import Error

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


def begin(case: Case) -> Entry:
    """Journal the change, with each paper as it is found, and which of them are not what was written."""
    if place := taken(case, case.format):
        raise Error(
            "former-taken",
            f"{place} is there already, and the results of format {case.format} would be kept there.",
            "An upgrade keeps what was here before, and puts it in the place of nothing.",
            f"Move {place} out of the case, and upgrade then. Nothing was changed.",
        )
    altered, strangers = examined.unwritten(case)
    body = {"from": case.format, "to": FORMAT, "papers": papers(case)}
    return case.note("upgraded", {**body, "altered": altered, "strangers": strangers})
