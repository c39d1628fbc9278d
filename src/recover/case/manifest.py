"""The manifest of written papers: each file with its digest, and which names are safe to write."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath

from recover.sdk.errors import PluginFailed

MANIFEST = "manifest.json"


def manifest(out: Path) -> dict[str, str]:
    """File name -> SHA-256 as written; empty when nothing was."""
    try:
        listed = json.loads((out / MANIFEST).read_bytes())["files"]
        return {row["name"]: row["sha256"] for row in listed}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def intact(out: Path) -> bool:
    """Whether every file in the manifest is there, as it was written."""
    listed = manifest(out)
    return bool(listed) and all(_same(out / name, digest) for name, digest in listed.items())


def _same(path: Path, digest: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == digest
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
