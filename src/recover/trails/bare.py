"""Bare: transactions of losses that are here, and of which no exhibit shows what they moved."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.sdk.view import Loss


def bare(case: Case, losses: Sequence[Loss]) -> dict[tuple[str, str], str]:
    """By chain and id of such a transaction, what a gap says of it: it is no id that nobody has."""
    rows = derived.read(case, "transactions", ["chain", "id", "whole", "exhibits"])
    rows = rows.filter(pc.is_in(rows["id"], value_set=pa.array([one.tx for one in losses if one.tx], pa.string())))
    found = {(row["chain"], row["id"]): row for row in rows.to_pylist()}
    said = {}
    for loss in losses:
        if loss.tx and (row := found.get((loss.chain, loss.tx))) is not None:
            lacks = "shows no movement" if row["whole"] else "does not show what it moved: that answer is lacking"
            where = f"exhibit {row['exhibits'][0]}"
            said[loss.chain, loss.tx] = f"The transaction of loss {loss.id} is here; {where} {lacks}."
    return said
