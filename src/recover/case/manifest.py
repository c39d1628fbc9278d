"""The manifest of written papers: each file with its digest, and which names are safe to write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from recover.case.confined import Files
from recover.sdk.errors import PluginFailed

if TYPE_CHECKING:
    from recover.case.folder import Case

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What `out/` should hold: each file with its digest, and the head and entry that the papers name.

    `fault` says why it cannot be relied on; empty where it can. Then nothing is listed, and that is no list of
    nothing.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    head: str = ""
    entry: int = 0
    fault: str = ""


def manifest(case: Case) -> Manifest:
    """The manifest that is there, if the journal knows it: a forged one would vouch for forged papers."""
    if case.files.size(f"out/{MANIFEST}") is None:
        return Manifest(fault="there is none" if any(case.files.below("out")) else "")
    data = case.files.read(f"out/{MANIFEST}")
    try:
        raw = json.loads(data)
        files = {safe(row["name"]): row["sha256"] for row in raw["files"]}
        head, entry = raw["head"], raw["entry"]
        if not isinstance(head, str) or type(entry) is not int or entry < 1:
            raise ValueError("it names no entry of the journal")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, PluginFailed) as error:
        return Manifest(fault=f"it cannot be read ({type(error).__name__})")
    known = {e.body.get("manifest") for e in case.entries if e.kind in ("writing", "ran")}
    if hashlib.sha256(data).hexdigest() not in known:
        return Manifest(head=head, entry=entry, fault="no entry of the journal says that it was written")
    return Manifest(files=files, head=head, entry=entry)


def intact(case: Case) -> bool:
    """Whether every file in the manifest is there, as it was written."""
    listed = manifest(case).files
    return bool(listed) and all(same(case.files, name, digest) for name, digest in listed.items())


def strangers(case: Case) -> list[str]:
    """Files in `out/` that this program did not write, or changed since: somebody's work, maybe signed.

    All of them where the manifest cannot be relied on; that is told.
    """
    found = manifest(case)
    names = [name.removeprefix("out/") for name in case.files.below("out")]
    if found.fault and names:
        case.told.append(f"out/{MANIFEST} is not relied on: {found.fault}. What lies in out/ is kept in aside/.")
        return names
    listed = found.files
    return [n for n in names if n != MANIFEST and not (n in listed and same(case.files, n, listed[n]))]


def same(files: Files, name: str, digest: str) -> bool:
    """Whether a file below `out/` has this SHA-256."""
    try:
        return hashlib.sha256(files.read(f"out/{name}")).hexdigest() == digest
    except OSError:
        return False


def safe(name: str) -> str:
    """A relative name that stays inside its folder. Raises PluginFailed for any other."""
    # Names come from plugins. A backslash is a separator on another system where the papers may be unpacked.
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\\" in name or "\0" in name:
        raise PluginFailed(
            "unsafe-name",
            f"A template or exporter wants to write {name!r}.",
            "A file's name must stay inside the folder that it is written to.",
            "Report it to the plugin's author.",
        )
    return name
