"""write: the report, a letter to each identified service, and the result for machines, with their manifest."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import PurePosixPath
from typing import Any

from recover.case import Case, mending, tables
from recover.case.files import Files
from recover.registry import Plugins
from recover.sdk.errors import PluginFailed
from recover.stages import Outcome, Progress, since, view
from recover.stages.pins import pin

MANIFEST = "manifest.json"


def run(case: Case, plugins: Plugins, progress: Progress) -> Outcome:
    """Render drafts into `out/`. Documents carry the journal's head and the date of its entry, never the clock."""
    began = time.monotonic_ns()
    pin(case, plugins)
    head, _ = case.head
    inputs = {"find": dict(tables.stamp(case.derived / "find")), "head": head}
    done = tables.stamp(case.derived / "write") != inputs or not intact(case)
    if done:
        _write(case, plugins, progress, inputs)
    listed = manifest(case)
    letters = sum(name.startswith("letters/") and name.endswith(".pdf") for name in listed)
    return Outcome(
        stage="write", done=done, counts=(("files", len(listed)), ("letters", letters)), gaps=0, ms=since(began)
    )


def manifest(case: Case) -> dict[str, str]:
    """File name -> SHA-256 as written; empty when nothing was."""
    try:
        listed = json.loads(case.files.read(f"out/{MANIFEST}"))["files"]
        return {safe(row["name"]): row["sha256"] for row in listed}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, PluginFailed):
        return {}


def intact(case: Case) -> bool:
    """Whether every file in the manifest is there, as it was written."""
    listed = manifest(case)
    return bool(listed) and all(_same(case, name, digest) for name, digest in listed.items())


def _same(case: Case, name: str, digest: str) -> bool:
    try:
        return hashlib.sha256(case.files.read(f"out/{name}")).hexdigest() == digest
    except OSError:
        return False


def _strangers(case: Case) -> list[str]:
    """Files in `out/` that this program did not write, or that were changed since: somebody's work, maybe signed."""
    listed = manifest(case)
    names = [name.removeprefix("out/") for name in case.files.below("out")]
    return [n for n in names if n != MANIFEST and not (n in listed and _same(case, n, listed[n]))]


def _write(case: Case, plugins: Plugins, progress: Progress, inputs: dict[str, Any]) -> None:
    from recover.report import documents

    seen = view.load(case, plugins)
    rows: list[dict[str, str | int]] = []
    mending.keep(case, [f"out/{name}" for name in _strangers(case)])
    with case.rebuilding(case.out) as fresh:
        for name, data in documents(seen, list(plugins.templates.values())):
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
    tables.mark(Files(case.derived / "write"), inputs)
    case.note("ran", {"stage": "write", "head": head, "manifest": digest})


def safe(name: str) -> str:
    """A relative name that stays inside its folder. Raises PluginFailed for any other."""
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\\" in name or "\0" in name:
        raise PluginFailed(
            "unsafe-name",
            f"A template or exporter wants to write {name!r}.",
            "A file's name must stay inside the folder that it is written to.",
            "Report it to the plugin's author.",
        )
    return name
