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
    own = derived.gaps([*asked, *_aside(case), *_clock(case)])
    keys = [(name, "ascending") for name in ("code", "subject", "why", "effect")]
    return pa.concat_tables([*pieces, own]).sort_by(keys)


def _aside(case: Case) -> list[Gap]:
    """Exhibits on which nothing rests by a person's decision."""
    known = {one.number: one for one in case.exhibits()}
    return [
        Gap(
            code="set-aside",
            subject=known[number].digest,
            why=f"Exhibit {number} ({known[number].name}) was set aside by {said.by}: {said.reason}",
            effect="Nothing rests on it; the report lists what traced value did before.",
        )
        for number, said in case.set_aside().items()
        if number in known
    ]


def _clock(case: Case) -> list[Gap]:
    return [
        Gap(
            code="clock-set-back",
            subject=f"entry {entry.number}",
            why=f"The computer's clock was set back, from {entry.body.get('before')} to {entry.body.get('now')}.",
            effect="Times of capture before or after that can be wrong by as much.",
        )
        for entry in case.entries
        if entry.kind == "clock"
    ]
