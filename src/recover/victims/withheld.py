"""Texts about exhibits that papers leave out: names of files, and who had them, may tell who a victim is.

A file keeps the name that it came with, and the journal has it: nobody can take it out of there. Papers name an
exhibit by its number and digest, and its file by name only where that tells nobody. Whether it does is known while
the identities are open, so it is noted then, and papers are made the same by who cannot open them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recover.case import Case, Stored
from recover.victims import known, leaks, spelled

FIELDS = ("name", "origin", "by")
"""What is said of an exhibit from outside, that a paper repeats."""

BROUGHT = frozenset({"import", "answer", "receipt", "signed"})
"""Methods of exhibits whose names persons chose; those of answers of servers are requests."""


def note(case: Case, records: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[int, ...]:
    """Journal which texts about which exhibits tell a person of these records; what was noted once stays.

    Returns the numbers of the exhibits of which there is something new.
    """
    # Where a person's wallet stands is what the case is about: a file named after it is named after an address.
    bare = [{**one, "wallet": (), "also": {**one.get("also", {}), "wallet": ()}} for _, one in records]
    sought = spelled.Names(sorted({text for one in bare for text in leaks.telling(one)}))
    new = []
    for one in case.exhibits():
        told = [field for field in FIELDS if sought.inside(getattr(one, field)) or field in (one.withheld or ())]
        if (told or one.method in BROUGHT) and one.withheld != tuple(told):
            new.append({"number": one.number, "obtained": None, "by": "", "origin": "", "withheld": told})
    case.note_each("obtained", new)
    return tuple(int(str(one["number"])) for one in new)


def of(case: Case) -> dict[int, tuple[str, ...]]:
    """By exhibit, what papers leave out. Of a file that came since the identities were last open nothing is known:
    what a person chose of it is left out until it is."""
    some = bool(known.every(case))
    found = {one.number: _of(one, some) for one in case.exhibits()}
    return {number: fields for number, fields in found.items() if fields}


def unknown(case: Case) -> tuple[int, ...]:
    """The exhibits whose texts were never held against the identities of the case."""
    some = bool(known.every(case))
    return tuple(one.number for one in case.exhibits() if one.withheld is None and _of(one, some))


def _of(one: Stored, victims: bool) -> tuple[str, ...]:
    if one.withheld is not None:
        return one.withheld
    return FIELDS if victims and one.method in BROUGHT else ()
