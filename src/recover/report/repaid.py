"""Value that came back to addresses which paid declared losses: nobody's history is asked for there first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import figures
from recover.report.claimed import Sentence
from recover.report.doubted import Holding
from recover.report.texts import Texts
from recover.sdk import View


@figures.settled
def payers(view: View) -> frozenset[tuple[str, str]]:
    """(chain, address) of who paid a loss that is declared by its transaction: the movements that begin one."""
    named = [loss.id for loss in view.case.losses if loss.tx]
    if not named or not {"flows", "transfers"} <= set(view.tables):
        return frozenset()
    flows = view.tables["flows"]()
    begins = pc.and_(pc.equal(flows["event"], "start"), pc.is_in(flows["loss"], value_set=pa.array(named)))
    moved = view.tables["transfers"]().select(["chain", "src"]).take(flows.filter(begins)["seq"].unique())
    return frozenset((row["chain"], row["src"]) for row in moved.to_pylist() if row["src"])


@figures.settled
def places(view: View) -> Mapping[Holding, int]:
    """What came back there, by address and asset, and is not followed."""
    held: dict[Holding, int] = {}
    for rest in (rest for rest in figures.stood(view) if rest.reason == "uncollected" and rest.amount):
        if (rest.asset.split("/", 1)[0], rest.address) in payers(view):
            held[rest.address, rest.asset] = held.get((rest.address, rest.asset), 0) + rest.amount
    return held


def actions(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, amount, act): to ask those who paid what came back to them, one act for each asset."""
    for asset_id in dict.fromkeys(asset for _, asset in places(view)):
        mine = {at: amount for (at, asset), amount in places(view).items() if asset == asset_id}
        amount = sum(mine.values())
        slots = {"addresses": figures.counted(t, "summary.endpoints", len(mine))}
        slots["amount"] = t.units(amount, figures.asset(view, asset_id))
        yield asset_id, amount, t.say("summary.act_repaid", **slots)


SENTENCES = (
    Sentence(
        "summary.act_repaid",
        "value came to an address that paid a declared loss, and is not followed",
        lambda v: bool(places(v)),
    ),
)
