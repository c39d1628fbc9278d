"""compare: two states of a case, or two cases, figure by figure, each difference with the acts that made it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from recover.case import Case, elsewhere, open_for_reading
from recover.findings.differences import figures
from recover.findings.results import Results
from recover.findings.steps import Changed, Step, Sums, as_at, changed, shared, steps
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.sdk.identity import Spelling
from recover.stages import Progress, run

STEPS = 12
"""Of more steps the last are taken together: each is a run of the case."""


def compare(old: Case, new: Case, plugins: Plugins, progress: Progress) -> tuple[list[Changed], list[Step]]:
    """What differs, and the steps from one to the other; where neither follows from the other, one step says so.

    Reads both cases and changes neither: what is not at hand is made again elsewhere, offline.
    """
    begin, end = _now(old, plugins, progress), _now(new, plugins, progress)
    same = shared(old, new)
    if not same:
        step = Step(cause="case", until=new.entries[-1].number, what=())
        return changed([begin, end], [step]), [step]
    found = steps(new, same)
    if len(found) > STEPS:
        last = found[STEPS - 1 :]
        found = [*found[: STEPS - 1], Step(cause=last[-1].cause, until=last[-1].until, what=())]
    states = [begin]
    if pins.other_versions(old, plugins):
        states.append(_again(old, plugins, progress))
        found = [Step(cause="plugin", until=same, what=pins.other_versions(old, plugins)), *found]
    plain = [step for step in found if step.cause != "plugin"]
    states += [_again(as_at(new, step.until), plugins, progress) for step in plain[:-1]]
    # The last state is what the later case holds, made by whatever version made it.
    return changed([*states, end] if plain else [begin, end], found), found


def _now(case: Case, plugins: Plugins, progress: Progress) -> Sums:
    """The figures of a case as it stands; made again elsewhere where its results have not seen all."""
    # A state of the past shares its folder with what was made since.
    past = len(open_for_reading(case.path).entries) != len(case.entries)
    ran = not past and any(entry.kind == "ran" and entry.body["stage"] == "find" for entry in case.entries)
    if ran and not pins.behind(case) and case.files.has("derived/find/offramps.parquet"):
        return _sums(case, plugins)
    return _again(case, plugins, progress)


def _again(case: Case, plugins: Plugins, progress: Progress) -> Sums:
    with tempfile.TemporaryDirectory(prefix="recover-compare-") as spot:
        copy = Path(spot) / "case"
        copy.mkdir()
        made = elsewhere(case, copy)
        for name in run.STAGES[1 : run.STAGES.index("find") + 1]:
            run.STAGE[name](made, plugins, progress)
        return _sums(made, plugins)


def _sums(case: Case, plugins: Plugins) -> Sums:
    results = Results(case=case, folder=case.derived, spelling=Spelling(chains=plugins.chains))
    found = figures(results, case.settings.rule)
    return {key: sum(parts.values()) for key, parts in found.items()}
