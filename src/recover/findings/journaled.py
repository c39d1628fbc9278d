"""Journaled: whether results agree with what the journal holds of them, before anything is compared with them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from recover.case import Case, derived, examined, seals
from recover.sdk import amounts
from recover.sdk.ends import recorded
from recover.sdk.errors import Integrity

_RESULT = "out/result.json"

_Sums: TypeAlias = Counter[tuple[str, ...]]


def unlike(case: Case) -> list[tuple[str, str]]:
    """The files of results that are not what the journal says was made, each with the reason.

    Older programs noted the digest of no table. What they wrote from the tables is noted: `result.json` has the
    same figures, so the tables are held to those.
    """
    found = [*_sealed(case)]
    if "derived/find" not in seals.known(case) and (said := _result(case)) is not None:
        found += _figures(case, said)
    return found


def _sealed(case: Case) -> Iterator[tuple[str, str]]:
    for folder, sums in sorted(seals.known(case).items()):
        for name, digest in sorted(sums.items()):
            place = f"{folder}/{name}"
            if case.files.has(place) and hashlib.sha256(case.files.read(place)).hexdigest() != digest:
                yield place, "differs from what the journal says was made"


def _result(case: Case) -> Mapping[str, Any] | None:
    """What was written of the results that are here; None where nothing was, or where it is not as written."""
    ran = {e.body["stage"]: e.number for e in case.entries if e.kind == "ran" and "stage" in e.body}
    altered, strangers = examined.unwritten(case)
    if ran.get("write", 0) < ran.get("find", 0) or not case.files.has(_RESULT):
        return None
    if _RESULT in {name for name, _ in altered} or _RESULT in strangers:
        return None
    try:
        found = json.loads(case.files.read(_RESULT))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _figures(case: Case, said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    why = "its figures are not those of result.json, which was written from it"
    for name, wanted, shown in (("offramps", "offramps", _ramps), ("ends", "ends", _ends)):
        stage, place = derived.PLACES[name]
        path = f"derived/{place}.parquet"
        if wanted not in said or not case.files.has(path):
            continue
        try:
            rows = derived.load(case, case.path / path, stage)
        except Integrity:
            continue  # it cannot be read, which is said where it is compared
        here = shown(rows.to_pylist() if name == "offramps" else _declared(case, rows))
        if here != shown(said[wanted]):
            yield path, why


def _declared(case: Case, ends: Any) -> list[dict[str, Any]]:
    rows = recorded(ends, case.settings.rule).to_pylist()
    return [{**row, "amount": amounts.join(row["amount"], row["wide"])} for row in rows]


def _ramps(rows: Iterable[Mapping[str, Any]]) -> _Sums:
    found: _Sums = Counter()
    for row in rows:
        found[str(row["address"]), str(row["asset"])] += int(row["amount"])
    return +found


def _ends(rows: Iterable[Mapping[str, Any]]) -> _Sums:
    """By reason and asset, whatever the place and the loss: rows of both give the same sums."""
    found: _Sums = Counter()
    for row in rows:
        found[str(row["reason"]), str(row["asset"])] += int(row["amount"])
    return +found
