"""As of which entry of the journal the papers that are here were made."""

from __future__ import annotations

import hashlib

from recover.case import Case, asof, journal, manifest
from recover.plugins import pins

PAPERS = f"out/{manifest.MANIFEST}"


def seen(case: Case, stage: str) -> tuple[Case, str]:
    """The case as those have it who made what is here, and why nothing can be compared; empty where it can.

    Papers name a head. What came after it counts where results depend on it; who held or received the case since,
    and what else a person did without writing papers again, they could not say, and they are no worse for it.
    """
    since = _since(case) if stage == "write" else 0
    if since is None:
        return case, "only the letters that stand before their report are here: a run was cut off; run the case"
    if not since:
        late = f"out of date: something was added since `{stage}` ran, so nothing was compared; run the case"
        return case, late if pins.behind(case, stage) else ""
    then = asof(case, since)
    newer = [entry for entry in case.entries[since:] if journal.evidence(entry)]
    if newer:
        told = f"entry {newer[0].number} ({newer[0].kind}) was added since the papers were written"
        return then, f"out of date: {told}, so nothing was compared; run the case"
    return then, "out of date: the papers were written of stale results; run the case" if pins.behind(then) else ""


def _since(case: Case) -> int | None:
    """How many entries the case had when the papers here were written; 0 where its tables were made again later,
    None where there are letters alone, as a run leaves that was cut off before their report."""
    wrote = [entry for entry in case.entries if entry.kind == "writing"]
    if case.files.has(PAPERS):
        digest = hashlib.sha256(case.files.read(PAPERS)).hexdigest()
        wrote = [entry for entry in wrote if entry.body["manifest"] == digest]
    if not wrote:
        return 0  # an older version noted none
    last, digest = wrote[-1].number, wrote[-1].body["manifest"]
    ran = [entry for entry in case.entries[last:] if entry.kind == "ran"]
    finished = any(entry.body["stage"] == "write" and entry.body.get("manifest") == digest for entry in ran)
    if not finished and all(name.startswith("letters/") for name in manifest.manifest(case).files):
        return None
    if any("tables" in entry.body for entry in ran):
        return 0
    before = last - 1
    # The clock may have been set back just then: the papers, whose head is an earlier one, could not know of it.
    while case.entries[before - 1].kind == "clock" and manifest.manifest(case).entry < before:
        before -= 1
    # An upgrade writes papers before it says what differs: without that, the case would be one that was cut off.
    return 0 if any(entry.kind == "differences" for entry in case.entries[before:]) else before
