"""Labels of several sources for one address, resolved into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.ownership import KINDS
from recover.linking.policy import TABLE
from recover.sdk.records import Gap


def resolve(said: pa.Table) -> tuple[pa.Table, list[Gap]]:
    """One label an address: the best grade wins, and an equal contradiction between services names none.

    What a source says of two addresses' one owner is no label of either.
    """
    said = said.filter(pc.invert(pc.is_in(said.column("kind"), value_set=pa.array(KINDS))))
    best: dict[tuple[str, str], dict[str, Any]] = {}
    rivals: dict[tuple[str, str], set[str]] = {}
    for row in said.to_pylist():
        key = (row["chain"], row["address"])
        kept = best.get(key)
        # A surer one begins anew: what weaker labels disagreed on no longer matters. Of equal ones, a named
        # service wins.
        if kept is None or (row["grade"], not row["service"]) < (kept["grade"], not kept["service"]):
            best[key] = row
            rivals[key] = set()
        elif row["grade"] == kept["grade"] and row["service"] and row["service"] != kept["service"]:
            rivals[key].add(row["service"])
    gaps = []
    for key, others in rivals.items():
        if others:
            names = sorted({best[key]["service"], *others})
            gaps.append(_conflict(*key, names))
            best[key] = {**best[key], "service": "", "note": "sources disagree: " + ", ".join(names)}
    rows = [best[key] for key in sorted(best)]
    return pa.Table.from_pylist(rows, schema=TABLE), gaps


def _conflict(chain: str, address: str, names: Sequence[str]) -> Gap:
    return Gap(
        code="label-conflict",
        subject=f"{chain}:{address}",
        why=f"Labels of one grade name different services: {', '.join(names)}.",
        effect="It is treated as unlabelled.",
    )
