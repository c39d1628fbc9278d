"""Two trees of derived files: compared byte for byte, or row for row where other libraries made them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from recover.case import Case, derived, journal, rows
from recover.case.confined import Files
from recover.case.examined import Answer, Check, bad, good, unchecked
from recover.case.manifest import MANIFEST
from recover.sdk.counts import counted
from recover.sdk.errors import Error


def compare(case: Case, again: Case, libraries: Sequence[str]) -> Iterator[Check]:
    """File by file: the same bytes; made with other libraries, the same rows."""
    noted = list(_noted(case, again))
    yield from noted
    for part in ("derived", "out"):
        here = set(case.files.below(part))
        if not here:
            if part == "derived" and not noted:
                yield unchecked("derived", "is not here; made again, it has the rows that the journal knows")
            continue
        loose = strays(case)
        names = sorted(name for name in here | set(again.files.below(part)) if folder(name) not in loose)
        wrong = [name for name in names if not _equal(case, again, name, rowwise=bool(libraries))]
        for name in wrong:
            yield _differing(case, again, name, libraries)
        if not wrong and libraries:
            yield good(part, f"{counted(len(names), 'file')} made again with other libraries, the same rows")
        elif not wrong and names:
            yield good(part, f"{counted(len(names), 'file')} made again, the same bytes")


def _differing(case: Case, again: Case, name: str, libraries: Sequence[str]) -> Check:
    if again.files.size(name) is None:
        return bad(name, "is not made by any stage")
    if case.files.size(name) is None:
        return bad(name, "is missing when made again")
    if libraries and _excused(case, again, name, libraries):
        detail = f"differs when made again with other libraries: {'; '.join(libraries[:5])}"
        return Check(name=name, answer=Answer.APART, detail=detail)
    same = name.endswith(".parquet") and same_rows(case, again, name)
    return bad(name, "differs when made again" + (", though its rows are the same" if same else ""))


_PRINTS = ("typst", "fontpkg", "pillow")
"""Libraries, by the beginning of their names, that have a part in how a PDF looks."""

_TEXTS = ("cpython", "pypy")
"""What has a part in how a text is written: Python alone, by its tables of characters."""


def _excused(case: Case, again: Case, name: str, libraries: Sequence[str]) -> bool:
    """Whether a file other than a table may differ because of libraries that differ.

    What a page says follows from rows, which are the same, and from the program, which is the same. A version that
    somebody wrote into the journal must not excuse another figure on it.
    """
    others = [text.casefold() for text in libraries]
    if name.endswith(".pdf"):
        return any(text.startswith(_PRINTS) for text in others)
    if any(text.startswith(_TEXTS) for text in others):
        return True
    return name == f"out/{MANIFEST}" and _but_for_prints(case, name) == _but_for_prints(again, name)


def _but_for_prints(case: Case, name: str) -> list[tuple[str, str]]:
    try:
        listed = json.loads(case.files.read(name))["files"]
        return [(row["name"], "" if row["name"].endswith(".pdf") else row["sha256"]) for row in listed]
    except (ValueError, KeyError, TypeError):
        return []


def _noted(case: Case, again: Case) -> Iterator[Check]:
    """Whether the tables made again have the rows whose digests the journal noted."""
    for stage, folder in derived.FOLDERS.items():
        said: Mapping[str, str] = {}
        for entry in case.entries:
            if entry.kind == "ran" and entry.body["stage"] == stage:
                said = entry.body.get("tables", said)
        found = derived.made(again, stage)  # what was worked out of the rows a moment ago, as they were written
        wrong = sorted(name for name in said.keys() | found.keys() if said.get(name) != found.get(name))
        if wrong:
            have = "have" if len(wrong) > 1 else "has"
            yield bad(
                f"derived/{folder}", f"made again, {', '.join(wrong[:5])} {have} other rows than the journal says"
            )


def _equal(case: Case, again: Case, name: str, *, rowwise: bool) -> bool:
    if case.files.size(name) is None or again.files.size(name) is None:
        return False
    if rowwise and name.endswith(".parquet"):
        return same_rows(case, again, name)
    return case.files.read(name) == again.files.read(name)


def same_rows(case: Case, again: Case, name: str) -> bool:
    try:
        one, two = (rows.digest(derived.as_it_is(c, name)) for c in (case, again))
    except (Error, OSError):
        return False
    return one == two


def strays(case: Case) -> frozenset[str]:
    """Folders of decoded files whose import was cut off before its exhibit was acknowledged: no evidence."""
    known = {one.digest[:16] for one in case.exhibits()}  # what follows a hyphen names the request
    here = case.files.listed("derived/decoded")
    return frozenset(f"derived/decoded/{name}" for name in here if name.split(".")[0].split("-")[0] not in known)


def folder(name: str) -> str:
    return "/".join(name.split("/")[:3])


def tables_of(files: Files) -> set[str]:
    names = (name for root in derived.FOLDERS.values() for name in files.below(f"derived/{root}"))
    return {name for name in names if name.endswith(".parquet")}


def apart(case: Case, again: Case, other: tuple[str, ...]) -> Check:
    """Rows made with other versions: they may tell nothing of the case, and what they tell is said."""
    wrong = [name for name in tables_of(case.files) | tables_of(again.files) if not same_rows(case, again, name)]
    detail = f"made with other versions of {', '.join(other)}. "
    detail += (
        f"Made again with these, {len(wrong)} differ, it cannot be told why: {', '.join(sorted(wrong)[:5])}."
        if wrong
        else "Made again with these, not one row differs."
    )
    return Check(name="derived", answer=Answer.APART, detail=detail)


def settled(case: Case, checks: list[Check]) -> list[Check]:
    """The same, unless the case changed meanwhile: then what differs tells nothing, and is looked at again."""
    if case.files.size(journal.FILE) == sum(len(e.line()) for e in case.entries) + case.torn:
        return checks
    later = "; the case was changed by another process meanwhile: verify again when it is done"
    return [unchecked(c.name, c.detail + later) if c.answer is Answer.FAILS else c for c in checks]
