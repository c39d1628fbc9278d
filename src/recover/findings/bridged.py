"""Traced value at bridges: what crossed, what stopped there, and the candidates that a person may accept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from recover.case import Case, derived
from recover.findings.evidence import Row, Slots
from recover.trails.passages import CLAIMED, FOLLOWED, OPEN, UNPAID
from recover.trails.sides import CANDIDATE, named


def made(case: Case) -> Iterator[Row]:
    """The findings `crossing`, `crossing-open`, `crossing-claimed` and `crossing-candidate`, each in the order of
    the ledger."""
    rows = derived.read(case, "crossings").to_pylist()
    yield from (_crossing(row) for row in rows if row["state"] == FOLLOWED)
    yield from (_open(row) for row in rows if row["state"] not in UNPAID)
    yield from (_claimed(row) for row in rows if row["state"] == CLAIMED)
    # One that was accepted stands among the candidates too: what a person accepted is this, and can be undone.
    yield from (_candidate(row) for row in rows if row["state"] == CANDIDATE or row["accepted"])


def _crossing(row: dict[str, Any]) -> Row:
    slots: Slots = {
        **_sent(row),
        "sold": int(row["amount"]),
        "into": row["into"],
        "bought": int(row["arrived"]),
        "carried": int(row["carried"]),
        "kept": _number(row["fee"]),
        "to": row["to_address"],
        "to_transaction": row["to_tx"],
        "level": row["level"],
        "refund": "yes" if row["refund"] else "",
        "method": row["method"],
    }
    return "crossing", row["address"], row["grade"], slots, tuple(row["exhibits"])


def _open(row: dict[str, Any]) -> Row:
    slots: Slots = {
        **_sent(row),
        "sold": int(row["amount"]),
        "into": row["into"],
        "promised": _number(row["promised"]),
        "to": row["to_address"],
        "why": "" if row["state"] == OPEN else row["state"],
        "method": row["method"],
    }
    return "crossing-open", row["address"], row["grade"], slots, tuple(row["exhibits"])


def _claimed(row: dict[str, Any]) -> Row:
    _, subject, _, slots, exhibits = _candidate(row)
    # What the record says of a payment that its own exhibits speak against is worth no more than a candidate.
    slots |= {"key": named(row["key"]), "why": row["why"], "bought": _number(row["arrived"]) or None}
    return "crossing-claimed", subject, "D", slots, exhibits


def _candidate(row: dict[str, Any]) -> Row:
    slots: Slots = {
        "protocol": row["protocol"],
        "key": row["key"],
        "asset": row["asset"],
        "sold": int(row["amount"]),
        "transaction": row["tx"],
        "to_chain": row["to_chain"],
        "to_transaction": row["to_tx"],
        "into": row["into"],
        "bought": int(row["arrived"]),
        "to": row["to_address"],
        "method": row["method"],
    }
    return CANDIDATE, row["address"], "D", slots, tuple(row["exhibits"])


def _sent(row: dict[str, Any]) -> Slots:
    return {
        "protocol": row["protocol"],
        "key": named(row["key"]),
        "asset": row["asset"],
        "amount": int(row["traced"]),
        "transaction": row["tx"],
        "to_chain": row["to_chain"],
    }


def _number(text: str) -> int | None:
    return int(text) if text else None
