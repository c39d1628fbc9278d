"""A case out of a bundle: checked by the outside verifier first, then read again file by file as it was sealed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recover.case import journal, open_for_reading
from recover.case.confined import Files
from recover.sdk.errors import Error, Exit, Integrity
from recover.sdk.outside import typed
from recover.sealing import recover_verify
from recover.sealing.bundle import MANIFEST, PARTS, must_hold
from recover.sealing.contents import PAPERS

MOST = 2**38
FILES = 1_000_000
"""Bytes and files that a bundle is opened with at most."""

HEAD = "data/case/"


class Unlike(Error):
    """Made by another version, so that this one cannot say whether it holds."""

    exit = Exit.APART


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was found of a bundle whose case was opened, in sentences: what its seal shows and whose it is, what
    was compared with nothing, and what could not be checked."""

    seal: Sequence[str]
    uncompared: Sequence[str]
    unchecked: Sequence[str]
    recomputed: bool


def unsealed(bundle: Path, path: Path) -> Opened:
    """Put the case of a bundle at `path`.

    Nothing of it is read before the whole holds, and nothing is left of one that cannot be opened. Raises
    Integrity where it does not hold, Error for a taken path and for papers alone.
    """
    if os.path.lexists(path) and (not path.is_dir() or any(path.iterdir())):
        raise Error(
            "case-exists",
            f"{typed(path)} exists and is not an empty folder.",
            "A case never takes the place of something else.",
            "Choose another path.",
        )
    found = _sealed(bundle)
    tree = _tree(bundle)
    if _alone(tree):
        raise Error(
            "bundle-papers",
            f"{bundle.name} holds papers alone.",
            "It was checked, and holds; their edition leaves out what the case has, so that no case is in it.",
            "Read data/papers/report.pdf in it. The case itself is in a whole bundle.",
        )
    try:
        _copied(tree, path)
    except recover_verify.Broken as error:
        raise _changed(bundle, str(error)) from error
    held = [(name, detail) for name, answer, detail in found if answer == recover_verify.HOLDS]
    return Opened(
        seal=[detail for name, detail in held if name in _SEAL],
        uncompared=[f"{name}: {said}" for name, said in held if name not in _SEAL and _NOT.search(said)],
        unchecked=[f"{name}: {said}" for name, answer, said in found if answer == recover_verify.UNKNOWN],
        recomputed=any(name == "figures" for name, _ in held),
    )


_NOT = re.compile("NOT (compared|read)")
_SEAL = ("seal", "signature", "time stamp", f"{MANIFEST}.ots")


def _sealed(bundle: Path) -> recover_verify.Found:
    """What the outside verifier says of a bundle. Raises Integrity where it does not hold, Error for none."""
    if not bundle.exists():
        raise Error("bundle-missing", f"There is no {bundle.name}.", "It was not found.", "Name the bundle.")
    found = recover_verify.check(str(bundle))
    must_hold(found, bundle.name, "bundle-broken")
    if [name for name, _, _ in found] == [bundle.name]:
        raise Error(
            "bundle-unreadable",
            f"{bundle.name} cannot be opened.",
            f"It {found[0][2]}.",
            "Compare with another copy. Nothing was made of it.",
        )
    other = [
        name for name, answer, said in found if answer == recover_verify.UNKNOWN and recover_verify.OTHER in said
    ]
    if other:
        raise Unlike(
            "bundle-version",
            f"{bundle.name} was made by another version of the program.",
            f"Its {other[0]} is of a version that this one does not read, so that nothing can be said of it.",
            "Use the verifier that lies in it, and the version of recover that its bag-info.txt names.",
        )
    if not any(name == "seal" for name, _, _ in found):
        raise Error(
            "bundle-unsealed",
            f"{bundle.name} is no sealed bundle.",
            "It has no bagit.txt and no seal: it may be a case folder.",
            "A case folder is copied as it is; `recover seal` makes a bundle of it.",
        )
    return found


def described(bundle: Path) -> tuple[str, int]:
    """The SHA-256 of a bundle's manifest, and of how many entries its journal is; 0 beside papers alone. Raises as
    `unsealed` does."""
    _sealed(bundle)
    tree = _tree(bundle)
    if _alone(tree):
        return hashlib.sha256(tree.read(MANIFEST)).hexdigest(), 0
    lines = tree.read(HEAD + journal.FILE).count(b"\n")
    return hashlib.sha256(tree.read(MANIFEST)).hexdigest(), lines


def _alone(tree: Any) -> bool:
    """Whether papers alone are in it."""
    return bool(json.loads(tree.read(MANIFEST)).get("holds") == PAPERS)


def _tree(bundle: Path) -> Any:
    tree: Any = recover_verify.Folder(str(bundle)) if bundle.is_dir() else recover_verify.Archive(str(bundle))
    return tree


def _copied(tree: Any, path: Path) -> None:
    listed = {row["path"]: row["sha256"] for row in json.loads(tree.read(MANIFEST))["files"]}
    whole = {HEAD + name for name in ("case.toml", journal.FILE)}
    parts = tuple(f"{HEAD}{part}/" for part in PARTS)
    names = [name for name in sorted(tree.sizes) if name in whole or name.startswith(parts)]
    if sum(tree.sizes.values()) > MOST or len(names) > FILES:
        raise recover_verify.Broken(f"it holds more than {MOST} bytes, or more than {FILES} files")
    fresh = path.parent / f".{path.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        for part in ("exhibits", "private"):
            (fresh / part).mkdir(parents=True)
        files = Files(fresh)
        for name in names:
            data = tree.read(name)
            # Read a second time, so it is compared a second time: the bundle may lie where others write.
            if hashlib.sha256(data).hexdigest() != listed.get(name):
                raise recover_verify.Broken(f"{name} changed while it was read")
            folder, _, _ = name.removeprefix(HEAD).rpartition("/")
            if folder:
                files.make(folder)
            files.write(name.removeprefix(HEAD), data)
        if not files.has(journal.FILE):
            raise recover_verify.Broken("it holds no journal")
        open_for_reading(fresh)  # what this program cannot read is told now, and nothing of it stays
        if path.exists():
            path.rmdir()
        fresh.rename(path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _changed(bundle: Path, why: str) -> Integrity:
    return Integrity(
        "bundle-changed",
        f"{bundle.name} cannot be opened.",
        f"{why[:1].upper()}{why[1:]}.",
        "Copy it to a place where nobody else writes, and open it there.",
    )
