"""Checks of what a case keeps: the journal, case.toml, the papers, private/, and the digest of every exhibit."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from recover.case import Case, acknowledged, handled, journal, lock, manifest, mending, private, warc
from recover.case.derived import Progress
from recover.sdk.counts import counted
from recover.sdk.errors import Integrity

PAPERS = f"out/{manifest.MANIFEST}"


class Answer(Enum):
    """What was found of one thing, from good to bad."""

    HOLDS = "holds"
    UNCHECKED = "not checked"
    APART = "not comparable"
    FAILS = "does not hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing examined: the answer, and what was seen."""

    name: str
    answer: Answer
    detail: str


def good(name: str, detail: str) -> Check:
    return Check(name=name, answer=Answer.HOLDS, detail=detail)


def bad(name: str, detail: str) -> Check:
    return Check(name=name, answer=Answer.FAILS, detail=detail)


def unchecked(name: str, detail: str) -> Check:
    return Check(name=name, answer=Answer.UNCHECKED, detail=detail)


def kept(case: Case) -> Iterator[Check]:
    head, number = case.head
    yield good("journal", f"{counted(len(case.entries), 'entry', 'entries')}; head {head} at entry {number}")
    if case.torn:
        yield bad("journal tail", f"{case.torn} bytes after the last whole entry")
    for before, entry in zip(case.entries, case.entries[1:], strict=False):
        if entry.time < before.time:
            back = f"entry {entry.number} is older than the one before it: {journal.moment(entry.time)}"
            if entry.kind == "clock":
                yield unchecked(
                    "clock", f"{back}; the computer's clock was set back, so that earlier times may be late"
                )
            else:
                yield bad("clock", f"{back}; no version of recover writes that without saying so")
    yield from _ahead(case)
    yield from _handled(case)
    if case.edited:
        yield bad("case.toml", "differs from the journal's last text")
    else:
        yield good("case.toml", "as the journal says")


def _handled(case: Case) -> Iterator[Check]:
    """Whether what custody says of hand-overs, holders and clocks is what the journal itself gives."""
    noted = [entry for entry in case.entries if entry.kind in handled.KINDS]
    wrong = [*handled.faults(case.entries)]
    yield from (bad("custody", f"entry {number}: {why}") for number, why in wrong)
    if noted and not wrong:
        yield good("custody", f"{counted(len(noted), 'entry', 'entries')} as the journal and the exhibits have it")


def issued(case: Case) -> Iterator[Check]:
    """Whether the copies of issued letters are what was captured when they went out."""
    wanted = {
        row["name"]: row["sha256"]
        for entry in case.entries
        if entry.kind == "signed" or (entry.kind == "letter" and entry.body["act"] == "issue")
        for row in entry.body.get("files", [])
    }
    if not wanted:
        return
    wrong = {name: why for name, digest in wanted.items() if (why := _copied(case, name, digest))}
    for name, why in wrong.items():
        yield bad(f"issued/{name}", f"{why}; the exhibit holds that")
    if not wrong:
        yield good("issued", f"{counted(len(wanted), 'file')} as issued")


def _copied(case: Case, name: str, digest: str) -> str:
    """What is wrong with a copy; empty where it is what went out."""
    try:
        return "" if warc.sha256(case.files.read(f"issued/{name}")) == digest else "is not what was issued"
    except FileNotFoundError:
        return "was issued, and is gone"
    except OSError:
        return "cannot be read, so it is not shown to be what was issued"


def _ahead(case: Case) -> Iterator[Check]:
    """Whether an entry lies after this computer's own clock: nothing else here depends on that clock."""
    last = max(case.entries, key=lambda entry: entry.time)
    now = datetime.now(UTC)
    if last.time > now + _SKEW:
        yield unchecked(
            "clock",
            f"entry {last.number} is of {journal.moment(last.time)}, and this computer's clock says "
            f"{journal.moment(now)}: one of the two is wrong",
        )


_SKEW = timedelta(minutes=5)


