"""Two trees of derived files, compared byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from recover.case import Case
from recover.case.checks import Check


def compare(found: Path, again: Path, part: str, strays: frozenset[str]) -> Iterator[Check]:
    """A check for each file that differs, or one for all where none does; `strays` are folders left out."""
    listed = _files(found) | _files(again)
    names = sorted(name for name in listed if _folder(name) not in strays)
    wrong = [name for name in names if not _equal(found / name, again / name)]
    for name in wrong:
        why = "differs" if (found / name).is_file() and (again / name).is_file() else "is missing"
        if not (again / name).is_file():
            why = "is not made by any stage"
        yield Check(name=f"{part}/{name}", ok=False, detail=f"{why} when made again")
    if not wrong and names:
        yield Check(name=part, ok=True, detail=f"{len(names)} files made again, the same bytes")


def strays(case: Case) -> frozenset[str]:
    """Folders of decoded files whose import was cut off before its exhibit was acknowledged: no evidence."""
    root = case.derived / "decoded"
    known = {one.digest[:16] for one in case.exhibits()}  # what follows a hyphen names the request
    here = root.iterdir() if root.is_dir() else ()
    return frozenset(f"decoded/{p.name}" for p in here if p.name.split(".")[0].split("-")[0] not in known)


def _folder(name: str) -> str:
    return "/".join(name.split("/")[:2])


def _files(root: Path) -> set[str]:
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()} if root.is_dir() else set()


def _equal(one: Path, two: Path) -> bool:
    return one.is_file() and two.is_file() and one.read_bytes() == two.read_bytes()
