"""Bundles: a case with all that it takes to check it, as a BagIt folder or archive under one sealed manifest."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import recover
from recover.case import Case, journal
from recover.sdk.errors import Error, Integrity
from recover.sealing import contents, guide, recover_verify
from recover.sealing.contents import PAPERS, Contents

PARTS = ("exhibits", "derived", "former", "out", "issued", "aside")
"""The folders of a case that a bundle holds; `private/` never: it names persons."""

VERIFIER = "recover-verify.py"
MANIFEST = "seal/manifest.json"

Put = Callable[[bytes], bytes]
"""Something put to the manifest's bytes: a signature, a time stamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What was made: where, how many files, the manifest's SHA-256, and what was put to it."""

    path: Path
    files: int
    manifest: str
    put: tuple[str, ...]
    unchecked: tuple[str, ...]
    holds: Contents


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Whom a signing certificate names, and its SHA-256; both empty where nobody signs."""

    name: str = ""
    certificate: str = ""


NOBODY = Signer()


def seal(
    case: Case, out: Path, now: datetime, put: Mapping[str, Put], by: Signer = NOBODY, whole: bool = False
) -> Sealed:
    """Write the bundle of a case; `put` gives by ending (p7s, tsr, ots) what is put to its manifest.

    Of papers whose edition leaves out what persons wrote it holds the papers alone, unless `whole` is said.
    Raises Integrity for a case that does not hold or a seal that would not, Error where `out` is there already.
    """
    if os.path.lexists(out):
        raise Error(
            "bundle-exists",
            f"{out.name} is there already.",
            "A bundle never takes the place of something else.",
            "Name another path with --out.",
        )
    holds = contents.contents(case, whole)
    found = recover_verify.check(str(case.path))
    must_hold(found, case.typed, "seal-refused")
    fresh = out.parent / f".{out.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        sums = _written(case, fresh, holds, put)
        body = _manifest(case, fresh, sums, now, by, put, holds)
        _file(fresh, MANIFEST, body)
        for ending, made in put.items():
            _file(fresh, f"{MANIFEST}.{ending}", made(body))
        _bagged(fresh)
        # A key or an authority can give what no verifier takes: that is said now, and not in court.
        made_: recover_verify.Found = []
        tree = recover_verify.Folder(str(fresh))
        recover_verify.check_bag(tree, made_)
        if holds.holds == PAPERS:
            recover_verify.check_paper_bundle(recover_verify.Part(tree, "data/papers/"), made_)
        must_hold(made_, out.name, "seal-broken", "Seal with another certificate or authority. Nothing was made.")
        _placed(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Sealed(
        path=out,
        files=len(sums),
        manifest=hashlib.sha256(body).hexdigest(),
        put=tuple(put),
        unchecked=tuple(f"{name}: {detail}" for name, answer, detail in found if answer == recover_verify.UNKNOWN),
        holds=holds,
    )


COMPARE = "Compare with another copy. Nothing was made of it."


def must_hold(found: Sequence[tuple[str, str, str]], name: str, code: str, mend: str = COMPARE) -> None:
    """Raises Integrity naming what does not hold, at most five things."""
    wrong = [f"{what}: {detail}" for what, answer, detail in found if answer == recover_verify.FAILS]
    if wrong:
        raise Integrity(
            code,
            f"{name} does not hold.",
            "\n        ".join(wrong[:5]) + (f"\n        and {len(wrong) - 5} more" if len(wrong) > 5 else ""),
            mend,
        )


def verifier() -> bytes:
    """The verifier that stands in every bundle."""
    return Path(recover_verify.__file__).read_bytes()


def _names(case: Case, holds: Contents) -> Iterator[tuple[str, str]]:
    """What of the case goes into the bundle, and where in it."""
    if holds.holds == PAPERS:
        yield from ((f"out/{name}", f"data/papers/{name}") for name in contents.papers(case))
        return
    names = [name for name in ("case.toml", journal.FILE) if case.files.has(name)]
    for name in [*names, *(name for part in PARTS for name in case.files.below(part))]:
        yield name, f"data/case/{name}"


def _written(case: Case, fresh: Path, holds: Contents, put: Mapping[str, Put]) -> dict[str, tuple[int, str, str]]:
    """Copy what the bundle holds; by path, its size and digests."""
    for name, target_ in _names(case, holds):
        place = fresh / target_
        place.parent.mkdir(parents=True, exist_ok=True)
        with case.files.open(name) as source, place.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    if holds.holds != PAPERS:
        installed = sorted({f"{one.metadata['Name']}=={one.version}" for one in distributions()}, key=str.casefold)
        versions = [f"# Python {platform.python_version()}", *installed]
        _file(fresh, "data/versions.txt", "\n".join(versions).encode() + b"\n")
    _file(fresh, VERIFIER, verifier())
    for name, text in guide.pages(case, holds, put).items():
        _file(fresh, name, text)
    _file(fresh, "bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    names = sorted(p.relative_to(fresh).as_posix() for p in fresh.rglob("*") if p.is_file())
    return {name: _sums(fresh / name) for name in names}


def _manifest(
    case: Case,
    fresh: Path,
    sums: dict[str, tuple[int, str, str]],
    now: datetime,
    by: Signer,
    put: Mapping[str, Put],
    holds: Contents,
) -> bytes:
    """seal/manifest.json in canonical JSON; brings the bag's own facts with it, so that these are sealed too."""
    # Papers alone do not name the case: its first entry holds the title, and a digest of it is one to guess at.
    alone = holds.holds == PAPERS
    (head, entry), identity = (guide.stated(case) if alone else case.head), "" if alone else case.id
    octets = [size for name, (size, *_) in sums.items() if name.startswith("data/")]
    facts = {
        "Bag-Software-Agent": f"recover {recover.__version__}",
        "Bagging-Date": f"{now:%Y-%m-%d}",
        "External-Identifier": identity or head,
        "Payload-Oxum": f"{sum(octets)}.{len(octets)}",
    }
    _file(fresh, "bag-info.txt", "".join(f"{k}: {v}\n" for k, v in facts.items()).encode())
    sums["bag-info.txt"] = _sums(fresh / "bag-info.txt")
    for kind, at in (("sha256", 1), ("sha512", 2)):
        name = f"manifest-{kind}.txt"
        lines = [f"{sums[one][at]}  {one}\n" for one in sorted(sums) if one.startswith("data/")]
        _file(fresh, name, "".join(lines).encode())
    for kind in ("sha256", "sha512"):
        sums[f"manifest-{kind}.txt"] = _sums(fresh / f"manifest-{kind}.txt")
    files = [
        {"path": name, "bytes": size, "sha256": short, "sha512": long}
        for name, (size, short, long) in sorted(sums.items())
    ]
    body: dict[str, Any] = {
        "seal": 2,
        "holds": holds.holds,
        "edition": holds.edition,
        "case": identity,
        "head": head,
        "entry": entry,
        "made": journal.moment(now),
        "by": by.name,
        "certificate": by.certificate,
        "program": recover.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "put": {ending: ending in put for ending in ("p7s", "tsr", "ots")},
        "files": files,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _bagged(fresh: Path) -> None:
    """The manifests of tag files, last: they cover the seal."""
    names = sorted(p.relative_to(fresh).as_posix() for p in fresh.rglob("*") if p.is_file())
    tags = {name: _sums(fresh / name) for name in names if not name.startswith("data/")}
    for kind, at in (("sha256", 1), ("sha512", 2)):
        lines = [f"{sums[at]}  {name}\n" for name, sums in tags.items()]
        _file(fresh, f"tagmanifest-{kind}.txt", "".join(lines).encode())


def _placed(fresh: Path, out: Path) -> None:
    """The folder, or one archive where the name says so: files stored, so that nothing in it unpacks to more."""
    if out.suffix != ".zip":
        fresh.rename(out)
        return
    half = out.parent / f".{out.name}.half"
    with zipfile.ZipFile(half, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(p for p in fresh.rglob("*") if p.is_file()):
            one = zipfile.ZipInfo(path.relative_to(fresh).as_posix(), (1980, 1, 1, 0, 0, 0))
            one.external_attr = 0o100644 << 16
            with path.open("rb") as source, archive.open(one, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)
    half.rename(out)


def _file(fresh: Path, name: str, data: bytes) -> None:
    place = fresh / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)


def _sums(path: Path) -> tuple[int, str, str]:
    short, long, size = hashlib.sha256(), hashlib.sha512(), 0
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            short.update(data)
            long.update(data)
            size += len(data)
    return size, short.hexdigest(), long.hexdigest()
