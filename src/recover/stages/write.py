"""write: the report, a letter to each identified service, and the result for machines, with their manifest."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from recover.case import Case, derived
from recover.case.manifest import MANIFEST, intact, manifest, safe
from recover.findings import view
from recover.plugins.pins import pin
from recover.plugins.registry import Plugins
from recover.stages import Outcome, Progress, since


def run(case: Case, plugins: Plugins, progress: Progress) -> Outcome:
    """Render drafts into `out/`. Documents carry the journal's head and the date of its entry, never the clock."""
    began = time.monotonic_ns()
    pin(case, plugins)
    head, _ = case.head
    inputs = {"find": dict(derived.stamp(case.derived / "find")), "head": head}
    # A draft that was edited or deleted in `out/` is written again: corrections belong in the case or a template.
    done = derived.stamp(case.derived / "write") != inputs or not intact(case.out)
    if done:
        _write(case, plugins, progress, inputs)
    listed = manifest(case.out)
    letters = sum(name.startswith("letters/") and name.endswith(".pdf") for name in listed)
    return Outcome(
        stage="write", done=done, counts=(("files", len(listed)), ("letters", letters)), gaps=0, ms=since(began)
    )


def _write(case: Case, plugins: Plugins, progress: Progress, inputs: dict[str, Any]) -> None:
    from recover.report import documents

    seen = view.load(case, plugins)
    rows: list[dict[str, str | int]] = []
    with case.rebuilding(case.out) as fresh:
        for name, data in documents(seen, list(plugins.templates.values())):
            progress("write", len(rows), 0)
            # The name comes from a template's code, which may not reach outside `out/`.
            target = fresh / safe(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            rows.append({"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
        head, number = case.head
        listed = {"head": head, "entry": number, "files": sorted(rows, key=lambda r: str(r["name"]))}
        (fresh / MANIFEST).write_bytes(json.dumps(listed, sort_keys=True, indent=1).encode() + b"\n")
    # Outside `out/`, where everything is meant to be read or sent.
    derived.mark(case.derived / "write", inputs)
    digest = hashlib.sha256((case.out / MANIFEST).read_bytes()).hexdigest()
    # The journal keeps the manifest's digest, so that a paper seen later can be held against the day it was
    # written.
    case.note("ran", {"stage": "write", "head": head, "manifest": digest})
