"""write: the report, a letter to each identified service, and the result for machines, with their manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from recover.case import Case, derived, former, private
from recover.case.confined import Files
from recover.case.manifest import intact, manifest, same
from recover.declared import decisions, overlay
from recover.findings import view
from recover.plugins import pins
from recover.plugins.pins import pin
from recover.plugins.registry import Plugins
from recover.stages import Outcome, Progress, since
from recover.stages.placed import placed

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
    last = pins.chosen(case)
    inputs = {"find": dict(derived.stamp(case, "find")), "head": head, "stale": why, "letters": last}
    former = dict(derived.stamp(case, "write"))
    parts = former.pop("parts", {})
    # A draft that was edited or deleted in `out/` is written again: corrections belong in the case or a template.
    names = private.identities(case)
    # Names may have been added since: a paper is checked against them each time.
    done = bool(names) or former != inputs or not intact(case)
    if done:
        still = not names and all(former.get(key) == value for key, value in inputs.items() if key != "letters")
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

    def own() -> Path | None:
        return profile.load().templates

    seen = view.load(case, plugins, stale=str(inputs["stale"]))
    if pins.others(case, plugins) and (kept := former.drafts(case)):
        case.told.append(f"The papers that another version wrote are kept in {kept}/out.")
    made = Papers(seen, list(plugins.templates.values()), names, decisions.passed(case), letters(case), own)
    here = _here(case, made.keys, parts)
    if first is not None and (alone := made.letters(here)):
        placed(case, alone.items(), progress)
        first(sorted(alone))
    head, digest = placed(case, made.every(here), progress)
    said = {part: {"key": key, "files": made.files[part]} for part, key in made.keys.items()}
    case.files.make("derived/write")
    derived.mark(Files(case.derived / "write"), {**inputs, "parts": said})
    pins.written(case, head, digest)


def _here(case: Case, keys: Mapping[str, str], parts: Mapping[str, Any]) -> dict[str, list[tuple[str, bytes]]]:
    """The parts of the papers that rest on what they rested on when written, and lie here as they were."""
    listed, found = manifest(case).files, dict[str, list[tuple[str, bytes]]]()
    for part, key in keys.items():
        files = parts[part]["files"] if part in parts and parts[part]["key"] == key else []
        if files and all(name in listed and same(case.files, name, listed[name]) for name in files):
            found[part] = [(name, case.files.read(f"out/{name}")) for name in files]
    return found
