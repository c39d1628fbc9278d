"""verify: every digest, the journal's chain, and everything derived, made again elsewhere and compared."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recover.case import Case, folder, open_for_reading, open_for_writing, settings, tables
from recover.registry import Plugins
from recover.sdk.errors import Error, Integrity
from recover.stages import Progress, pins, run, write

STALE = "derived, not compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing examined: whether it holds, and what was seen."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All checks, and how many transactions have which proof.

    `compared` is False where the case has results and they could not be held against a rebuild: they are older
    than the case's last input.
    """

    checks: tuple[Check, ...]
    proofs: tuple[tuple[str, int], ...]
    compared: bool = True

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


def verify(path: Path, plugins: Plugins, progress: Progress) -> Verdict:
    """Examine a case without changing it. A broken journal or case.toml is a failed check, not an exception."""
    try:
        case = open_for_reading(path)
    except Error as error:
        if not isinstance(error, Integrity) and error.code != settings.UNREADABLE:
            raise
        name = "journal" if isinstance(error, Integrity) else "case.toml"
        return Verdict(checks=(Check(name=name, ok=False, detail=f"{error.what} {error.why}"),), proofs=())
    checks = [*_kept(case), *_exhibits(case, progress)]
    if all(check.ok for check in checks):
        checks += _rebuilt(case, plugins, progress)
    compared = all(check.name != STALE for check in checks)
    return Verdict(checks=tuple(checks), proofs=_proofs(case), compared=compared)


def _kept(case: Case) -> Iterator[Check]:
    head, number = case.head
    yield Check(name="journal", ok=True, detail=f"{len(case.entries)} entries; head {head} at entry {number}")
    if case.torn:
        yield Check(name="journal tail", ok=False, detail=f"{case.torn} bytes after the last whole entry")
    detail = "as the journal says" if not case.edited else "differs from the journal's last text"
    yield Check(name="case.toml", ok=not case.edited, detail=detail)


def _exhibits(case: Case, progress: Progress) -> Iterator[Check]:
    stored = case.exhibits()
    bad = 0
    for done, one in enumerate(stored):
        progress("verify", done, len(stored))
        try:
            case.read(one)
        except Integrity as error:
            bad += 1
            yield Check(name=f"exhibit {one.number}", ok=False, detail=f"{error.what} {error.why}")
    if not bad:
        yield Check(name="exhibits", ok=True, detail=f"{len(stored)} of {len(stored)} digests hold")
    yield from _extra(case)


def _extra(case: Case) -> Iterator[Check]:
    ends: dict[str, int] = {}
    for one in case.exhibits():
        ends[one.file] = max(ends.get(one.file, 0), one.offset + one.length)
    root = case.path / "exhibits"
    for file in sorted(root.iterdir()) if root.is_dir() else []:
        size = file.stat().st_size
        if size != ends.get(file.name):
            detail = f"{size} bytes, and the journal acknowledges {ends.get(file.name, 0)}"
            yield Check(name=f"exhibits/{file.name}", ok=False, detail=detail)


def _last(case: Case) -> str | None:
    """The furthest stage whose results are here; None before the first."""
    places = {"decode": "ledger", "link": "link", "trace": "trace", "find": "find", "write": "write"}
    here = [stage for stage in run.STAGES if stage in places and (case.derived / places[stage]).is_dir()]
    return here[-1] if here else None


def _rebuilt(case: Case, plugins: Plugins, progress: Progress) -> Iterator[Check]:
    made, now = pins.recorded(case), pins.origins(plugins)
    if made and made != now:
        changed = sorted({o.name for o in made} ^ {o.name for o in now} | {o.name for o in set(made) ^ set(now)})
        detail = f"made with other versions of {', '.join(changed)}: install those to compare"
        yield Check(name="plugins", ok=False, detail=detail)
        return
    stage = _last(case)
    if stage is None:
        if write.manifest(case.out):
            yield Check(name="derived", ok=False, detail="documents stand in out/, and nothing that they rest on")
        else:
            yield Check(name="derived", ok=True, detail="nothing derived yet")
        return
    if _behind(case, stage):
        detail = f"out of date: something was added since `{stage}` ran, so nothing was compared; run the case"
        yield Check(name=STALE, ok=True, detail=detail)
        return
    with tempfile.TemporaryDirectory(prefix="recover-verify-") as spot:
        copy = Path(spot) / "case"
        try:
            _again(case, copy, plugins, progress, stage)
        except Error as error:
            yield Check(name="derived", ok=False, detail=f"cannot be made again: {error.what} {error.why}")
            return
        for part in ("derived", "out"):
            yield from _compare(case.path / part, copy / part, part, _strays(case))


def _behind(case: Case, stage: str) -> bool:
    """Whether the journal holds an input later than the last run of this stage."""
    ran = max((e.number for e in case.entries if e.kind == "ran" and e.body["stage"] == stage), default=0)
    return ran < case.head[1]


def _again(case: Case, copy: Path, plugins: Plugins, progress: Progress, stage: str) -> None:
    copy.mkdir()
    for name in ("case.toml", "journal.jsonl"):
        shutil.copyfile(case.path / name, copy / name)
    shutil.copytree(case.path / "exhibits", copy / "exhibits", copy_function=_borrow)
    with open_for_writing(copy, "verify", folder.clock) as again:
        order = run.STAGES[1 : run.STAGES.index(stage) + 1]
        for name in order:
            run.STAGE[name](again, plugins, progress)


def _borrow(source: str, target: str) -> None:
    """Link where the file system can: exhibits are only read here, and may be large."""
    os.symlink(os.path.abspath(source), target)


def _compare(found: Path, again: Path, part: str, strays: frozenset[str]) -> Iterator[Check]:
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


def _strays(case: Case) -> frozenset[str]:
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


def _proofs(case: Case) -> tuple[tuple[str, int], ...]:
    try:
        grades = tables.read(case, "transactions", ["proof"]).column("proof").value_counts().to_pylist()
    except (Error, OSError):
        return ()
    return tuple(sorted((row["values"], row["counts"]) for row in grades))
