"""Openings: where no exhibit shows what an address held before the movements that it shows.

The least that these need is counted as the holder's own. With more of it rules that agree can differ, so that what
is said of every rule is said of the movements shown.
"""

from __future__ import annotations

import json

import pyarrow.compute as pc

from recover.report import figures, lacks
from recover.report.texts import Texts
from recover.sdk import View
from recover.trails.missing import HELD


def said(view: View, t: Texts, asset: str | None = None) -> str:
    """What a sentence on every rule says of them, of one asset or of any; empty where none is open."""
    found = unknown(view)
    return t.say("order.opening") if (found if asset is None else asset in found) else ""


@figures.settled
def unknown(view: View) -> frozenset[str]:
    """The assets that traced value was paid on in, out of addresses of which it is open what they held before."""
    return frozenset(asset for _, asset in short(view) | begun_late(view))


@figures.settled
def short(view: View) -> frozenset[tuple[str, str]]:
    """The addresses, by asset, that traced value met under a rule, and that paid more than had come in."""
    rows = lacks.gap_rows(view) if "gaps" in view.tables else []
    mine = (row for row in rows if row["code"] in ("opening-balance", HELD))
    found = ((row, json.loads(row["affects"])) for row in mine)
    return frozenset((row["subject"], asset) for row, affects in found for asset in affects)


@figures.settled
def begun_late(view: View) -> frozenset[tuple[str, str]]:
    """The addresses, by asset, that paid traced value on, and whose history is claimed only from a moment on."""
    if not {"flows", "transfers", "coverage"} <= set(view.tables):
        return frozenset()
    flows = view.tables["flows"]()
    moved = flows.filter(pc.equal(flows.column("event"), "move")).column("seq")
    paid = view.tables["transfers"]().select(["chain", "src", "asset"]).take(moved)
    claims: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in view.tables["coverage"]().to_pylist():
        claims.setdefault((row["chain"], row["address"] or ""), []).append(row)
    found = set()
    for row in paid.group_by(paid.column_names).aggregate([]).to_pylist():
        places = ((row["chain"], row["src"]), (row["chain"], ""))
        mine = [c for at in places for c in claims.get(at, ()) if c["asset"] in (None, row["asset"])]
        if mine and all(c["since"] is not None or c["since_height"] for c in mine):
            found.add((row["src"], row["asset"]))
    return frozenset(found)
