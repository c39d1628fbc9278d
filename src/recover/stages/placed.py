"""Papers in the place of the last ones, with their manifest, and the entry of the journal that knows it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from recover.case import Case, derived, mending
from recover.case.confined import Files
from recover.case.manifest import MANIFEST, safe, strangers
from recover.plugins import pins
from recover.stages import Progress


def placed(
    case: Case,
    made: Iterable[tuple[str, bytes]],
    inputs: Mapping[str, Any],
    progress: Progress,
    *,
    alone: bool = False,
) -> None:
    """Put these files into `out/`, and nothing else; `alone`: letters before their report."""
    rows: list[dict[str, str | int]] = []
    mending.keep(case, [f"out/{name}" for name in strangers(case)])
    with case.rebuilding(case.out) as fresh:
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
    if alone:
        return  # the stage has not run: the report is still to come
    case.files.make("derived/write")
    derived.mark(Files(case.derived / "write"), inputs)
    pins.written(case, head, digest)
