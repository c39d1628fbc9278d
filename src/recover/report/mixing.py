"""Where value of other origins came to addresses that traced value was paid on from."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from recover.ledger import lookalikes
from recover.ledger.fees import UNSHOWN
from recover.report import figures, lacks, openings, unsettled
from recover.sdk import View, amounts
from recover.trails.flows import arriving


def mixed(view: View, asset_id: str) -> frozenset[str] | None:
    """The addresses that traced value was paid on from, and at which other value came in too, in one asset.

    None where the tables of the trace are not at hand, nothing was paid on, no exhibit claims to hold the history
    of who paid, or dust came that is in no lot. What an address held before counts
    as other value.
    """
    if not {"flows", "transfers"} <= set(view.tables):
        return None
    flows, moved = view.tables["flows"](), view.tables["transfers"]()
    took = arriving(flows)
    ends = moved.select(["src", "dst", "asset"]).take(took.column("seq"))
    traced: dict[str, int] = {}
    payers = set()
    lots = zip(ends.to_pylist(), took.column("event").to_pylist(), amounts.exact(took), strict=True)
    for place, event, amount in lots:
        if place["asset"] == asset_id:
            traced[place["dst"]] = traced.get(place["dst"], 0) + amount
            payers |= {place["src"]} if event == "move" else set()
    if not payers - {None} or any((one, asset_id) in unsettled.overdrawn(view) for one in payers if one):
        return None  # no rule had anything to share out; or exhibits disagree on whether any had
    if payers & _unpriced(view, asset_id):
        return None  # fees that no exhibit shows came out of what was there
    if not _shown(view, asset_id, payers) or any((one, asset_id) in openings.partial(view) for one in payers):
        return None  # what else came is in no exhibit
    paid = pc.is_in(moved.column("dst"), value_set=pa.array(sorted(p for p in payers if p), pa.string()))
    here = moved.filter(pc.and_(pc.equal(moved.column("asset"), asset_id), paid))
    if any(amounts.exact(here.filter(pc.fill_null(pc.equal(here.column("excluded"), lookalikes.REASON), False)))):
        return None  # dust came too, which no lot holds: neither was all of it traced, nor did a rule weigh it
    mine = here.filter(pc.is_null(here.column("excluded")))
    came: dict[str, int] = {}
    for place, amount in zip(mine.select(["src", "dst"]).to_pylist(), amounts.exact(mine), strict=True):
        if place["src"] != place["dst"]:
            came[place["dst"]] = came.get(place["dst"], 0) + amount
    held = {f.subject for f in figures.of_kind(view, "account") if figures.number(f, "opening")}
    held |= {address for address, asset in openings.late(view) if asset == asset_id}
    # What exhibits disagree on, and no figure hangs on, came in all the same.
    held |= {address for address, asset in unsettled.meeting(view) if asset == asset_id}
    return frozenset(a for a in payers if a and (came.get(a, 0) != traced.get(a, 0) or a in held))


def _unpriced(view: View, asset_id: str) -> set[str]:
    """The addresses of which no exhibit shows the fees, which are paid in this asset."""
    chain = asset_id.partition("/")[0]
    told = (one for gap in lacks.gaps(view) if gap.code == UNSHOWN for one in gap.subjects)
    return {one.removeprefix(f"{chain}:") for one in told if one.startswith(f"{chain}:")}


def _shown(view: View, asset_id: str, payers: Collection[str | None]) -> bool:
    """Whether exhibits claim to hold the history of each of these addresses in an asset."""
    if "coverage" not in view.tables:
        return False
    chain = asset_id.partition("/")[0]
    claims = {
        row["address"] or ""
        for row in view.tables["coverage"]().to_pylist()
        if row["chain"] == chain and row["asset"] in (None, asset_id)
    }
    return "" in claims or all(one in claims for one in payers if one)
