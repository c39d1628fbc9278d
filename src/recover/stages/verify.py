"""verify: every digest, the journal's chain, and everything derived, made again elsewhere and compared. It only reads."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from recover.case import Case, elsewhere, exhibits, journal, lock, mending, open_for_reading, private, rows, settings, tables
from recover.case.files import Files
from recover.registry import Plugins
from recover.sdk.errors import Error, Exit, Integrity
from recover.stages import Progress, pins, run, write


class Answer(Enum):
    """What was found of one thing, from good to bad."""

    HOLDS = "holds"
    UNCHECKED = "not checked"
    APART = "not comparable"
    FAILS = "does not hold"


EXITS = {
    Answer.HOLDS: Exit.DONE,
    Answer.UNCHECKED: Exit.GAPS,
    Answer.APART: Exit.APART,
    Answer.FAILS: Exit.INTEGRITY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing examined: the answer, and what was seen."""

    name: str
    answer: Answer
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All checks, and how many transactions have which proof."""

    checks: tuple[Check, ...]
    proofs: tuple[tuple[str, int], ...]

    @property
    def answer(self) -> Answer:
        """The worst of all: what was not checked is never counted as held."""
        order = list(Answer)
        return max((check.answer for check in self.checks), key=order.index, default=Answer.UNCHECKED)


def verify(path: Path, plugins: Plugins, progress: Progress, head: str = "") -> Verdict:
    """Examine a case as it is at this moment, without changing it; no lock is taken, and the medium may be read-only.

    `head` is the hash printed on a paper: whether this journal led to that paper. A broken journal or case.toml is a
    failed check, not an exception.
    """
    try:
        case = open_for_reading(path)
    except Error as error:
        if not isinstance(error, Integrity) and error.code != settings.UNREADABLE:
            raise
        name = "journal" if isinstance(error, Integrity) else "case.toml"
        return Verdict(checks=(_bad(name, f"{error.what} {error.why}"),), proofs=())
    checks = [*_kept(case), *_headed(case, head), *_papers(case), *_exhibits(case, progress), *_private(case)]
    if all(check.answer is not Answer.FAILS for check in checks):
        checks += _settled(case, list(_rebuilt(case, plugins, progress)))
    return Verdict(checks=tuple(checks), proofs=_proofs(case))


def _good(name: str, detail: str) -> Check:
    return Check(name=name, answer=Answer.HOLDS, detail=detail)


def _bad(name: str, detail: str) -> Check:
    return Check(name=name, answer=Answer.FAILS, detail=detail)


def _open(name: str, detail: str) -> Check:
    return Check(name=name, answer=Answer.UNCHECKED, detail=detail)


def _kept(case: Case) -> Iterator[Check]:
    head, number = case.head
    yield _good("journal", f"{len(case.entries)} entries; head {head} at entry {number}")
    if case.torn:
        yield _bad("journal tail", f"{case.torn} bytes after the last whole entry")
    for before, entry in zip(case.entries, case.entries[1:], strict=False):
        if entry.time < before.time:
            back = f"entry {entry.number} is older than the one before it: {journal.moment(entry.time)}"
            if entry.kind == "clock":
                yield _open("clock", f"{back}; the computer's clock was set back, so that earlier times may be late")
            else:
                yield _bad("clock", f"{back}; no version of recover writes that without saying so")
    if case.edited:
        yield _bad("case.toml", "differs from the journal's last text")
    else:
        yield _good("case.toml", "as the journal says")


def _headed(case: Case, head: str) -> Iterator[Check]:
    """Whether the head that a paper prints is one of this journal's."""
    if not head:
        return
    wanted = head.strip().lower()
    found = [e for e in case.entries if e.kind in journal.INPUTS and e.hash == wanted]
    if not found:
        yield _bad("head", f"no entry of this journal has the hash {wanted}: the paper was made from another journal")
    elif found[0].hash == case.head[0]:
        yield _good("head", f"entry {found[0].number}, the last on which results depend")
    else:
        later = sum(e.kind in journal.INPUTS and e.number > found[0].number for e in case.entries)
        yield _good("head", f"entry {found[0].number}; {later} inputs came later, which the paper has not seen")


def _papers(case: Case) -> Iterator[Check]:
    """Whether the documents in `out/` are ones that the journal says were written, byte for byte."""
    names = list(case.files.below("out"))
    if not names:
        if any(e.kind == "ran" and e.body["stage"] == "write" for e in case.entries):
            yield _open("out", "the journal says that documents were written, and they are not here")
        return
    head, number = mending.written(case.files)
    known = {e.body.get("manifest") for e in case.entries if e.kind in ("writing", "ran")}
    data = case.files.read(mending.MANIFEST) if case.files.size(mending.MANIFEST) is not None else b""
    if head and (number > len(case.entries) or case.entries[number - 1].hash != head):
        detail = f"they name entry {number} with the hash {head}, which this journal does not have: it was shortened"
        yield _bad("out", detail + " or is an older copy, or the documents belong to another case")
    elif hashlib.sha256(data).hexdigest() not in known:
        yield _bad("out/manifest.json", "no entry of the journal says that these documents were written")
    else:
        yield from _listed(case, names)


