"""Views in which exhibits leave something open, in each way that papers tell: the catalogue is tried on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pyarrow as pa

from recover.ledger.lacking import FALLEN
from recover.report import figures, leading, unsettled
from recover.sdk import Finding, OffRamp, View
from recover.sdk.ends import REVERSED

Slots = dict[str, str | int | tuple[str, ...] | None]


def said_before(views: Sequence[View]) -> Iterator[View]:
    """What is unswept or not followed within a sum said before, and beside one; payments on that are losses."""
    paying = next(v for v in views if any(r.service and r.amount for r in v.offramps))
    ramp = next(r for r in paying.offramps if r.service and r.amount)
    disputes = (f for v in views for f in figures.of_kind(v, "contradicted"))
    at = replace(next(disputes), subject=ramp.address)
    at = replace(at, slots={**at.slots, "asset": ramp.asset})
    within = replace(ramp, credited=ramp.credited + 5, unfollowed=5, hot_wallets=("h",))
    beside = replace(ramp, unfollowed=5, unswept=5, credited=ramp.amount, hot_wallets=("h",))
    for one in (within, beside):
        for found in (paying.findings, (*paying.findings, at)):
            yield replace(paying, offramps=(one,), findings=found)
    lost = next(v for v in views if figures.of_kind(v, leading.KIND))
    f = figures.of_kind(lost, leading.KIND)[0]
    flows, moved = lost.tables["flows"](), lost.tables["transfers"]().to_pylist()
    begun = next(r for r in flows.to_pylist() if r["event"] == "start")
    paid = [r for r in moved if r["src"] == f.subject and r["asset"] == f.slots["asset"]]
    more = [{**begun, "seq": r["seq"], "amount": r["amount"], "wide": r["wide"]} for r in paid]
    table = pa.concat_tables([flows, pa.Table.from_pylist(more, schema=flows.schema)])
    for times in (1, 2):
        told = replace(f, slots={**f.slots, "paid": figures.number(f, "paid") * times})
        tables: dict[str, Callable[[], pa.Table]] = {**lost.tables, "flows": partial(pa.Table.slice, table)}
        yield replace(lost, tables=tables, findings=tuple(told if one is f else one for one in lost.findings))


def opened(views: Sequence[View]) -> Iterator[View]:
    """The same views with one thing more that exhibits leave open, or that a person settled."""
    paying = next(v for v in views if any(r.service and r.amount for r in v.offramps))
    ramp = next(r for r in paying.offramps if r.service and r.amount)
    yield from said_before(views)
    came = next(v for v in views if "origins" in v.tables and v.tables["origins"]().num_rows)
    rows = [{**one, "turned": one["amount"]} for one in came.tables["origins"]().to_pylist()]
    turned = pa.Table.from_pylist(rows, schema=came.tables["origins"]().schema)
    yield replace(came, tables={**came.tables, "origins": partial(pa.Table.slice, turned)})
    blank = replace(paying.findings[0], id="F9500", grade="", exhibits=(1, 2))
    figure: Slots = {
        "asset": ramp.asset,
        "least": 0,
        "most": 5,
        "amount": 3,
        "runs": 2,
        "tried": "all",
    }
    figure |= {"transactions": ("x",), "by": ("history",)}
    version = replace(blank, kind="by-version", subject=ramp.service or "")
    for more in ({}, {"least": 2, "amount": 0}):
        yield _with(paying, replace(version, slots={**figure, "service": ramp.service, **more}))
    held = next(v for v in views if figures.of_kind(v, "freezable"))
    one = figures.of_kind(held, "freezable")[0]
    slots = {**figure, "asset": one.slots["asset"], "by": ("rival", "version")}
    yield _with(held, replace(blank, kind="left-by-version", subject=one.subject, slots=slots))
    for by, silent, shown in (("rival", "", (1, 2)), ("history", "2", (1, 2)), ("version", "", (1,))):
        open_: Slots = {
            "transactions": ("x", "y"),
            "by": by,
            "places": ("p",),
            "silent": silent,
            "moves": "declared",
        }
        open_ |= {"asset": ramp.asset, "amount": 5}
        yield _with(paying, replace(blank, kind="unsettled", subject="x", slots=open_, exhibits=shown))
    yield _itself(next(v for v in views if figures.of_kind(v, "contradicted")))
    yield from _settled(views)
    yield replace(paying, tables={**paying.tables, "prices": lambda: _price(ramp.asset)})
    yield _doubted(next(v for v in views if any(r.reason == "uncollected" for r in figures.rests(v))))
    yield from _gaps(paying, ramp.address)
    yield from _acting(views)
    yield from _spread(paying, ramp)
    yield from _acts(paying, ramp.asset)
    lost = next(v for v in views if unsettled.lost(v) and any(r.service and r.amount for r in v.offramps))
    other = replace(lost.case.losses[0], id="L99")
    yield replace(lost, case=replace(lost.case, losses=(*lost.case.losses, other)))


def _itself(view: View) -> View:
    """The same where one exhibit alone shows what is contradicted, and no list of it is an answer."""
    rows = [{**row, "exhibits": [1]} for row in view.tables["transactions"]().to_pylist()]
    table = pa.Table.from_pylist(rows, schema=view.tables["transactions"]().schema)
    found = tuple(f for f in view.findings if f.kind != "unsettled")
    return replace(view, findings=found, tables={**view.tables, "transactions": partial(pa.Table.slice, table)})


def _spread(view: View, ramp: OffRamp) -> Iterator[View]:
    """Two addresses of which rules give one or the other all of it; the same by loss; and one of which another
    sequence alone gives the declared rule anything."""
    rules, n = sorted(ramp.by_rule), ramp.amount
    mine = {rule: n * (rule == view.case.rule) for rule in rules}
    rest = {rule: n - mine[rule] for rule in rules}
    for names in (("L1", "L1"), ("L1", "L2")):
        sums = [{rule: {name: x} for rule, x in s.items()} for name, s in zip(names, (mine, rest), strict=True)]
        one = replace(ramp, by_rule=mine, by_rule_and_loss=sums[0], by_loss={names[0]: n})
        two = replace(ramp, by_rule=rest, by_rule_and_loss=sums[1], by_loss={}, amount=0, sweeps=0)
        two = replace(
            two, address=f"{ramp.address}9", through=f"{ramp.through}9", credited=0, sweep_transactions=()
        )
        yield replace(view, offramps=(one, two))
    moved = {"amount": {REVERSED: 5}}
    none = replace(ramp, amount=0, by_loss={}, by_rule=rest, by_rule_and_loss=sums[1], by_order=moved)
    yield replace(view, offramps=(none,))


def _acts(view: View, asset: str) -> Iterator[View]:
    """A loss of which nothing is shown, a transaction that spends what is not, with and without a way on from it,
    one by which another asset came back, and value at rest about which nobody is asked."""
    table = view.tables["gaps"]()
    fill = json.dumps({"ask": "Details", "tx": ["c", "z"]})
    blank = {"why": "w", "effect": "e", "share": 1, "affects": json.dumps({asset: "5"}), "subject": "y"}
    way = replace(view.findings[0], id="F9600", kind=leading.KIND, subject="q", grade="")
    slots: Slots = {"asset": asset, "amount": 5, "paid": 5, "payments": 1, "receivers": 1, "steps": 3}
    slots |= dict.fromkeys(("largest", "largest_amounts", "last_amounts"), ("5",))
    slots |= {"services": ("s",), "wallets": ("w",), "transactions": ("y",), "spent": ("y",)}
    still: Slots = {"asset": asset, "amount": 5, "standing": "whole", "until": "2022-04-01", "seen": "2022-03-01"}
    every = ("loss-not-found", "spent-unfollowed", leading.UNASSERTED)
    for code, more in (*((code, ()) for code in every), ("spent-unfollowed", (way,))):
        row = pa.Table.from_pylist([{**blank, "code": code, "fill": fill}], schema=table.schema)
        made = pa.concat_tables([table, row])
        found = [replace(one, slots=slots) for one in more]
        yield replace(_with(view, *found), tables={**view.tables, "gaps": partial(pa.Table.slice, made)})
    yield _with(view, replace(way, kind="at-rest", slots=still))


def _price(asset: str) -> pa.Table:
    row = {"asset": asset, "currency": "THB", "value": 33, "wide": None, "scale": 0, "exhibit": 1}
    return pa.Table.from_pylist([row | {"time": datetime(2022, 3, 5, tzinfo=UTC), "source": "a bank"}])


def _with(view: View, *more: Finding) -> View:
    return replace(view, findings=(*view.findings, *more))


def _settled(views: Sequence[View]) -> Iterator[View]:
    """What a person settled, where it was which of several transactions that spend one coin took place."""
    view = next(v for v in views if figures.of_kind(v, "settled") and figures.of_kind(v, "settled-otherwise"))
    for more in ({"settled": {"rivals": ("y",)}}, {"settled-otherwise": {"rival": "y"}}):
        found = (replace(f, slots={**f.slots, **more.get(f.kind, {})}) for f in view.findings)
        yield replace(view, findings=tuple(found))


def _doubted(view: View) -> View:
    """The same where an exhibit claims the history that is lacking, and another contradicts it."""
    rest = next(r for r in figures.rests(view) if r.reason == "uncollected")
    row = {"chain": rest.asset.split("/", 1)[0], "address": rest.address, "asset": None, "exhibit": 1}
    table = pa.Table.from_pylist([{**row, "at": "p", "tx": "x", "other": 2}], schema=FALLEN)
    return replace(view, tables={**view.tables, "fallen": partial(pa.Table.slice, table)})


def _gaps(view: View, address: str) -> Iterator[View]:
    """The same where more was paid out of one address than came in, or histories differ there and elsewhere; and
    where only lists show what came there."""
    table = view.tables["gaps"]()
    blank = {"why": "w", "effect": "e", "share": 1, "affects": "{}"}
    hops = {row["dst"] for row in view.tables["transfers"]().to_pylist()} | {address}
    chain = view.offramps[0].chain
    names = [name for one in sorted(hops) for name in (one, f"{chain}:{one}")]
    for subjects in ([address, address], [address], names):
        codes = ("opening-balance", "histories-differ") if len(subjects) > 2 else ("opening-balance",)
        rows = [{**blank, "code": code, "subject": name} for code in codes for name in subjects]
        more = pa.concat_tables([table, pa.Table.from_pylist(rows, schema=table.schema)])
        yield replace(view, tables={**view.tables, "gaps": partial(pa.Table.slice, more)})
    moved = view.tables["transfers"]().to_pylist()
    came = [
        {**blank, "code": "receipt-unread", "subject": f"{chain}:{r['tx']}"} for r in moved if r["dst"] == address
    ]
    more = pa.concat_tables([table, pa.Table.from_pylist(came, schema=table.schema)])
    yield replace(view, tables={**view.tables, "gaps": partial(pa.Table.slice, more)})


def _acting(views: Sequence[View]) -> Iterator[View]:
    """Value at rest where nobody is asked about it, losses of which nothing is shown or that failed, and a service
    that only another sequence gives something."""
    held = next(v for v in views if figures.of_kind(v, "freezable"))
    at_rest = (
        replace(f, kind="at-rest", slots={**f.slots, "standing": "whole", "until": "2022-03-09T00:00:00Z"})
        if f.kind in figures.RESTING
        else f
        for f in held.findings
        if f.kind != "freezable"
    )
    yield replace(held, offramps=(), findings=tuple(at_rest))
    gaps = held.tables["gaps"]()
    for code in ("loss-empty", "loss-failed"):
        row = {"code": code, "subject": "x", "why": "w", "effect": "e", "share": 1, "affects": "{}"}
        more = pa.concat_tables([gaps, pa.Table.from_pylist([row], schema=gaps.schema)])
        yield replace(held, tables={**held.tables, "gaps": partial(pa.Table.slice, more)})
    turned = next(v for v in views if any(any(r.by_order.get("amount", {}).values()) for r in v.offramps))
    rows = (replace(r, amount=0, by_loss={}) for r in turned.offramps)
    ruled = (replace(r, by_rule={**dict.fromkeys(r.by_rule, 5), turned.case.rule: 0}) for r in rows)
    yield replace(turned, offramps=tuple(ruled), findings=())
