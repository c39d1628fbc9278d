"""Findings and off-ramps as they are stored, and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from recover.case import Case, derived
from recover.findings import offramp
from recover.sdk.view import Finding, OffRamp


def offramps(case: Case) -> tuple[OffRamp, ...]:
    """The off-ramps found, largest first inside a service. Raises Error when the stage has not run."""
    return tuple(offramp.of_row(row) for row in derived.read(case, "offramps").to_pylist())


def findings(case: Case) -> tuple[Finding, ...]:
    """All findings in order. Raises Error when the stage has not run."""
    return tuple(_finding(row) for row in derived.read(case, "findings").to_pylist())


_FINDINGS = pa.schema(
    [
        ("id", pa.string()),
        ("kind", pa.string()),
        ("subject", pa.string()),
        ("grade", pa.string()),
        ("slots", pa.string()),
        ("exhibits", pa.list_(pa.int64())),
    ]
)


def to_row(finding: Finding) -> dict[str, Any]:
    """A finding as it is stored: slots as canonical JSON."""
    return {
        "id": finding.id,
        "kind": finding.kind,
        "subject": finding.subject,
        "grade": finding.grade,
        "slots": json.dumps(_plain(finding.slots), sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        "exhibits": list(finding.exhibits),
    }


def _plain(slots: Mapping[str, object]) -> dict[str, object]:
    """Integers are kept as {"int": text}: JSON readers elsewhere may lose digits past 2**53."""
    return {k: {"int": str(v)} if isinstance(v, int) else v for k, v in slots.items()}


def _finding(row: Mapping[str, Any]) -> Finding:
    def value(v: Any) -> Any:
        if isinstance(v, dict):
            return int(v["int"])
        return tuple(v) if isinstance(v, list) else v

    slots = {k: value(v) for k, v in json.loads(row["slots"]).items()}
    exhibits: Sequence[int] = row["exhibits"]
    return Finding(
        id=row["id"],
        kind=row["kind"],
        subject=row["subject"],
        grade=row["grade"],
        slots=slots,
        exhibits=tuple(exhibits),
    )