def _listed(case: Case, names: list[str]) -> Iterator[Check]:
    listed = write.manifest(case)
    wrong = 0
    for name in sorted({f"out/{one}" for one in listed} | set(names)):
        said = listed.get(name.removeprefix("out/"))
        if name == mending.MANIFEST:
            continue
        if said is None:
            yield _bad(name, "is in no list of what was written")
        elif name not in names:
            yield _bad(name, "is missing")
        elif hashlib.sha256(case.files.read(name)).hexdigest() != said:
            yield _bad(name, "differs from what was written")
        else:
            continue
        wrong += 1
    if not wrong:
        yield _good("out", f"{len(listed)} documents as they were written")


def _exhibits(case: Case, progress: Progress) -> Iterator[Check]:
    stored = case.exhibits()
    bad = 0
    for done, one in enumerate(stored):
        progress("verify", done, len(stored))
        try:
            case.read(one)
        except Integrity as error:
            bad += 1
            yield _bad(f"exhibit {one.number}", f"{error.what} {error.why}")
    if not bad:
        yield _good("exhibits", f"{len(stored)} of {len(stored)} digests hold")
    for number, aside in case.set_aside().items():
        yield _good(f"exhibit {number}", f"set aside by {aside.by}: {aside.reason}")
    yield from _extra(case)
    gone = [e.body["aside"] for e in case.entries if e.kind == "recovered" and "aside" in e.body]
    for name in sorted({name for name in gone if case.files.size(str(name)) is None}):
        yield _open(str(name), "was moved aside by recover, and is not here")


def _extra(case: Case) -> Iterator[Check]:
    ends = exhibits.ends(case.exhibits())
    for name in case.files.listed("exhibits"):
        size = case.files.size(f"exhibits/{name}")
        if size != ends.get(name):
            yield _bytes(case, name, size, ends.get(name, 0))


def _bytes(case: Case, name: str, size: int | None, end: int) -> Check:
    """Of bytes beyond the snapshot: another process may just be importing them, and then acknowledges them."""
    for _ in range(20):
        if size is None or size < end:
            break
        later, _torn = journal.read(case.files.read(journal.FILE))
        if len(later) > len(case.entries) and exhibits.ends(exhibits.stored(later)).get(name, 0) >= size:
            return _open(f"exhibits/{name}", "another process added to it meanwhile: verify again when it is done")
        if not lock.busy(case.files):
            break
        time.sleep(0.1)
    return _bad(f"exhibits/{name}", f"{size} bytes, and the journal acknowledges {end}")


def _private(case: Case) -> Iterator[Check]:
    said = private.noted(case.entries)
    if not said:
        return
    here = private.digest(case.files)
    if not here:
        yield _open("private", "was handed on without private/, or it was taken away")
    elif here != said:
        yield _bad("private", "its files are not those that the journal knows")
    else:
        yield _good("private", "as the journal knows it")


def _last(case: Case) -> str | None:
    """The furthest stage that the journal says has run; None before the first."""
    ran = {e.body["stage"] for e in case.entries if e.kind == "ran"}
    done = [stage for stage in pins.ORDER if stage in ran]
    return done[-1] if done else None


def _rebuilt(case: Case, plugins: Plugins, progress: Progress) -> Iterator[Check]:
    stage = _last(case)
    if stage is None:
        names = [*case.files.below("derived"), *case.files.below("out")]
        strays = _strays(case)
        if [name for name in names if _folder(name) not in strays]:
            yield _open("derived", "results stand here, and the journal knows of no run that made them")
        else:
            yield _good("derived", "nothing derived yet")
        return
    if pins.behind(case, stage):
        detail = f"out of date: something was added since `{stage}` ran, so nothing was compared; run the case"
        yield _open("derived, not compared", detail)
        return
    with tempfile.TemporaryDirectory(prefix="recover-verify-") as spot:
        copy = Path(spot) / "case"
        copy.mkdir()
        try:
            again = elsewhere(case, copy)
            for name in run.STAGES[1 : run.STAGES.index(stage) + 1]:
                run.STAGE[name](again, plugins, progress)
        except Error as error:
            yield _bad("derived", f"cannot be made again: {error.what} {error.why}")
            return
        other = _other_versions(case, plugins)
        if other:
            yield _apart(case, again, other)
        else:
            yield from _compare(case, again)


def _other_versions(case: Case, plugins: Plugins) -> tuple[str, ...]:
    """What of the program and its plugins is not what the journal says made the results."""
    made, now = pins.recorded(case), pins.origins(plugins)
    if not made or made == now:
        return ()
    return tuple(sorted({o.name for o in set(made) ^ set(now)}))


