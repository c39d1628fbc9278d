"""Figures that a contradiction can move: exhibits disagree on a movement at, or before, the address they are of.

Such a movement is followed under no rule. So what was paid in by it is missing from what value of a loss mixed
with, and that the rules agree without it says nothing of whether they would agree with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import figures, instead
from recover.report.elements import Block, Para
from recover.report.texts import Texts
from recover.sdk import Finding, OffRamp, View, amounts
from recover.sdk.outside import visible
from recover.trails.flows import arriving

Holding = tuple[str, str]
"""An address and an asset."""

_STOPS = ("service", "hub", "mixer", "bridge")

SHOWN = 4
"""So many stand on page 1, those with most at stake first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A payment into a holding of traced value that exhibits disagree on, and how much traced value came there.

    `bounded`: by its own value it adds nothing to a loss, so that no figure moves by more than what came.
    """

    holding: Holding
    tx: str
    exhibits: tuple[int, ...]
    amount: int
    bounded: bool = True


@figures.settled
def credits(view: View) -> list[Credit]:
    """Those that traced value met, the one first of which most depends."""
    rows = _moving(view)
    if not rows:
        return []
    came, on = _carried(view)
    stops = _stopped(view)
    shown = showing(view)
    sides = {(row[side], row["asset"]) for row in rows for side in ("src", "dst")}
    proceeds = _proceeds(view, rows, came)

    carrying = [side for side in sides if came.get(side)]

    def bounded(place: Holding, tx: str) -> bool:
        others = (one for one in carrying if one != place)
        return (*place, tx) not in proceeds and place not in _onward(on, others)

    places = {(row["dst"], row["asset"], row["tx"]) for row in rows if row["kind"] != "output"}
    found = [
        Credit(
            holding=(dst, asset),
            tx=tx,
            exhibits=shown.get(tx, ()),
            amount=came[dst, asset],
            bounded=bounded((dst, asset), tx),
        )
        for dst, asset, tx in places
        if came.get((dst, asset)) and (dst, asset) not in stops
    ]
    return sorted(found, key=lambda one: (-one.amount, one.holding, one.tx))


_BACK = 32
"""So many steps back it is looked whether a payer can hold traced value; beyond, it can."""


def _proceeds(
    view: View, rows: Iterable[Mapping[str, str]], came: Mapping[Holding, int]
) -> frozenset[tuple[str, str, str]]:
    """(payee, asset, transaction) of disputed payments that can themselves be traced value: they begin a loss, or
    their payer, or whoever paid it, is where traced value came."""
    lost = {loss.tx for loss in view.case.losses if loss.tx}
    homes = {loss.address for loss in view.case.losses if loss.address}
    payers: dict[Holding, list[tuple[str, str, str]]] = {}
    found = set[tuple[str, str, str]]()
    for row in rows:
        one = row["dst"], row["asset"], row["tx"]
        if row["tx"] in lost or row["dst"] in homes or not row["src"]:
            found.add(one)
        else:
            payers.setdefault((row["src"], row["asset"]), []).append(one)
    moved = view.tables["transfers"]().select(["src", "dst", "asset"])
    for place, ones in payers.items():
        seen, open_ = {place[0]}, {place[0]}
        mine = moved.filter(pc.equal(moved.column("asset"), place[1]))
        for _ in range(_BACK):
            if not open_ or any(came.get((one, place[1])) for one in seen):
                break
            back = mine.filter(pc.is_in(mine.column("dst"), pa.array(sorted(open_), pa.string())))
            open_ = {one for one in pc.unique(back.column("src")).to_pylist() if one} - seen
            seen |= open_
        if open_ or any(came.get((one, place[1])) for one in seen):
            found.update(ones)
    return frozenset(found)


def unbounded(view: View, asset: str | None = None) -> bool:
    """Whether a disputed payment in can itself be traced value, so that nothing bounds what hangs on it."""
    return any(not one.bounded and asset in (None, one.holding[1]) for one in credits(view))


@figures.settled
def places(view: View) -> frozenset[Holding]:
    """Where traced value came and exhibits disagree on a movement, and every place that it went on to."""
    rows = _moving(view)
    if not rows:
        return frozenset()
    came, on = _carried(view)
    begun = {(row["dst"], row["asset"]) for row in rows if row["kind"] != "output"}
    begun = (begun - _stopped(view)) | {(row["src"], row["asset"]) for row in rows}
    return _onward(on, (place for place in begun if came.get(place)))


def _onward(on: Mapping[Holding, set[Holding]], begun: Iterable[Holding]) -> frozenset[Holding]:
    """These places, and every place that what came there went on to."""
    open_, found = list(begun), set[Holding]()
    while open_:
        place = open_.pop()
        if place not in found:
            found.add(place)
            open_ += on.get(place, ())
    return frozenset(found)


@figures.settled
def differing(view: View) -> frozenset[Holding]:
    """Where one exhibit shows movements that another lacks, which claims the whole history."""
    rows = view.tables["differing"]().to_pylist() if "differing" in view.tables else []
    return frozenset((row["address"], row["asset"]) for row in rows)


@figures.settled
def lost(view: View) -> frozenset[str]:
    """The losses on whose own transaction, or on what came to whose address, exhibits disagree."""
    rows = _moving(view)
    txs, came = {row["tx"] for row in rows}, {row["dst"] for row in rows}
    return frozenset(one.id for one in view.case.losses if one.tx in txs or (one.address and one.address in came))


@figures.settled
def paying(view: View) -> frozenset[Holding]:
    """Where exhibits show something leaving, and disagree on it: what was paid in all is without that."""
    return frozenset((row["src"], row["asset"]) for row in _disputed(view) if row["src"])


def without(t: Texts, wanted: Iterable[Holding], at: Collection[Holding]) -> str:
    """What a sum of all that was paid leaves out at these places, to end a sentence; empty where nothing."""
    return t.say("unsettled.without") if any(place in at for place in wanted) else ""


@figures.settled
def meeting(view: View) -> Mapping[Holding, int]:
    """Where exhibits disagree on what came in or left: on how many transactions."""
    found: dict[Holding, set[str]] = {}
    for row in _disputed(view):
        for address in filter(None, dict.fromkeys((row["src"], row["dst"]))):
            found.setdefault((address, row["asset"]), set()).add(row["tx"])
    return {place: len(named) for place, named in found.items()}


def relied(view: View) -> bool:
    """Whether something that an exhibit shows is counted nowhere, because a person decided so."""
    return bool(view.set_aside or figures.of_kind(view, "settled"))


@figures.settled
def decided(view: View) -> Mapping[str, frozenset[Holding]]:
    """By transaction for which a person relied on one exhibit: where value met it, and all places onward."""
    named = pa.array(sorted({f.subject for f in figures.of_kind(view, "settled")}), pa.string())
    if not len(named) or not {"flows", "transfers"} <= set(view.tables):
        return {}
    moved = view.tables["transfers"]()
    sides: dict[str, set[Holding]] = {}
    for row in moved.filter(pc.is_in(moved.column("tx"), named)).select(["tx", "src", "dst", "asset"]).to_pylist():
        sides.setdefault(row["tx"], set()).update((row[s], row["asset"]) for s in ("src", "dst") if row[s])
    came, on = _carried(view)
    return {tx: _onward(on, (place for place in at if came.get(place))) for tx, at in sides.items()}


@figures.settled
def overdrawn(view: View) -> frozenset[Holding]:
    """Where more was paid out than came in, and a decision between exhibits bears on it.

    What is missing can be what the other exhibit shows, and need not be value of another origin.
    """
    at = {place for places in decided(view).values() for place in places}
    short = (f for f in figures.of_kind(view, "account") if figures.number(f, "opening"))
    return frozenset((f.subject, str(f.slots.get("asset"))) for f in short) & at


def kept(view: View, decision: Finding) -> list[dict[str, str]]:
    """What is counted of a transaction that the exhibit relied on does not show: an exhibit and a symbol each."""
    named = decision.slots.get("kept")
    pairs = (one.split("|", 1) for one in (named if isinstance(named, tuple) else ()))
    return [{"exhibit": n, "symbol": visible(figures.asset(view, asset).symbol, 24)} for n, asset in pairs]


def rows(view: View, ramps: Iterable[OffRamp]) -> bool:
    """Whether what exhibits leave open can move the figure of one of these rows."""
    ramps = list(ramps)
    open_, reached = instead.moving(view), untried(view)
    mine = {place for r in ramps for place in ((r.address, r.asset), (r.through, r.asset))}
    return (
        unfollowed(view, ramps) or bool(mine & reached) or any((r.service or "", r.asset) in open_ for r in ramps)
    )


@figures.settled
def untried(view: View) -> frozenset[Holding]:
    """Where not every answer to what exhibits leave open was worked out: the places of its transactions to which
    traced value came, and all places onward."""
    some = [f for f in figures.of_kind(view, instead.OPEN) if f.slots.get("tried") == "some"]
    if not some or not {"flows", "transfers"} <= set(view.tables):
        return frozenset()
    named = pa.array(sorted({tx for f in some for tx in instead.texts(f, "transactions")}), pa.string())
    moved = view.tables["transfers"]()
    mine = moved.filter(pc.is_in(moved.column("tx"), named)).select(["src", "dst", "asset"]).to_pylist()
    at = {(row[side], row["asset"]) for row in mine for side in ("src", "dst") if row[side]}
    at |= {(place, f.slots.get("asset")) for f in some for place in instead.texts(f, "places")}
    came, on = _carried(view)
    return _onward(on, (place for place in sorted(at) if came.get(place)))


def unfollowed(view: View, ramps: Iterable[OffRamp]) -> bool:
    """Whether a movement that is not followed, as exhibits disagree on it, can move one of these rows."""
    at = places(view)
    return bool(at) and any((r.address, r.asset) in at or (r.through, r.asset) in at for r in ramps)


def anywhere(view: View) -> bool:
    """Whether what exhibits leave open can move any figure."""
    return bool(places(view) or instead.moving(view) or untried(view))


def standing(view: View, at: Iterable[Holding]) -> bool:
    """Whether what exhibits leave open can move what is left at one of these places."""
    moved = places(view) | instead.moving(view) | untried(view)
    return any(place in moved for place in at)


def finding(view: View, one: Finding) -> bool:
    """The same of the finding of a row or of a sum of rows."""
    asset = one.slots.get("asset")
    mine = (r for r in view.offramps if r.asset == asset and one.subject in (r.address, r.service or ""))
    return rows(view, mine)


def blocks(view: View, t: Texts) -> Iterator[Block]:
    """For page 1: which payment into which address is left out, by which exhibits, and how much depends on it."""
    found = credits(view)
    for one in found[:SHOWN]:
        asset = figures.asset(view, one.holding[1])
        slots = {
            "transaction": visible(one.tx),
            "address": visible(one.holding[0]),
            "who": instead.who(t, one.exhibits),
            "amount": t.units(one.amount, asset),
            "symbol": visible(asset.symbol, 24),
            "rule": view.case.rule,
        }
        key = "unsettled.credit" if one.bounded else "unsettled.credit_open"
        yield Para(text=t.say(key, **slots), style="warning")
    if more := found[SHOWN:]:
        yield Para(text=t.say("unsettled.more", count=f"{len(more):,}"), style="warning")


def _disputed(view: View) -> list[dict[str, str]]:
    if not {"flows", "transfers"} <= set(view.tables):
        return []
    moved = view.tables["transfers"]()
    moved = moved.filter(pc.fill_null(pc.equal(moved.column("excluded"), "contradicted"), False))
    return list(moved.select(["tx", "src", "dst", "asset", "kind"]).to_pylist())


def _moving(view: View) -> list[dict[str, str]]:
    """Those of which some figure of traced value can hang."""
    return [row for row in _disputed(view) if row["tx"] not in instead.idle(view)]


def _carried(view: View) -> tuple[dict[Holding, int], dict[Holding, set[Holding]]]:
    """By holding, the traced value that came there, and the holdings that it went on to."""
    flows, moved = view.tables["flows"](), view.tables["transfers"]()
    took = arriving(flows)
    ends = moved.select(["src", "dst", "asset"]).take(took.column("seq"))
    came: dict[Holding, int] = {}
    for row, amount in zip(ends.to_pylist(), amounts.exact(took), strict=True):
        place = (row["dst"], row["asset"])
        came[place] = came.get(place, 0) + amount
    # A movement that carries nothing under the declared rule may carry value once the contradiction is settled.
    stops = _stopped(view)
    kept = moved.filter(pc.is_null(moved.column("excluded"))).select(["src", "dst", "asset"])
    on: dict[Holding, set[Holding]] = {}
    for row in kept.filter(pc.is_valid(kept.column("src"))).to_pylist():
        if row["dst"] and (row["src"], row["asset"]) not in stops:
            on.setdefault((row["src"], row["asset"]), set()).add((row["dst"], row["asset"]))
    return came, on


def _stopped(view: View) -> set[Holding]:
    """Where a trace stops nothing goes on, and what else came in there changes no figure."""
    if "ends" not in view.tables:
        return set()
    ends = view.tables["ends"]().select(["address", "asset", "reason"]).to_pylist()
    return {(row["address"], row["asset"]) for row in ends if row["reason"] in _STOPS}


@figures.settled
def showing(view: View) -> Mapping[str, tuple[int, ...]]:
    """By transaction that exhibits disagree on, those that show it."""
    table = view.tables["transactions"]() if "transactions" in view.tables else None
    if table is None or "contradicted" not in table.column_names:
        return {}
    wanted = table.filter(pc.equal(table.column("contradicted"), True)).select(["id", "exhibits"])
    return {row["id"]: tuple(row["exhibits"] or ()) for row in wanted.to_pylist()}
