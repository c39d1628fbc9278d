"""Value that came back to addresses which paid declared losses: its payer is asked before anybody's history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recover.ledger import paying
from recover.report import figures
from recover.report.claimed import Sentence
from recover.report.doubted import Holding
from recover.report.texts import Texts
from recover.sdk import View

KIND = "repaid"
"""The kind of finding of value that came back there, and went on."""


@figures.settled
def payers(view: View) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """(chain, address) out of which a loss that is declared by its transaction was paid, with these losses."""
    named = {loss.id for loss in view.case.losses if loss.tx}
    if not named or not {"flows", "transfers", "exchanges"} <= set(view.tables):
        return {}
    begun = paying.begun(view.tables["flows"](), view.tables["exchanges"]())
    return paying.payers(begun, view.tables["transfers"](), named)


@figures.settled
def places(view: View) -> Mapping[Holding, int]:
    """What came back there, by address and asset, and is not followed."""
    held: dict[Holding, int] = {}
    for rest in (rest for rest in figures.stood(view) if rest.reason == "uncollected" and rest.amount):
        if (rest.asset.split("/", 1)[0], rest.address) in payers(view):
            held[rest.address, rest.asset] = held.get((rest.address, rest.asset), 0) + rest.amount
    return held


def actions(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, amount, act): to ask those who paid what came back to them, one act for each asset and for what is
    followed on from there."""
    on = {(f.subject, str(f.slots["asset"])): figures.number(f, "amount") for f in figures.of_kind(view, KIND)}
    for key, held in (("summary.act_repaid", places(view)), ("summary.act_repaid_on", on)):
        for asset_id in dict.fromkeys(asset for _, asset in held):
            mine = [amount for (_, asset), amount in held.items() if asset == asset_id]
            slots = {"addresses": figures.counted(t, "summary.endpoints", len(mine))}
            slots["amount"] = t.units(sum(mine), figures.asset(view, asset_id))
            yield asset_id, sum(mine), t.say(key, **slots)


SENTENCES = (
    Sentence(
        "summary.act_repaid",
        "value came to an address that paid a declared loss, and is not followed",
        lambda v: bool(places(v)),
    ),
    Sentence(
        "summary.act_repaid_on",
        "value came to an address that paid a declared loss, and is followed on from there",
        lambda v: bool(figures.of_kind(v, KIND)),
    ),
)
