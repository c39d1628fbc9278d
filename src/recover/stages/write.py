"""write: the report, a letter to each identified service, and the result for machines, with their manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from recover.case import Case, derived, former, private
from recover.case.manifest import intact, manifest
from recover.declared import decisions, edition, overlay
from recover.findings import view
from recover.plugins import pins
from recover.plugins.pins import pin
from recover.plugins.registry import Plugins
from recover.stages import Outcome, Progress, since
from recover.stages.placed import noted, placed, there

First = Callable[[Sequence[str]], None]
"""Told the names of the letters that stand in `out/` before their report."""


def run(
    case: Case, plugins: Plugins, progress: Progress, stale: bool = False, first: First | None = None
) -> Outcome:
    """Render drafts into `out/`. Documents carry the journal's head and the date of its entry, never the clock.

    Where `first` is given, letters are put there before the report is made: whoever is written to has minutes.
    Raises Error where the results have not seen all that the case holds, unless `stale`: then every page says so.
    """
    began = time.monotonic_ns()
    pin(case, plugins)
    why = pins.stated(case, plugins, stale)
    head = overlay.adopt(case, plugins)
    inputs: dict[str, Any] = {"find": dict(derived.stamp(case, "find")), "head": head, "stale": why}
    inputs |= {"as": asdict(edition.wanted(case)), "letters": pins.chosen(case)}
    before = dict(derived.stamp(case, "write"))
    parts = before.pop("parts", {})
    # A draft that was edited or deleted in `out/` is written again: corrections belong in the case or a template.
    names = private.identities(case)
    # Names may have been added since: a paper is checked against them each time.
    done = bool(names) or before != inputs or not intact(case)
    if done:
        still = not names and all(before.get(key) == value for key, value in inputs.items() if key != "letters")
        _write(case, plugins, progress, inputs, names, first, parts if still else {})
    listed = manifest(case).files
    letters = sum(name.startswith("letters/") and name.endswith(".pdf") for name in listed)
    stopped = sum(name.startswith("stopped/") for name in listed)
    more = (("papers stopped", stopped),) if stopped else ()
    counts = (("files", len(listed) - stopped), ("letters", letters), *more)
    return Outcome(stage="write", done=done, counts=counts, gaps=stopped, ms=since(began))


def _write(
    case: Case,
    plugins: Plugins,
    progress: Progress,
    inputs: dict[str, Any],
    names: Sequence[str],
    first: First | None,
    parts: Mapping[str, Any],
) -> None:
    from recover.letters import profile
    from recover.letters.life import letters
    from recover.letters.written import Papers

    seen = view.load(case, plugins, stale=str(inputs["stale"]))
    if pins.others(case, plugins) and (kept := former.drafts(case)):
        case.told.append(f"The papers that another version wrote are kept in {kept}/out.")
    listed, passed = list(plugins.templates.values()), decisions.passed(case)
    made = Papers(seen, listed, names, passed, letters(case), lambda: profile.load().templates)
    here = there(case, made.keys, parts)
    if first is not None and (alone := made.letters(here)):
        placed(case, alone.items(), progress)
        first(sorted(alone))
    head, digest = placed(case, made.every(here), progress)
    noted(case, {**inputs, "parts": {p: {"key": key, "files": made.files[p]} for p, key in made.keys.items()}})
    pins.written(case, head, digest)
