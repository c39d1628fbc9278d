"""find: checkable statements. Off-ramps, value at rest, accounts that close, figures that rest on an order."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from recover.case import Case, tables
from recover.registry import Plugins
from recover.sdk.records import Gap
from recover.sdk.view import Finding, OffRamp
from recover.stages import Outcome, Progress, accounts, offramp, since, statements
from recover.stages.beside import Beside
from recover.stages.pins import core, pin, ran

KINDS = statements.KINDS


def run(case: Case, plugins: Plugins, progress: Progress) -> Outcome:
    """State what the trace found. Everything here is a function of derived tables and the case's settings."""
    began = time.monotonic_ns()
    pin(case, plugins)
    folder = case.derived / "find"
    inputs = {
        "core": core(),
        "trace": dict(tables.stamp(case.derived / "trace")),
        "asked": [dict(e.body) for e in case.entries if e.kind == "asked"],
        "plugins": sorted([o.name, o.sha256] for o in plugins.origins),
    }
    done = tables.stamp(folder) != inputs
    if done:
        _find(case, plugins, progress, inputs)
    else:
        ran(case, "find")
    counts = (
        ("off-ramps", tables.read(case, "offramps", ["address"]).num_rows),
        ("findings", tables.read(case, "findings", ["id"]).num_rows),
    )
    gaps = tables.read(case, "gaps", ["code"]).num_rows
    return Outcome(stage="find", done=done, counts=counts, gaps=gaps, ms=since(began))


def offramps(case: Case) -> tuple[OffRamp, ...]:
    """The off-ramps found, largest first inside a service. Raises Error when the stage has not run."""
    return tuple(offramp.of_row(row) for row in tables.read(case, "offramps").to_pylist())


def findings(case: Case) -> tuple[Finding, ...]:
    """All findings in order. Raises Error when the stage has not run."""
    return tuple(_finding(row) for row in tables.read(case, "findings").to_pylist())


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


def _find(case: Case, plugins: Plugins, progress: Progress, inputs: Mapping[str, Any]) -> None:
    progress("find", 0, 3)
    material = offramp.Material.of(case)
    ramps = offramp.find(material)
    progress("find", 1, 3)
    whole = accounts.close(material, ramps)
    ramps = accounts.attach(ramps, whole)
    progress("find", 2, 3)
    found = statements.make(case, material, ramps, whole, Beside.of(case, plugins, material))
    gaps = _gaps(case)
    with case.rebuilding(case.derived / "find") as fresh:
        tables.write(
            fresh, "offramps", pa.Table.from_pylist([offramp.to_row(r) for r in ramps], schema=offramp.TABLE)
        )
        tables.write(fresh, "accounts", accounts.table(whole))
        tables.write(fresh, "findings", pa.Table.from_pylist([_row(f) for f in found], schema=_FINDINGS))
        tables.write(fresh, "gaps", gaps)
        tables.mark(fresh, inputs)
    ran(case, "find", tables.digests(case, "find"))
    progress("find", 3, 3)


def _gaps(case: Case) -> pa.Table:
    """Every gap of every stage, with those that a live source failed to fill."""
    made = (("ledger", "decode"), ("link", "link"), ("trace", "trace"))
    pieces = [tables.load(case, case.derived / folder / "gaps.parquet", stage) for folder, stage in made]
    asked = [
        Gap(
            code="not-answered",
            subject=e.body["source"],
            why=e.body["why"],
            effect="What was asked stays open.",
        )
        for e in case.entries
        if e.kind == "asked" and e.body["why"]
    ]
    own = tables.gaps(asked)
    keys = [(name, "ascending") for name in ("code", "subject", "why", "effect")]
    return pa.concat_tables([*pieces, own]).sort_by(keys)


def _row(finding: Finding) -> dict[str, Any]:
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