def headed(case: Case, head: str) -> Iterator[Check]:
    """Whether the head that a paper prints is one of this journal's."""
    if not head:
        return
    wanted = head.strip().lower()
    found = [e for e in case.entries if e.kind in journal.INPUTS and e.hash == wanted]
    if not found:
        yield bad(
            "head", f"no entry of this journal has the hash {wanted}: the paper was made from another journal"
        )
    elif found[0].hash == case.head[0]:
        yield good("head", f"entry {found[0].number}, the last on which results depend")
    else:
        later = sum(e.kind in journal.INPUTS and e.number > found[0].number for e in case.entries)
        yield good("head", f"entry {found[0].number}; {later} inputs came later, which the paper has not seen")


def papers(case: Case) -> Iterator[Check]:
    """Whether the documents in `out/` are ones that the journal says were written, byte for byte."""
    names = list(case.files.below("out"))
    if not names:
        if any(e.kind == "ran" and e.body["stage"] == "write" for e in case.entries):
            yield _absent(case)
        return
    found = manifest.manifest(case)
    head, number = found.head, found.entry
    if head and (number > len(case.entries) or case.entries[number - 1].hash != head):
        detail = (
            f"they name entry {number} with the hash {head}, which this journal does not have: it was shortened"
        )
        yield bad("out", detail + " or is an older copy, or the documents belong to another case")
    elif found.fault:
        yield bad(PAPERS, f"{found.fault}, so that nothing vouches for the documents")
    else:
        yield from _listed(case, names, found.files)


def unwritten(case: Case) -> tuple[list[tuple[str, str]], list[str]]:
    """What of `out/` is not as it was written, each with the reason, and what no list of written papers names."""
    listed, names = manifest.manifest(case).files, list(case.files.below("out"))
    if not case.files.has(PAPERS):
        return [], names
    found = [(check.name, check.detail) for check in papers(case) if check.answer is Answer.FAILS]
    strangers = [name for name, _ in found if listed and name.removeprefix("out/") not in listed and name != "out"]
    return [row for row in found if row[0] not in strangers], [name for name in strangers if name != PAPERS]


def _absent(case: Case) -> Check:
    last = next(e for e in reversed(case.entries) if e.kind in ("ran", "recovered") and _about_papers(e.body))
    if last.kind == "recovered":
        return good(
            "out", f"the documents no longer followed from the case, and were moved to {last.body['aside']}"
        )
    return unchecked("out", "the journal says that documents were written, and they are not here")


def _about_papers(body: Mapping[str, Any]) -> bool:
    return body.get("stage") == "write" or body.get("what") == mending.WITHDRAWN


def former(case: Case) -> Iterator[Check]:
    """What an upgrade or a run moved aside, results and papers: whether all of it is there, and as it was then."""
    for entry in case.entries:
        if entry.kind in ("upgraded", "kept"):
            yield from _kept(case, entry)


def _kept(case: Case, entry: journal.Entry) -> Iterator[Check]:
    body = entry.body
    kept, altered, said = (
        body.get("kept", f"former/{body['from']}"),
        body.get("altered", ()),
        body.get("papers", ()),
    )
    wrong, when = len(altered), _WHEN[entry.kind]
    # An upgrade moves what it finds, and makes nothing of it that was not there: what was not as written then is
    # not as written now.
    for name, why in altered:
        yield bad(f"{kept}/{name}", f"{when}: {why}")
    for name in body.get("strangers", ()):
        detail = f"stood in no list of what was written {when}: nothing vouches for it"
        yield unchecked(f"{kept}/{name}", detail)
    # Cut off, not all of it may have been moved yet.
    unmoved = _unmoved(case, entry)
    known = {f"{kept}/{name}" for name, _ in (*said, *body.get("results", ()))}
    for name, digest in (*said, *body.get("results", ())):
        place = f"{kept}/{name}" if not unmoved or case.files.has(f"{kept}/{name}") else name
        if not case.files.has(place):
            yield bad(f"{kept}/{name}", "is missing")
        elif hashlib.sha256(case.files.read(place)).hexdigest() != digest:
            yield bad(f"{kept}/{name}", "differs from what was there")
        else:
            continue
        wrong += 1
    # The entry of an older program names papers only: of what else lies there it says nothing.
    held = ("",) if "results" in body else ("out",)
    for part in held:
        folder = f"{kept}/{part}".rstrip("/")
        for place in case.files.below(folder) if case.files.has_folder(folder) else ():
            if place not in known:
                wrong += 1
                yield bad(place, f"was not there {when}")
    if known and not wrong:
        yield good("former", f"{len(said)} documents of format {body['from']} as they were")


