"""Value that came to addresses which paid declared losses: who paid is asked before anybody's history.

Such value comes back only where its payment came first: before that it is value of other losses, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from recover.ledger import paying
from recover.report import figures
from recover.report.claimed import Sentence
from recover.report.doubted import Holding
from recover.report.texts import Texts
from recover.sdk import View, amounts

KIND = "repaid"
"""The kind of finding of value that came back there, and went on."""


@figures.settled
def payers(view: View) -> Mapping[tuple[str, str], int]:
    """(chain, address) out of which a loss that is declared by its transaction was paid, with the first movement
    by which one was."""
    named = {loss.id for loss in view.case.losses if loss.tx}
    if not named or not {"flows", "transfers", "exchanges"} <= set(view.tables):
        return {}
    begun = paying.begun(view.tables["flows"](), view.tables["exchanges"]())
    paid = paying.first(begun, view.tables["transfers"](), named)
    return {place: min(seqs.values()) for place, seqs in paid.items()}


@figures.settled
def places(view: View) -> Mapping[Holding, int]:
    """What came there, by address and asset, and is not followed."""
    held: dict[Holding, int] = {}
    for rest in (rest for rest in figures.stood(view) if rest.reason == "uncollected" and rest.amount):
        if (rest.asset.split("/", 1)[0], rest.address) in payers(view):
            held[rest.address, rest.asset] = held.get((rest.address, rest.asset), 0) + rest.amount
    return held


@figures.settled
def before(view: View) -> Mapping[Holding, int]:
    """What of that came there before any such loss was paid out of it."""
    wanted = pa.array(sorted({address for address, _ in places(view)}), pa.string())
    flows = view.tables["flows"]() if len(wanted) else None
    if flows is None:
        return {}
    flows = flows.filter(pc.equal(flows["event"], "end"))
    moved = view.tables["transfers"]().select(["dst", "asset"]).take(flows["seq"])
    mine = pc.fill_null(pc.is_in(moved["dst"], value_set=wanted), False)
    flows, rows = flows.filter(mine), moved.filter(mine).to_pylist()
    found: dict[Holding, int] = {}
    for row, seq, amount in zip(rows, flows["seq"].to_pylist(), amounts.exact(flows), strict=True):
        key = row["dst"], row["asset"]
        if key in places(view) and seq < payers(view)[row["asset"].split("/", 1)[0], row["dst"]]:
            found[key] = min(found.get(key, 0) + amount, places(view)[key])
    return found


def since(view: View) -> Mapping[Holding, int]:
    """What came there after that."""
    less = before(view)
    return {key: left for key, amount in places(view).items() if (left := amount - less.get(key, 0))}


def counted(view: View, t: Texts, how: str, at: frozenset[figures.Spot], asset_id: str) -> str:
    """A count of places, and of those among them out of which losses were paid, before value came and after."""
    for key, held in (("repaid", since(view)), ("repaid_later", before(view))):
        here = at & {(asset.split("/", 1)[0], address) for address, asset in held if asset == asset_id}
        how = t.say(f"answer.{key}", how=how, count=f"{len(here):,}") if here else how
    return how


def actions(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, amount, act): to ask those who paid what came to them, one act for each asset, for what came before
    they paid, and for what is followed on from there."""
    on = {(f.subject, str(f.slots["asset"])): figures.number(f, "amount") for f in figures.of_kind(view, KIND)}
    for key, held in (
        ("summary.act_repaid", since(view)),
        ("summary.act_repaid_later", before(view)),
        ("summary.act_repaid_on", on),
    ):
        for asset_id in dict.fromkeys(asset for _, asset in held):
            mine = [amount for (_, asset), amount in held.items() if asset == asset_id]
            slots = {"addresses": figures.counted(t, "summary.endpoints", len(mine))}
            slots["amount"] = t.units(sum(mine), figures.asset(view, asset_id))
            yield asset_id, sum(mine), t.say(key, **slots)


SENTENCES = (
    Sentence(
        "summary.act_repaid",
        "value came to an address that had paid a declared loss, and is not followed",
        lambda v: bool(since(v)),
    ),
    Sentence("summary.act_repaid_later", "it came there before that was paid", lambda v: bool(before(v))),
    Sentence("answer.repaid", "value came where a loss had been paid from", lambda v: bool(since(v))),
    Sentence("answer.repaid_later", "or one was paid from later", lambda v: bool(before(v))),
    Sentence(
        "summary.act_repaid_on",
        "value came to an address that paid a declared loss, and is followed on from there",
        lambda v: bool(figures.of_kind(v, KIND)),
    ),
)
