"""Papers in the place of the last ones, with their manifest, and the entry of the journal that knows it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from recover.case import Case, derived, mending
from recover.case.confined import Files
from recover.case.manifest import MANIFEST, manifest, safe, same, strangers
from recover.stages import Progress


def placed(
    case: Case,
    made: Iterable[tuple[str, bytes]],
    progress: Progress,
) -> tuple[str, str]:
    """Put these files into `out/`, and nothing else. Gives the journal's head and the digest of their manifest."""
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
    return head, digest


def noted(case: Case, inputs: Mapping[str, Any]) -> None:
    """Keep on what the papers rest, and by part which files they are."""
    case.files.make("derived/write")
    derived.mark(Files(case.derived / "write"), inputs)


def there(case: Case, keys: Mapping[str, str], parts: Mapping[str, Any]) -> dict[str, list[tuple[str, bytes]]]:
    """The parts of the papers that rest on what they rested on when written, and lie here as they were."""
    listed, found = manifest(case).files, dict[str, list[tuple[str, bytes]]]()
    for part, key in keys.items():
        files = parts[part]["files"] if part in parts and parts[part]["key"] == key else []
        if files and all(name in listed and same(case.files, name, listed[name]) for name in files):
            found[part] = [(name, case.files.read(f"out/{name}")) for name in files]
    return found
