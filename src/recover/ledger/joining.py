"""The ledger of a case, joined: with the exhibits that came since the last time, or of all of them anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger import TABLES, Part, build
from recover.ledger.extended import Before, extended
from recover.ledger.join import READ, Read, Tables
from recover.ledger.parts import decided, holds, joined_gaps, looks, named, read, register
from recover.plugins.registry import Plugins

Joined: TypeAlias = tuple[dict[str, pa.Table], dict[str, Any]]
"""The ledger's tables, and what a later join has to know of them."""


def joined(case: Case, plugins: Plugins, found: Sequence[Part], inputs: Mapping[str, Any]) -> Joined:
    """The ledger's tables, and what a later join has to know of them.

    `inputs` are what the stage notes of this join: it says what changed since the last one.
    """
    # Ranked among themselves: an exhibit of labels alone must change nothing here.
    fed, of = [p for p in found if holds(case, p, *READ)], partial(read, case)
    said = register(plugins), named(case), decided(case), looks(plugins)
    more = None
    if (fresh := _since(case, inputs)) is not None:
        before, rest = _before(case)
        more = extended(before, fed, fresh, *said, of)
    if more is not None:
        made, told = more
        gaps = [rest, *(joined_gaps(p, case) for p in found if p.exhibit in (fresh or ()))]
    else:
        made = build(fed, *said, of)
        told, gaps = derived.gaps(made.gaps), [joined_gaps(p, case) for p in found]
    tables = {name: getattr(made, name) for name in TABLES}
    kept = (_unanswered(rows.cast(told.schema), fed, of) for rows in gaps)
    tables["gaps"] = pa.concat_tables([told, *kept])
    return tables, {"gaps": told.num_rows, "loose": made.loose}


def _unanswered(gaps: pa.Table, parts: Sequence[Part], of: Read) -> pa.Table:
    """The gaps of one exhibit, without those that another answers: what it lacks is asked of all."""
    asked = pc.equal(gaps["code"], VALUE)
    names = [subject.rpartition(":")[::2] for subject in gaps.filter(asked)["subject"].to_pylist()]
    if not names:
        return gaps
    wanted, shown = pa.array(sorted({tx for _, tx in names}), pa.string()), set[tuple[str, str]]()
    for part in parts:
        if (rows := of(part, "transactions")) is not None:
            rows = rows.filter(pc.is_in(rows["id"], value_set=wanted)).select(["chain", "id", "facts"])
            rows = rows.filter(pc.match_substring(rows["facts"], _VALUE))
            shown.update(zip(rows["chain"].to_pylist(), rows["id"].to_pylist(), strict=True))
    answered = pa.array([f"{chain}:{tx}" for chain, tx in names if (chain, tx) in shown], pa.string())
    return gaps.filter(pc.invert(pc.and_(asked, pc.is_in(gaps["subject"], value_set=answered))))


VALUE, _VALUE = "value-unknown", '"value":'
"""The gap of a receipt without its transaction, and what the facts of a transaction have that is here. Facts are
canonical JSON, so that the text alone can be searched."""


def _since(case: Case, inputs: Mapping[str, Any]) -> set[int] | None:
    """The exhibits that came since the last join, where nothing else changed; None where all is joined anew."""
    last = derived.stamp(case, "ledger")
    if "joined" not in last or {**last, "parts": 0, "joined": 0} != {**inputs, "parts": 0, "joined": 0}:
        return None
    were = last["parts"]
    if inputs["parts"][: len(were)] != were:
        return None
    old, fresh = ({exhibit for exhibit, *_ in part} for part in (were, inputs["parts"][len(were) :]))
    return None if old & fresh else fresh


def _before(case: Case) -> tuple[Before, pa.Table]:
    """The ledger as it was joined last, and the gaps of single exhibits that stand with it."""
    noted = derived.stamp(case, "ledger")["joined"]
    gaps = derived.load(case, case.derived / "ledger" / "gaps.parquet", "decode")
    tables = Tables(**{name: derived.read(case, name) for name in TABLES}, gaps=(), loose=noted["loose"])
    return Before(tables=tables, gaps=gaps.slice(0, noted["gaps"])), gaps.slice(noted["gaps"])
