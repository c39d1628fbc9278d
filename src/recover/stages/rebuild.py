"""The rebuild that `verify` makes: everything derived, made again elsewhere from what is kept, and compared."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from recover.case import FORMAT, Case, elsewhere
from recover.case.examined import Answer, Check, bad, good, unchecked
from recover.case.trees import apart, compare, folder, strays
from recover.plugins import pins, wrote
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
    seen, late = wrote.seen(case, stage)
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


def _format(case: Case) -> str:
    made = f"made under format {case.format}, and this program's is {FORMAT}"
    if case.format > FORMAT:
        return f"{made}: verify it with the version of recover that made it"
    if case.unfinished is not None:
        return f"an upgrade to format {FORMAT} was cut off: `recover upgrade` finishes it"
    return f"{made}: `recover upgrade` runs the case again, and says which figures differ"
