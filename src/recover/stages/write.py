"""write: the report, a letter to each identified service, and the result for machines, with their manifest."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recover.case import Case, derived, former, mending, private
from recover.case.confined import Files
from recover.case.manifest import MANIFEST, intact, manifest, safe, strangers
from recover.declared import decisions, overlay
from recover.findings import view
from recover.plugins import pins
from recover.plugins.pins import pin
from recover.plugins.registry import Plugins
from recover.stages import Outcome, Progress, since


def run(case: Case, plugins: Plugins, progress: Progress, stale: bool = False) -> Outcome:
    """Render drafts into `out/`. Documents carry the journal's head and the date of its entry, never the clock.

    Raises Error where the results have not seen all that the case holds, unless `stale`: then every page says so.
    """
    began = time.monotonic_ns()
    pin(case, plugins)
    why = pins.stated(case, plugins, stale)
    head = overlay.adopt(case, plugins)
    last = pins.chosen(case)
    inputs = {"find": dict(derived.stamp(case, "find")), "head": head, "stale": why, "letters": last}
    # A draft that was edited or deleted in `out/` is written again: corrections belong in the case or a template.
    names = private.identities(case)
    # Names may have been added since: a paper is checked against them each time.
    done = bool(names) or derived.stamp(case, "write") != inputs or not intact(case)
    if done:
        _write(case, plugins, progress, inputs, names)
    listed = manifest(case).files
    letters = sum(name.startswith("letters/") and name.endswith(".pdf") for name in listed)
    stopped = sum(name.startswith("stopped/") for name in listed)
    more = (("papers stopped", stopped),) if stopped else ()
    counts = (("files", len(listed) - stopped), ("letters", letters), *more)
    return Outcome(stage="write", done=done, counts=counts, gaps=stopped, ms=since(began))


def _write(case: Case, plugins: Plugins, progress: Progress, inputs: dict[str, Any], names: Sequence[str]) -> None:
    from recover.letters import profile
    from recover.letters.life import letters
    from recover.letters.written import papers

    def own() -> Path | None:
        return profile.load().templates

    seen = view.load(case, plugins, stale=str(inputs["stale"]))
    rows: list[dict[str, str | int]] = []
    if pins.others(case, plugins) and (kept := former.drafts(case)):
        case.told.append(f"The papers that another version wrote are kept in {kept}/out.")
    mending.keep(case, [f"out/{name}" for name in strangers(case)])
    with case.rebuilding(case.out) as fresh:
        made = papers(seen, list(plugins.templates.values()), names, decisions.passed(case), letters(case), own)
        for name, data in made:
            progress("write", len(rows), 0)
            if "/" in safe(name):
                fresh.make(name.rpartition("/")[0])
            fresh.write(name, data)
            rows.append({"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
        head, number = case.head
        listed = {"head": head, "entry": number, "files": sorted(rows, key=lambda r: str(r["name"]))}
        whole = json.dumps(listed, sort_keys=True, indent=1).encode() + b"\n"
        fresh.write(MANIFEST, whole)
        digest = hashlib.sha256(whole).hexdigest()
        case.note("writing", {"manifest": digest})  # so that no paper is ever here that the journal does not know
    case.files.make("derived/write")
    derived.mark(Files(case.derived / "write"), inputs)
    pins.written(case, head, digest)
