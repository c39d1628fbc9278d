"""The gaps of a case as papers state them, by code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recover.sdk import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Gaps of one code: how many, and what the first says."""

    code: str
    count: int
    subjects: tuple[str, ...]
    why: str
    effect: str
    effects: int
    share: int = 0
    affects: tuple[tuple[str, int], ...] = ()


def gaps(view: View) -> tuple[Missing, ...]:
    """Gaps by code, those that concern most traced value first."""
    if "gaps" not in view.tables:
        return ()
    rows = gap_rows(view)
    counted = Counter(row["code"] for row in rows)
    made = [missing(code, [r for r in rows if r["code"] == code], count) for code, count in counted.items()]
    return tuple(sorted(made, key=lambda gap: (-gap.share, -gap.count, gap.code)))


def gap_rows(view: View) -> list[Mapping[str, Any]]:
    """The gaps with the traced value that each concerns; none where the table does not say."""
    table = view.tables["gaps"]()
    names = [n for n in ("code", "subject", "why", "effect", "share", "affects") if n in table.column_names]
    return [{"share": 0, "affects": "{}", **row} for row in table.select(names).to_pylist()]


def affected(view: View, *codes: str) -> Iterator[tuple[Mapping[str, Any], str, int]]:
    """The gaps of these codes, once for each asset of which traced value passed the subject, and how much."""
    for row in gap_rows(view) if "gaps" in view.tables else ():
        if row["code"] in codes:
            yield from ((row, asset, int(n)) for asset, n in sorted(json.loads(row["affects"] or "{}").items()))


def missing(code: str, rows: Sequence[Mapping[str, Any]], count: int) -> Missing:
    """Gaps of one code, `count` in all, as `rows` of them say.

    `affects` is, by asset, what passed one subject, the one that most passed: what passed several is one value.
    """
    mine = sorted(rows, key=lambda r: (-r.get("share", 0), r["subject"], r["why"], r["effect"]))
    sums: dict[str, int] = {}
    for affects in {r["subject"]: json.loads(r.get("affects") or "{}") for r in mine}.values():
        for asset_id, amount in affects.items():
            sums[asset_id] = max(sums.get(asset_id, 0), int(amount))
    return Missing(
        code=code,
        count=count,
        subjects=tuple(dict.fromkeys(r["subject"] for r in mine)),
        # Of the first in order, so that the same gaps always give the same sentence.
        why=mine[0]["why"],
        effect=mine[0]["effect"],
        effects=len({r["effect"] for r in mine}),
        share=sum({r["subject"]: r.get("share", 0) for r in mine}.values()),
        affects=tuple(sorted(sums.items())),
    )
