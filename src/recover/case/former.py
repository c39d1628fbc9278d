"""Former results and papers: what another version made, moved to where no stage writes: this one cannot make it
again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import count

from recover.case import examined, seals
from recover.case.folder import FORMAT, Case
from recover.case.journal import Entry
from recover.sdk.errors import Error

FORMER = "former"

KEPT = ("upgraded", "kept")
"""Kinds of entries that say what was moved there: by an upgrade all of it, by a run the papers."""


def papers(case: Case) -> list[list[str]]:
    """Every document that stands in `out/`, with its digest: any of them may have been served."""
    return [[name, hashlib.sha256(case.files.read(name)).hexdigest()] for name in case.files.below("out")]


def results(case: Case) -> list[list[str]]:
    """Every file of the results, with its digest: what is kept is held to them, so that it can be compared."""
    return [[f"derived/{name}", digest] for name, digest in sorted(seals.made(case, "derived").items())]


def place(entry: Entry) -> str:
    """Where an upgrade keeps what was here before."""
    return str(entry.body.get("kept", f"{FORMER}/{entry.body['from']}"))


def _free(case: Case) -> str:
    """Where to keep it: under the format's number; after results of another version of one format, numbered on."""
    if case.format < FORMAT:
        return f"{FORMER}/{case.format}"
    taken = {place(entry) for entry in case.entries if entry.kind in KEPT}
    return next(name for n in count(1) if (name := f"{FORMER}/{case.format}.{n}") not in taken)


def aside(case: Case, begun: Entry) -> str:
    """Move results and papers of a format aside, whole; what an earlier call has moved already stays. Where to."""
    kept = place(begun)
    case.files.make(kept)
    if any(entry.kind == "ran" and entry.number > begun.number for entry in case.entries):
        return kept  # what lies there now is what the upgrade has made
    for part in ("derived", "out"):
        if case.files.has(part) and not case.files.has(f"{kept}/{part}"):
            case.files.move(part, f"{kept}/{part}")
    return kept


def drafts(case: Case) -> str:
    """Move the papers that another version wrote aside, whole, before this one writes its own. Where to; empty
    where there are none.

    Journalled first, with their digests; cut off after that, the next call finishes it.
    """
    last = next((entry for entry in reversed(case.entries) if entry.kind in ("kept", "writing")), None)
    begun = last if last is not None and last.kind == "kept" else None
    if begun is None or (case.files.has(f"{place(begun)}/out") and papers(case)):
        if not papers(case):
            return ""
        altered, strangers = examined.unwritten(case)
        body = {"from": case.format, "kept": _untaken(case), "papers": papers(case)}
        begun = case.note("kept", {**body, "altered": altered, "strangers": strangers})
    # A case that is made again elsewhere has the entry, and none of the papers.
    if not case.files.has(f"{place(begun)}/out") and case.files.has_folder("out"):
        case.files.make(place(begun))
        case.files.move("out", f"{place(begun)}/out")
    return place(begun)


def _untaken(case: Case) -> str:
    """A free place for papers. What lies in another without an entry is nothing of this program's, and stays."""
    taken = {place(entry) for entry in case.entries if entry.kind in KEPT}
    names = (f"{FORMER}/{case.format}.{n}" for n in count(1))
    return next(name for name in names if name not in taken and not case.files.has(name))


def begin(case: Case, unlike: Sequence[tuple[str, str]] = ()) -> Entry:
    """Journal the change, with the digest of all that is kept, and which of it is not what was written.

    `unlike` are results that do not agree with the papers that were written from them, each with the reason.
    """
    kept = _free(case)
    if case.files.has(kept) and list(case.files.listed(kept)):
        raise Error(
            "former-taken",
            f"{kept} is there already, and the results of format {case.format} would be kept there.",
            "An upgrade keeps what was here before, and puts it in the place of nothing.",
            f"Move {kept} out of the case, and upgrade then. Nothing was changed.",
        )
    altered, strangers = examined.unwritten(case)
    body = {"from": case.format, "to": FORMAT, "kept": kept, "papers": papers(case), "results": results(case)}
    return case.note("upgraded", {**body, "altered": [*altered, *unlike], "strangers": strangers})
