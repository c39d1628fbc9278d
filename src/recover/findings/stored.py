"""Findings and off-ramps as they are stored, and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import pyarrow as pa

from recover.case import Case, derived
from recover.sdk.view import Finding, OffRamp

OFFRAMPS = pa.schema(
    [
        *((n, pa.string()) for n in ("service", "service_name", "address", "chain", "asset", "symbol")),
        *((n, pa.string()) for n in ("amount", "arrived", "swept", "whole_in", "passed_on", "at_rest")),
        *((n, pa.int64()) for n in ("decimals", "transfers", "sweeps")),
        ("hot_wallets", pa.list_(pa.string())),
        ("grade", pa.string()),
        ("basis", pa.string()),
        ("first", pa.timestamp("us", tz="UTC")),
        ("last", pa.timestamp("us", tz="UTC")),
        ("transactions", pa.list_(pa.string())),
        ("sweep_transactions", pa.list_(pa.string())),
        ("exhibits", pa.list_(pa.int64())),
        ("by_rule", pa.string()),
        ("by_loss", pa.string()),
        ("reversed_ties", pa.string()),
        ("through", pa.string()),
        ("deposit", pa.bool_()),
        *((n, pa.string()) for n in ("credited", "unswept", "elsewhere", "elsewhere_at", "by_rule_and_loss")),
        *((n, pa.string()) for n in ("fees", "unfollowed")),
        *((n, pa.string()) for n in ("possible", "memo", "account")),
        ("by_memo", pa.bool_()),
        ("by_order", pa.string()),
        *((n, pa.string()) for n in ("by_order_and_loss", "by_rule_and_order", "unswept_bounds")),
    ]
)

_EXACT = (
    *("amount", "arrived", "swept", "whole_in", "passed_on", "at_rest", "reversed_ties"),
    *("credited", "unswept", "elsewhere", "fees", "unfollowed"),
)
_MAPS = ("by_rule", "by_loss", "elsewhere_at")
_NESTED = ("by_rule_and_loss", "by_order", "by_order_and_loss", "by_rule_and_order", "unswept_bounds")


def ramp_row(ramp: OffRamp) -> dict[str, Any]:
    """An off-ramp as it is stored: exact amounts as decimal text, maps as canonical JSON."""
    row: dict[str, Any] = {f.name: getattr(ramp, f.name) for f in fields(ramp)}
    for name in _EXACT:
        row[name] = None if row[name] is None else str(row[name])
    for name in _MAPS:
        row[name] = _text({k: str(v) for k, v in row[name].items()})
    for name in _NESTED:
        row[name] = _text({key: {k: str(v) for k, v in found.items()} for key, found in row[name].items()})
    for name in ("hot_wallets", "transactions", "sweep_transactions", "exhibits"):
        row[name] = list(row[name])
    return row


def ramp_of(row: Mapping[str, Any]) -> OffRamp:
    """The inverse of `ramp_row`."""
    # A table of before these were told has none.
    found = {"fees": "0", "by_rule_and_order": "{}", "unswept_bounds": "{}", **row}
    if "unswept_bounds" not in row and row["through"] in row["hot_wallets"]:
        found["unswept"] = None
    for name in _EXACT:
        found[name] = None if found[name] is None else int(found[name])
    for name in _MAPS:
        found[name] = {k: int(v) for k, v in json.loads(found[name]).items()}
    for name in _NESTED:
        both = json.loads(found[name])
        found[name] = {key: {k: int(v) for k, v in sums.items()} for key, sums in both.items()}
    for name in ("hot_wallets", "transactions", "sweep_transactions", "exhibits"):
        found[name] = tuple(found[name])
    return OffRamp(**found)


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def offramps(case: Case) -> tuple[OffRamp, ...]:
    """The off-ramps found, largest first inside a service. Raises Error when the stage has not run."""
    return tuple(ramp_of(row) for row in derived.read(case, "offramps").to_pylist())


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
