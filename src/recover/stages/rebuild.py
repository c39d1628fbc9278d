"""Everything derived, made again elsewhere from what the case keeps, and compared."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from recover.case import Case, elsewhere, journal
from recover.case.checks import Answer, Check, bad, good, unchecked
from recover.case.trees import compare, folder, same_rows, strays, tables_of
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
    stage = _last(case)
    if stage is None:
        names = [*case.files.below("derived"), *case.files.below("out")]
        loose = strays(case)
        if [name for name in names if folder(name) not in loose]:
            yield unchecked("derived", "results stand here, and the journal knows of no run that made them")
        else:
            yield good("derived", "nothing derived yet")
        return
    if pins.behind(case, stage):
        detail = f"out of date: something was added since `{stage}` ran, so nothing was compared; run the case"
        yield unchecked("derived, not compared", detail)
        return
    with tempfile.TemporaryDirectory(prefix="recover-verify-") as spot:
        copy = Path(spot) / "case"
        copy.mkdir()
        try:
            again = elsewhere(case, copy)
            for name in run.STAGES[1 : run.STAGES.index(stage) + 1]:
                run.STAGE[name](again, plugins, progress)
        except Error as error:
            yield bad("derived", f"cannot be made again: {error.what} {error.why}")
            return
        other = _other_versions(case, plugins)
        if other:
            yield _apart(case, again, other)
        else:
            yield from compare(case, again, _other_libraries(case))


def _other_versions(case: Case, plugins: Plugins) -> tuple[str, ...]:
    """What of the program and its plugins is not what the journal says made the results."""
    made, now = pins.recorded(case), pins.origins(plugins)
    if not made or made == now:
        return ()
    return tuple(sorted({o.name for o in set(made) ^ set(now)}))


def _other_libraries(case: Case) -> tuple[str, ...]:
    made, now = pins.last(case, "libraries").get("versions", {}), pins.libraries()
    if not made:
        return ()
    return tuple(
        sorted(
            f"{n} {made.get(n, 'absent')}, here {now.get(n, 'absent')}" for n in dict(made.items() ^ now.items())
        )
    )


def _apart(case: Case, again: Case, other: tuple[str, ...]) -> Check:
    """Rows made with other versions: they may tell nothing of the case, and what they tell is said."""
    wrong = [name for name in tables_of(case.files) | tables_of(again.files) if not same_rows(case, again, name)]
    detail = f"made with other versions of {', '.join(other)}. "
    detail += (
        f"Made again with these, {len(wrong)} differ, it cannot be told why: {', '.join(sorted(wrong)[:5])}."
        if wrong
        else "Made again with these, not one row differs."
    )
    return Check(name="derived", answer=Answer.APART, detail=detail)


def settled(case: Case, checks: list[Check]) -> list[Check]:
    """The same, unless the case changed meanwhile: then what differs tells nothing, and is looked at again."""
    if case.files.size(journal.FILE) == sum(len(e.line()) for e in case.entries) + case.torn:
        return checks
    later = "; the case was changed by another process meanwhile: verify again when it is done"
    return [unchecked(c.name, c.detail + later) if c.answer is Answer.FAILS else c for c in checks]
