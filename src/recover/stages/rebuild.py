"""The rebuild that `verify` makes: everything derived, made again elsewhere from what is kept, and compared."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from recover.case import Case, folder, manifest, open_for_writing
from recover.case.checks import Check
from recover.case.trees import compare, strays
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.stages import Progress, run

STALE = "derived, not compared"


def _last(case: Case) -> str | None:
    """The furthest stage whose results are here; None before the first."""
    places = {"decode": "ledger", "link": "link", "trace": "trace", "find": "find", "write": "write"}
    here = [stage for stage in run.STAGES if stage in places and (case.derived / places[stage]).is_dir()]
    return here[-1] if here else None


def rebuilt(case: Case, plugins: Plugins, progress: Progress) -> Iterator[Check]:
    """What a rebuild shows: other versions, nothing to compare, out of date, or each file's result."""
    made, now = pins.recorded(case), pins.origins(plugins)
    if made and made != now:
        changed = sorted({o.name for o in made} ^ {o.name for o in now} | {o.name for o in set(made) ^ set(now)})
        detail = f"made with other versions of {', '.join(changed)}: install those to compare"
        yield Check(name="plugins", ok=False, detail=detail)
        return  # other code may give other results with nothing wrong in the case
    stage = _last(case)
    if stage is None:
        if manifest.manifest(case.out):
            yield Check(name="derived", ok=False, detail="documents stand in out/, and nothing that they rest on")
        else:
            yield Check(name="derived", ok=True, detail="nothing derived yet")
        return
    if _behind(case, stage):
        detail = f"out of date: something was added since `{stage}` ran, so nothing was compared; run the case"
        yield Check(name=STALE, ok=True, detail=detail)
        return
    with tempfile.TemporaryDirectory(prefix="recover-verify-") as spot:
        copy = Path(spot) / "case"
        try:
            _again(case, copy, plugins, progress, stage)
        except Error as error:
            yield Check(name="derived", ok=False, detail=f"cannot be made again: {error.what} {error.why}")
            return
        for part in ("derived", "out"):
            yield from compare(case.path / part, copy / part, part, strays(case))


def _behind(case: Case, stage: str) -> bool:
    """Whether the journal holds an input later than the last run of this stage."""
    ran = max((e.number for e in case.entries if e.kind == "ran" and e.body["stage"] == stage), default=0)
    return ran < case.head[1]


def _again(case: Case, copy: Path, plugins: Plugins, progress: Progress, stage: str) -> None:
    copy.mkdir()
    for name in ("case.toml", "journal.jsonl"):  # copies: verifying changes nothing, the rebuild does
        shutil.copyfile(case.path / name, copy / name)
    shutil.copytree(case.path / "exhibits", copy / "exhibits", copy_function=_borrow)
    with open_for_writing(copy, "verify", folder.clock) as again:
        order = run.STAGES[1 : run.STAGES.index(stage) + 1]
        for name in order:
            run.STAGE[name](again, plugins, progress)


def _borrow(source: str, target: str) -> None:
    """Link where the file system can: exhibits are only read here, and may be large."""
    # Opening the copy cuts what was never acknowledged, also through a link: none is left, or no rebuild starts.
    os.symlink(os.path.abspath(source), target)
