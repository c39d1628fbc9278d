"""The manifest of written papers: each file with its digest, and which names are safe to write."""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePosixPath

from recover.case.confined import Files
from recover.sdk.errors import PluginFailed

MANIFEST = "manifest.json"


def manifest(files: Files) -> dict[str, str]:
    """File name below `out/` -> SHA-256 as written; empty when nothing was."""
    try:
        listed = json.loads(files.read(f"out/{MANIFEST}"))["files"]
        return {safe(row["name"]): row["sha256"] for row in listed}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, PluginFailed):
        return {}


def written(files: Files) -> tuple[str, int]:
    """The head and the entry that the papers name; empty and 0 where there are none, or none can be read."""
    try:
        found = json.loads(files.read(f"out/{MANIFEST}"))
        head, number = found["head"], found["entry"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "", 0
    sound = isinstance(head, str) and isinstance(number, int) and number > 0
    return (head, number) if sound else ("", 0)


def intact(files: Files) -> bool:
    """Whether every file in the manifest is there, as it was written."""
    listed = manifest(files)
    return bool(listed) and all(same(files, name, digest) for name, digest in listed.items())


def strangers(files: Files) -> list[str]:
    """Files in `out/` that this program did not write, or changed since: somebody's work, maybe signed."""
    listed = manifest(files)
    names = [name.removeprefix("out/") for name in files.below("out")]
    return [n for n in names if n != MANIFEST and not (n in listed and same(files, n, listed[n]))]


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
