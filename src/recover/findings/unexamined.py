"""Everything that was not examined: the gaps of every stage, and what a source was asked and did not answer."""

from __future__ import annotations

import pyarrow as pa

from recover.case import Case, derived
from recover.sdk.records import Gap


def unexamined(case: Case) -> pa.Table:
    """Every gap of every stage, with those that a live source failed to fill."""
    made = (("ledger", "decode"), ("link", "link"), ("trace", "trace"))
    pieces = [derived.load(case, case.derived / folder / "gaps.parquet", stage) for folder, stage in made]
    asked = [
        Gap(
            # From the journal: a source that fails leaves no exhibit in which a gap could stand.
            code="not-answered",
            subject=e.body["source"],
            why=e.body["why"],
            effect="What was asked stays open.",
        )
        for e in case.entries
        if e.kind == "asked" and e.body["why"]
    ]
    own = derived.gaps(asked)
    keys = [(name, "ascending") for name in ("code", "subject", "why", "effect")]
    return pa.concat_tables([*pieces, own]).sort_by(keys)