_WHEN = {"upgraded": "when the case was upgraded", "kept": "when a run of another version kept the papers"}


def _unmoved(case: Case, entry: journal.Entry) -> bool:
    if entry.kind == "upgraded":
        return case.unfinished is not None and case.unfinished.number == entry.number
    return not any(one.kind == "writing" and one.number > entry.number for one in case.entries)


def _listed(case: Case, names: list[str], listed: Mapping[str, str]) -> Iterator[Check]:
    wrong = 0
    for name in sorted({f"out/{one}" for one in listed} | set(names)):
        said = listed.get(name.removeprefix("out/"))
        if name == PAPERS:
            continue
        if said is None:
            yield bad(name, "is in no list of what was written")
        elif name not in names:
            yield bad(name, "is missing")
        elif hashlib.sha256(case.files.read(name)).hexdigest() != said:
            yield bad(name, "differs from what was written")
        else:
            continue
        wrong += 1
    if not wrong:
        yield good("out", f"{counted(len(listed), 'document')} as written")


def stored(case: Case, progress: Progress) -> Iterator[Check]:
    """Every exhibit's digest, what was set aside, and bytes that nothing acknowledges."""
    known = case.exhibits()
    wrong = 0
    for done, one in enumerate(known):
        progress("verify", done, len(known))
        try:
            case.read(one)
            why = warc.contradicts(case.packed(one), one.name, one.captured)
        except Integrity as error:
            why = f"{error.what} {error.why}"
        if why:
            wrong += 1
            yield bad(f"exhibit {one.number}", why)
    if not wrong:
        yield good("exhibits", f"{len(known)} of {len(known)} digests hold")
    for number, aside in case.set_aside().items():
        yield good(f"exhibit {number}", f"set aside by {aside.by}: {aside.reason}")
    yield from _extra(case)
    gone = [e.body["aside"] for e in case.entries if e.kind == "recovered" and "aside" in e.body]
    for name in sorted({name for name in gone if not case.files.has(str(name))}):  # a file, or all of out/
        yield unchecked(str(name), "was moved aside by recover, and is not here")


def must_hold(case: Case, progress: Progress) -> None:
    """Raises Integrity naming the first exhibit that does not hold."""
    for check in stored(case, progress):
        if check.answer is Answer.FAILS:
            raise Integrity(
                "upgrade-damaged",
                f"The case {case.typed} is damaged: {check.name}.",
                check.detail,
                "Nothing was changed. Put the damaged file back from a copy, and upgrade then.",
            )


def _extra(case: Case) -> Iterator[Check]:
    ends = acknowledged.ends(case.exhibits())
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
        if len(later) > len(case.entries) and acknowledged.ends(acknowledged.stored(later)).get(name, 0) >= size:
            return unchecked(
                f"exhibits/{name}", "another process added to it meanwhile: verify again when it is done"
            )
        if not lock.busy(case.files):
            break
        time.sleep(0.1)
    return bad(f"exhibits/{name}", f"{size} bytes, and the journal acknowledges {end}")


def identities(case: Case) -> Iterator[Check]:
    said = private.noted(case.entries)
    if not said:
        return
    here = private.digest(case.files)
    if not here:
        yield unchecked("private", "was handed on without private/, or it was taken away")
    elif here != said:
        yield bad("private", "its files are not those that the journal knows")
    else:
        yield good("private", "as the journal knows it")
