"""Everything that was not examined: the gaps of every stage, and what a source was asked and did not answer."""

from __future__ import annotations

import pyarrow as pa

from recover.case import Case, derived
from recover.findings.affected import ranked
from recover.sdk.records import Gap


def unexamined(case: Case) -> pa.Table:
    """Every gap of every stage, with those that a live source failed to fill, those that concern most value first.

    Of what one source was asked, its last answer counts: a key that was set later leaves no gap.
    """
    made = (("ledger", "decode"), ("link", "link"), ("trace", "trace"))
    pieces = [derived.load(case, case.derived / folder / "gaps.parquet", stage) for folder, stage in made]
    last = {(e.body["source"], e.body.get("ask")): e.body["why"] for e in case.entries if e.kind == "asked"}
    answered = {ask for (_, ask), why in last.items() if not why}
    # From the journal: a source that fails leaves no exhibit in which a gap could stand.
    asked = [
        Gap(code="not-answered", subject=source, why=why, effect="What was asked stays open.")
        for (source, ask), why in last.items()
        if why and ask not in answered
    ]
    return ranked(case, pa.concat_tables([*pieces, derived.gaps(asked)]))
