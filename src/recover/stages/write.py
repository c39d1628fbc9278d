"""write: the report, a letter to each identified service, and the result for machines, with their manifest."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
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
    names = identities(case)
    # Names may have been added since: a paper is checked against them each time.
    done = bool(names) or derived.stamp(case.derived / "write") != inputs or not intact(case.out)
    if done:
        _write(case, plugins, progress, inputs, names)
    listed = manifest(case.out)
    letters = sum(name.startswith("letters/") and name.endswith(".pdf") for name in listed)
    stopped = [name for name in listed if name.startswith("stopped/")]
    counts = (("files", len(listed) - len(stopped)), ("letters", letters))
    counts = (*counts, *((("papers stopped", len(stopped)),) if stopped else ()))
    return Outcome(stage="write", done=done, counts=counts, gaps=len(stopped), ms=since(began))


IDENTITIES = "identities.txt"


def identities(case: Case) -> tuple[str, ...]:
    """The names in `private/identities.txt`, one a line: no paper may hold one of them."""
    file = case.path / "private" / IDENTITIES
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return tuple(dict.fromkeys(line.strip() for line in lines if len(line.strip()) > 2))


def passed(case: Case) -> frozenset[tuple[str, str]]:
    """(kind of paper, rule of language) that a named person lets pass."""
    decided = (e.body for e in case.entries if e.kind == "decision")
    return frozenset((body["paper"], body["rule"]) for body in decided if "paper" in body)


def _write(case: Case, plugins: Plugins, progress: Progress, inputs: dict[str, Any], names: Sequence[str]) -> None:
    from recover.report import documents

    seen = view.load(case, plugins)
    rows: list[dict[str, str | int]] = []
    with case.rebuilding(case.out) as fresh:
        for name, data in documents(seen, list(plugins.templates.values()), names, passed(case)):
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