def _other_libraries(case: Case) -> tuple[str, ...]:
    made, now = pins.last(case, "libraries").get("versions", {}), pins.libraries()
    if not made:
        return ()
    return tuple(sorted(f"{n} {made.get(n, 'absent')}, here {now.get(n, 'absent')}" for n in dict(made.items() ^ now.items())))


def _apart(case: Case, again: Case, other: tuple[str, ...]) -> Check:
    """Rows made with other versions: they may tell nothing of the case, and what they tell is said."""
    wrong = [name for name in _tables(case.files) | _tables(again.files) if not _same_rows(case, again, name)]
    detail = f"made with other versions of {', '.join(other)}. "
    detail += (
        f"Made again with these, {len(wrong)} tables differ, and it cannot be told why: {', '.join(sorted(wrong)[:5])}."
        if wrong
        else "Made again with these, not one row differs."
    )
    return Check(name="derived", answer=Answer.APART, detail=detail)


def _tables(files: Files) -> set[str]:
    names = (name for root in tables.FOLDERS.values() for name in files.below(f"derived/{root}"))
    return {name for name in names if name.endswith(".parquet")}


def _compare(case: Case, again: Case) -> Iterator[Check]:
    """File by file: the same bytes; made with other libraries, the same rows."""
    libraries = _other_libraries(case)
    for part in ("derived", "out"):
        here = set(case.files.below(part))
        if not here:
            if part == "derived":
                yield _gone(case, again)
            continue
        strays = _strays(case)
        names = sorted(name for name in here | set(again.files.below(part)) if _folder(name) not in strays)
        wrong = [name for name in names if not _equal(case, again, name, rowwise=bool(libraries))]
        for name in wrong:
            yield _differing(case, again, name, libraries)
        if not wrong and libraries:
            yield _good(part, f"{len(names)} files made again with other libraries, the same rows")
        elif not wrong and names:
            yield _good(part, f"{len(names)} files made again, the same bytes")


def _differing(case: Case, again: Case, name: str, libraries: tuple[str, ...]) -> Check:
    if again.files.size(name) is None:
        return _bad(name, "is not made by any stage")
    if case.files.size(name) is None:
        return _bad(name, "is missing when made again")
    if libraries and not name.endswith(".parquet"):
        detail = f"differs when made again with other libraries: {'; '.join(libraries[:5])}"
        return Check(name=name, answer=Answer.APART, detail=detail)
    same = name.endswith(".parquet") and _same_rows(case, again, name)
    return _bad(name, "differs when made again" + (", though its rows are the same" if same else ""))


def _gone(case: Case, again: Case) -> Check:
    """Nothing derived is here: whether what is made again has the rows that the journal knows."""
    wrong = []
    for stage in tables.FOLDERS:
        ran = [e.body["tables"] for e in case.entries if e.kind == "ran" and e.body["stage"] == stage and "tables" in e.body]
        if ran and ran[-1] != tables.digests(again, stage):
            wrong.append(stage)
    if wrong:
        return _bad("derived", f"is not here; made again, {', '.join(wrong)} gives other rows than the journal knows")
    return _open("derived", "is not here; made again, it has the rows that the journal knows")


def _settled(case: Case, checks: list[Check]) -> list[Check]:
    """The same, unless the case changed meanwhile: then what differs tells nothing, and is to be looked at again."""
    if case.files.size(journal.FILE) == sum(len(e.line()) for e in case.entries) + case.torn:
        return checks
    later = "; the case was changed by another process meanwhile: verify again when it is done"
    return [_open(c.name, c.detail + later) if c.answer is Answer.FAILS else c for c in checks]


def _equal(case: Case, again: Case, name: str, *, rowwise: bool) -> bool:
    if case.files.size(name) is None or again.files.size(name) is None:
        return False
    if rowwise and name.endswith(".parquet"):
        return _same_rows(case, again, name)
    return case.files.read(name) == again.files.read(name)


def _same_rows(case: Case, again: Case, name: str) -> bool:
    try:
        one, two = (rows.digest(tables.load(c, c.path / name, "decode")) for c in (case, again))
    except Error:
        return False
    return one == two


def _strays(case: Case) -> frozenset[str]:
    """Folders of decoded files whose import was cut off before its exhibit was acknowledged: no evidence."""
    known = {one.digest[:16] for one in case.exhibits()}  # what follows a hyphen names the request
    here = case.files.listed("derived/decoded")
    return frozenset(f"derived/decoded/{name}" for name in here if name.split(".")[0].split("-")[0] not in known)


def _folder(name: str) -> str:
    return "/".join(name.split("/")[:3])


def _proofs(case: Case) -> tuple[tuple[str, int], ...]:
    try:
        grades = tables.read(case, "transactions", ["proof"]).column("proof").value_counts().to_pylist()
    except (Error, OSError, KeyError):
        return ()
    return tuple(sorted((row["values"], row["counts"]) for row in grades))
