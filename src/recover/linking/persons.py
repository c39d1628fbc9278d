"""What persons say of addresses, as assertions: names by hand, names taken away, addresses set apart or joined."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pyarrow as pa

from recover.case import Case
from recover.linking.ownership import APART, PERSON
from recover.linking.policy import TABLE

_SURE = "B"


def said(case: Case) -> pa.Table:
    """The acts that count, as rows of assertions. A withdrawal is no row of its own: see `withdrawn`."""
    rows: list[dict[str, Any]] = []
    for number, at, body in _acts(case):
        rows += _rows(number, at, body)
    return pa.Table.from_pylist([{**_EMPTY, **row} for row in rows], schema=TABLE)


def withdrawn(case: Case, rows: pa.Table) -> pa.Table:
    """Labels with the withdrawal that a person declared of them, which the ladder then leaves out and prints."""
    taken = {
        (body["chain"], body["address"], body["withdraw"].casefold()): (at, f"{body['reason']} ({body['by']})")
        for _, at, body in _acts(case)
        if body["act"] == "assert" and body["withdraw"]
    }
    if not taken or not rows.num_rows:
        return rows
    made = []
    for row in rows.to_pylist():
        key = (row["chain"], row["address"], row["service"].casefold())
        if key in taken and row["kind"] == "label":
            at, why = taken[key]
            row = {**row, "params": _json({**json.loads(row["params"] or "{}"), "withdrawn": at, "why": why})}
        made.append(row)
    return pa.Table.from_pylist(made, schema=TABLE)


def inputs(case: Case) -> list[list[Any]]:
    """What of the acts the linking rests on, so that it runs again when they change."""
    return [[number, at, dict(body)] for number, at, body in _acts(case)]


def _acts(case: Case) -> list[tuple[int, str, dict[str, Any]]]:
    """(number, day, body) of the acts on addresses that count."""
    noted = [entry for entry in case.entries if entry.kind == "act"]
    undone = {entry.body["of"] for entry in noted if entry.body["act"] == "undo"}
    return [
        (number, entry.time.date().isoformat(), dict(entry.body))
        for number, entry in enumerate(noted, 1)
        if number not in undone and entry.body["act"] in ("assert", "split", "join")
    ]


_EMPTY: dict[str, Any] = {
    f.name: None if f.nullable else [] if f.name == "transactions" else 0 if pa.types.is_integer(f.type) else ""
    for f in TABLE
} | {"method": PERSON, "version": "1", "role": "other", "params": "{}"}


def _rows(number: int, at: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    about = {"chain": body["chain"], "source": f"{body['by']} (act {number})", "origin": _origin(body)}
    about |= {"note": body["reason"], "place": number}
    if body["act"] == "assert":
        return [] if body["withdraw"] else [_label(at, body, about)]
    names: Sequence[str] = body["addresses"]
    if body["act"] == "split":
        params = _json({"group": number})
        return [{**about, "kind": APART, "address": name, "grade": _SURE, "params": params} for name in names]
    grade = body.get("grade") or _SURE  # an older version asked for none
    return [{**about, "kind": "same-owner", "address": a, "other": b, "grade": grade} for a, b in pairwise(names)]


SAID = "person: "
"""How the origin of a name by hand says that it is a person's word; what follows is free text."""
NOBODY = "the persons of this case"
"""What follows where nobody said from whom."""


def _origin(body: dict[str, Any]) -> str:
    """Where a person has it from: what was said once is one origin, whoever of the case typed it."""
    source = " ".join(str(body.get("source") or "").split())
    return f"{SAID}{source or NOBODY}"


def _label(at: str, body: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    told = {"until": body["until"], "given": at, "from": body["source"]}
    return {
        **about,
        "kind": "label",
        "address": body["address"],
        "service": body["service"],
        "label": f"{body['service']} (by hand)",
        "role": body["role"],
        "category": "exchange" if body["role"] in ("hot-wallet", "deposit") else "",
        "grade": body["grade"],
        "asserted": body["as_of"] or at,
        "params": _json({name: value for name, value in told.items() if value}),
    }


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
