"""The rebuild that `verify` makes: everything derived, made again elsewhere from what is kept, and compared."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from recover.case import FORMAT, Case, asof, elsewhere, journal
from recover.case.examined import PAPERS, Answer, Check, bad, good, unchecked
from recover.case.manifest import manifest as listed
from recover.case.trees import apart, compare, folder, strays
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.stages import Progress, run


def _last(case: Case) -> str | None:
    """The furthest stage that the journal says has run; None before the first."""
    ran = {e.body["stage"] for e in case.entries if e.kind == "ran"}
    done = [stage for stage in pins.ORDER if stage in ran]
    return done[-1] if done else None


def rebuilt(case: Case, plugins: Plugins, progress: Progress) -> Iterator[Check]:
    """What is here held against what the kept things give when it is made again in another folder."""
    stage = _last(case)
    if stage is None:
        names = [*case.files.below("derived"), *case.files.below("out")]
        loose = strays(case)
        if [name for name in names if folder(name) not in loose]:
            yield unchecked("derived", "results stand here, and the journal knows of no run that made them")
        else:
            yield good("derived", "nothing derived yet")
        return
    if case.format != FORMAT:
        yield Check(name="derived", answer=Answer.APART, detail=_format(case))
        return
    seen, late = _seen(case, stage)
    if late:
        yield unchecked("derived, not compared", late)
        return
    with tempfile.TemporaryDirectory(prefix="recover-verify-") as spot:
        copy = Path(spot) / "case"
        copy.mkdir()
        try:
            again = elsewhere(seen, copy)
            for name in run.STAGES[1 : run.STAGES.index(stage) + 1]:
                run.STAGE[name](again, plugins, progress)
        except Error as error:
            yield bad("derived", f"cannot be made again: {error.what} {error.why}")
            return
        other = pins.other_versions(case, plugins)
        if other:
            yield apart(case, again, other)
        else:
            yield from compare(case, again, pins.other_libraries(case))


def _seen(case: Case, stage: str) -> tuple[Case, str]:
    """The case as those have it who made what is here, and why nothing can be compared; empty where it can.

    Papers name a head. What came after it counts where results depend on it; who held or received the case since,
    and what else a person did without writing papers again, they could not say, and they are no worse for it.
    """
    since = _since(case) if stage == "write" else 0
    if since is None:
        return case, "the journal does not say that the papers here were finished: a run was cut off; run the case"
    if not since:
        late = f"out of date: something was added since `{stage}` ran, so nothing was compared; run the case"
        return case, late if pins.behind(case, stage) else ""
    seen = asof(case, since)
    newer = [entry for entry in case.entries[since:] if journal.evidence(entry)]
    if newer:
        told = f"entry {newer[0].number} ({newer[0].kind}) was added since the papers were written"
        return seen, f"out of date: {told}, so nothing was compared; run the case"
    return seen, "out of date: the papers were written of stale results; run the case" if pins.behind(seen) else ""


def _since(case: Case) -> int | None:
    """How many entries the case had when the papers here were written; 0 where its tables were made again later,
    None where that they were finished stands nowhere."""
    wrote = [entry for entry in case.entries if entry.kind == "writing"]
    if case.files.has(PAPERS):
        digest = hashlib.sha256(case.files.read(PAPERS)).hexdigest()
        wrote = [entry for entry in wrote if entry.body["manifest"] == digest]
    if not wrote:
        return 0  # an older version noted none
    last, manifest = wrote[-1].number, wrote[-1].body["manifest"]
    ran = [entry for entry in case.entries[last:] if entry.kind == "ran"]
    if not any(entry.body["stage"] == "write" and entry.body.get("manifest") == manifest for entry in ran):
        return None
    if any("tables" in entry.body for entry in ran):
        return 0
    before = last - 1
    # The clock may have been set back just then: the papers, whose head is an earlier one, could not know of it.
    while case.entries[before - 1].kind == "clock" and listed(case).entry < before:
        before -= 1
    return before


def _format(case: Case) -> str:
    made = f"made under format {case.format}, and this program's is {FORMAT}"
    if case.format > FORMAT:
        return f"{made}: verify it with the version of recover that made it"
    if case.unfinished is not None:
        return f"an upgrade to format {FORMAT} was cut off: `recover upgrade` finishes it"
    return f"{made}: `recover upgrade` runs the case again, and says which figures differ"
