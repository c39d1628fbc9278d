"""Small cases and views that differ in what their papers may say: what the catalogue of sentences is tried on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from tests.core.catalogued_open import opened
from tests.core.test_contradicted_order import BLOCKS, HISTORY, LACKING, listing
from tests.core.test_decided_told import relied
from tests.core.test_opposed import listed, row
from tests.core.test_statements import EXCHANGE, OTHER, SWEEPS, Tool, export, labels, tx, who

from recover.case import open_for_reading
from recover.findings import bridged
from recover.findings import view as views
from recover.letters import chronology, reporting
from recover.plugins import registry
from recover.report import disputes, edges, figures, lacks, leading, ranged
from recover.sdk import AsideFacts, Finding, Loss, View
from recover.sdk.view import Altered, Dropped, Ruled
from recover.trails.passages import CROSSINGS

OKX = ("two", "OKX", "hot-wallet", "exchange")
BRIDGE = ("bridge", "Wormhole", "bridge", "defi_bridge")


def cases(tool: Tool) -> Iterator[View]:
    """Small cases that differ in what their papers may say."""
    simple = [("victim", "own", 50), ("own", "hot", 50)]
    yield worked(tool, "plain", export(simple, ["own"]), labels(EXCHANGE), loss=("--tx", tx(1)))
    yield worked(tool, "nowhere", export([("victim", "own", 50)], ["own"]), loss=("--tx", tx(1)))
    yield worked(
        tool, "unswept", export([*SWEEPS, ("v", "dep", 5)], ["dep"]), labels(EXCHANGE), loss=("--tx", tx(5))
    )
    mixed = [("x", "own", 10), ("victim", "own", 10), ("own", "hot", 10), ("own", "two", 4), ("own", "end", 2)]
    yield worked(tool, "rules", export(mixed, ["own"]), labels(EXCHANGE, OKX), loss=("--tx", tx(2)))
    yield worked(tool, "partial", export([("victim", "own", 50)], []), loss=("--address", who("own")))
    yield worked(tool, "direct", export([("victim", "hot", 50)], []), labels(EXCHANGE), loss=("--tx", tx(1)))
    part = ("--tx", tx(1), "--amount", "30")
    yield worked(tool, "part", export(simple, ["own"]), labels(EXCHANGE), loss=part)
    over = [("victim", "own", 50), ("own", "bridge", 20)]
    yield worked(tool, "bridge", export(over, ["own"]), labels(BRIDGE), loss=("--tx", tx(1)))
    sweepers = [m for n in "abcd" for m in ((f"x{n}", f"s{n}", 5), (f"s{n}", "pool", 5), (f"x{n}", f"s{n}", 5))]
    sweepers += [(f"s{n}", "pool", 5) for n in "abcd"]
    known = [f"s{n}" for n in "abcd"]
    yield worked(tool, "hub", export(sweepers, known), loss=("--address", who("sa")), said="1")
    yield worked(tool, "changed", export(mixed, ["own"]), labels(EXCHANGE, OKX), loss=("--tx", tx(2)), rule="lifo")
    both = ("--tx", tx(2))
    yield worked(tool, "added", export(mixed, ["own"]), labels(EXCHANGE), loss=both, more=("--tx", tx(1)))
    shared = [("v1", "own", 10), ("v2", "own", 10), ("own", "hot", 10), ("own", "end", 10)]
    first = ("--tx", tx(1))
    yield worked(tool, "losses", export(shared, ["own"]), labels(EXCHANGE), loss=first, more=both)
    later = [("victim", "own", 10), ("own", "hot", 5), ("own", "mid", 5), ("x", "mid", 5)]
    later += [("mid", "e1", 5), ("mid", "e2", 5)]
    yield worked(
        tool, "unknown", export([("victim", "own", 9), ("own", "hot", 9)], ["hot"]), labels(EXCHANGE), loss=first
    )
    one, two = (export([("victim", "own", 50), ("own", "end", n)], ["own"]) for n in (20, 30))
    yield worked(tool, "disputed", one, two, loss=first)
    before = [("own", "end", 5), ("victim", "own", 50)]
    yield worked(tool, "short", export(before, ["own"]), labels(EXCHANGE), loss=("--tx", tx(2)))
    tool.case = tool.folder / "decided"
    relied(tool, "2")
    yield views.load(open_for_reading(tool.case), registry.load())
    yield worked(tool, "later", export(later, ["own", "mid"]), labels(EXCHANGE), loss=first)

    moved = [
        ("01T10:00:00", "victim", "w", 100),
        ("01T11:00:00", "boss", "w", 60),
        ("01T12:00:00", "w", "two", 10),
    ]
    moved += [("02T10:00:00", "w", name, 25) for name in ("hot", "a", "b", "c", "d", "e")]
    yield worked(tool, "moments", at(moved), labels(EXCHANGE, OKX), loss=first)
    still = [("01T10:00:00", "victim", "w", 100), *(("02T10:00:00", "w", "hot", n) for n in range(1, 7))]
    yield worked(tool, "still", at(still), labels(EXCHANGE), loss=first)
    pair = [("v", "p", 10), ("v", "q", 5), ("p", "hot", 10), ("q", "hot", 5)]
    yield worked(tool, "several", export(pair, ["p", "q"]), labels(EXCHANGE), loss=first, more=both)
    back = [("victim", "own", 100), ("own", "hot", 100), ("hot", "own", 90), ("own", "hot", 90)]
    yield worked(tool, "back", export(back, ["own"]), labels(EXCHANGE), loss=("--address", who("own")))
    shared = [("v", "own", 10), ("own", "two", 5), ("v2", "two", 5), ("two", "end", 10)]
    each = ("--address", who("own")), ("--address", who("two"))
    yield worked(tool, "kept", export(shared, ["own", "two"]), loss=each[0], more=each[1])
    loop = [*back[:3], ("own", "two", 90)]
    yield worked(tool, "onward", export(loop, ["own"]), labels(EXCHANGE, OKX), loss=("--address", who("own")))
    apart = [("v", "own", 10), ("x", "mid", 5), ("own", "mid", 10), ("mid", "own", 5)]
    yield worked(tool, "apart", export(apart, ["own", "mid"]), loss=("--address", who("own")))
    only = [("hot", "own", 9), ("own", "hot", 9)]
    yield worked(tool, "only", export(only, ["own"]), labels(EXCHANGE), loss=("--address", who("own")))
    yield worked(tool, "withdrawn", export(back, ["own"]), labels(EXCHANGE), loss=first)
    twice = [("victim", "own", 50), ("own", "mid", 30), ("mid", "hot", 30), ("hot", "own", 9), ("hot", "mid", 8)]
    yield worked(tool, "withdrawals", export(twice, ["own", "mid"]), labels(EXCHANGE), loss=first)
    yield worked(
        tool,
        "came",
        export([("hot", "own", 9), ("own", "end", 9)], ["own"]),
        labels(EXCHANGE),
        loss=("--address", who("own")),
    )
    paid = (export([("victim", "own", 9), ("x", "own", n), ("own", "hot", 8)], ["own"]) for n in (7, 2))
    yield worked(tool, "credit", *paid, labels(EXCHANGE), loss=first)
    begun = [("v", "own", 100), ("u", "own", 30), ("own", "hot", 60)]
    less = export([("v", "own", 70)], ["v"])
    yield worked(tool, "begun", export(begun, ["own"]), less, labels(EXCHANGE), loss=("--address", who("own")))
    clean = [f"y{at}" for at in range(5)]
    split = (export([*mixed[:3], *((y, "own", n) for y in clean), ("own", "two", 4)], ["own"]) for n in (7, 2))
    parts = [("o", "own", 500), ("v", "own", 1000), ("own", "hot", 1000), ("own", "end", 200)]
    some, rest = (("--tx", tx(2), "--amount", amount) for amount in ("600", "200"))
    yield worked(tool, "parts", export(parts, ["own"]), labels(EXCHANGE), loss=some, more=rest)
    same = [("01T10:00:00", "v", "w", 600), ("01T10:00:00", "u", "w", 300), ("02T10:00:00", "w", "hot", 700)]
    yield worked(tool, "together", at(same), labels(EXCHANGE), loss=first, more=both)
    over = [("x", "own", 20), ("victim", "own", 100), ("own", "mid", 60)]
    third = ("--tx", tx(3))
    yield worked(tool, "overlap", export(over, ["own", "mid"]), labels(EXCHANGE), loss=both, more=third)
    home = [("v", "own", 100), ("own", "v", 10), ("own", "hot", 90)]
    yield worked(tool, "home", export(home, ["v", "own"]), labels(EXCHANGE), loss=first)
    yield worked(tool, "home, on", export([*home, ("v", "hot", 10)], ["v", "own"]), labels(EXCHANGE), loss=first)
    again = export(simple, ["own"]).replace("a test", "another")
    yield worked(tool, "alike", export(simple, ["own"]), again, labels(EXCHANGE), loss=first)
    once = export(simple[:1], ["own"]).replace("a test", "another")
    yield worked(tool, "alike once", export(simple, ["own"]), once, labels(EXCHANGE), loss=first)
    yield worked(tool, "called", export(simple, ["own"], OTHER).replace("USDT", "FOO"), loss=first, asset=OTHER)
    parts = [("victim", "own", 100), ("own", "hot", 30), ("own", "dep", 70), ("dep", "hot", 70)]
    deposit = labels(EXCHANGE, ("dep", "Binance", "deposit", "exchange"))
    yield worked(tool, "own deposit", export(parts, ["own", "dep"]), deposit, loss=first)
    against = labels(EXCHANGE, ("own", "OKX", "deposit", "exchange"))
    habit = [("victim", "own", 50), ("own", "hot", 30), ("own", "hot", 20)]
    yield worked(tool, "against", export(habit, ["own"]), against, loss=first)
    rival = labels(("hot", "OKX", "hot-wallet", "exchange")).replace("a list", "another list")
    yield worked(tool, "rivals", export(simple, ["own"]), labels(EXCHANGE), rival, loss=first)
    yield worked(tool, "credits", *split, labels(EXCHANGE, OKX), loss=("--tx", tx(2)))
    yield from crowded(tool)
    # Last: what is altered is taken from the first that fits.
    yield from dated(tool)


def crowded(tool: Tool) -> Iterator[View]:
    """More losses than a chronology lists, and one loss of more payments than a report to the police does."""
    for name, count in (("payers", chronology.BEGAN + 1), ("payments", reporting.STARTS + 1)):
        paid = [*((f"v{n}", "own", 1) for n in range(count)), ("own", "hot", count)]
        payments = [word for n in range(count) for word in ("--tx", tx(n + 1))]
        loss = payments if name == "payers" else ["--address", who("own")]
        yield worked(tool, name, export(paid, ["own"]), labels(EXCHANGE), loss=tuple(loss))


def at(moves: Sequence[tuple[str, str, str, int]]) -> str:
    """Moves of w at (moment, payer, payee, amount), as an export without positions."""
    return listed(*(row("w", n, when, src, dst, amount) for n, (when, src, dst, amount) in enumerate(moves, 1)))


def differing(view: View) -> pa.Table:
    """Its gaps, one of them said to be that exhibits call an asset of page 1 differently."""
    table = view.tables["gaps"]()
    rows = table.to_pylist()
    rows[0] |= {"code": "symbol-differs", "subject": next(r.asset for r in figures.rests(view))}
    return pa.Table.from_pylist(rows, schema=table.schema)


def graded(moved: pa.Table, proof: str) -> pa.Table:
    """The same transactions, all of one grade of proof."""
    at = moved.schema.get_field_index("proof")
    return moved.set_column(at, "proof", pa.repeat(pa.scalar(proof), moved.num_rows))


def dropped(view: View) -> View:
    """The same with a loss that was taken back after results, and one that was changed."""
    assert view.declaration is not None
    gone = Dropped(loss="L9", place=who("x"), declared=3, dropped=9, time=view.declaration.time)
    loss = Loss(id="L8", chain="eip155:1", tx="t", amount=2, assets=("eip155:1/slip44:60",))
    other = Altered(before=replace(loss, amount=1), now=loss, declared=3, number=9, time=view.declaration.time)
    return replace(view, declaration=replace(view.declaration, dropped=(gone,), altered=(other,)))


def altered(views: Sequence[View]) -> Iterator[View]:
    """The same views with one fact each that small cases do not bring about."""
    one = next(v for v in views if figures.of_kind(v, *figures.RESTING) and not any(r.unswept for r in v.offramps))
    for reason in ("mixer", "open", "fee", "burn", "swap", "crossed", "bridge_fee"):
        yield replace(one, tables={**one.tables, "ends": ending(one.tables["ends"](), reason)})
    for standing in ("whole", "held", "less", "answered"):
        day = "2022-03-09T00:00:00Z"
        said = {"standing": standing, "until": day, "height": 7, "balance": 3, "asked": day}
        kind = "at-rest" if standing in ("whole", "held") else "not-seen-leaving"
        found = (replace(f, kind=kind) if f.kind in figures.RESTING else f for f in one.findings)
        stood = replace(one, findings=tuple(found))
        yield replace(stood, findings=told(stood, kind, said))
    yield replace(one, case=replace(one.case, note="a note", merge=("common-input",)), models=("utxo",))
    yield replace(one, case=replace(one.case, merge=()), heuristics=(), models=("utxo",))
    whole = next(v for v in views if figures.of_kind(v, "account"))
    yield replace(whole, findings=told(whole, "account", {"own": 2, "own_amount": 5}))
    yield replace(whole, findings=told(whole, "account", {"arrived": 1}))
    yield from (replace(v, edition="defence", left_out=(("title", 1),)) for v in views[:12])
    limited = next(v for v in views if any(gap.share for gap in lacks.gaps(v)))
    yield replace(limited, case=replace(limited.case, dust=1_000_000))
    yield replace(limited, tables={**limited.tables, "gaps": partial(differing, limited)})
    yield replace(one, findings=())
    yield dropped(one)
    assert one.declaration is not None
    yield replace(one, declaration=None)
    yield replace(one, declaration=replace(one.declaration, seen=True))
    back = Ruled(former=one.case.rule, rule="lifo", number=1, time=one.declaration.time)
    yield replace(one, declaration=replace(one.declaration, ruled=(back,)))
    moved = max((v.tables["transactions"]() for v in views), key=len)
    for proof in figures.PROOFS:
        yield replace(one, tables={**one.tables, "transactions": partial(graded, moved, proof)})
        yield replace(one, tables={**one.tables, "transactions": partial(graded, moved.slice(0, 1), proof)})
    place = figures.of_kind(one, *figures.RESTING)[0]
    yield replace(one, findings=tuple(replace(place, id=f"F{n}", subject=f"{place.subject}{n}") for n in range(6)))
    came = next(v for v in views if any(r.amount for r in v.offramps))
    yield replace(came, tables={name: read for name, read in came.tables.items() if name != "routes"})
    yield from (replace(came, owners=dict.fromkeys([one.id for one in came.case.losses], v)) for v in ("V-A", ""))
    first, *others = one.exhibits
    yield replace(one, exhibits=(replace(first, by="Officer B"), *(others or (first,))))
    ends = one.tables["ends"]()
    at = ends.schema.get_field_index("asset")
    more = [ends.set_column(at, "asset", pa.array([f"x:{n}"] * ends.num_rows, pa.string())) for n in range(2)]
    yield replace(one, tables={**one.tables, "ends": lambda: pa.concat_tables([ends, *more])})
    shared = next(v for v in views if any(ranged.losses(x.rows) for x in figures.totals(v)))
    less = tuple(replace(r, by_rule={**r.by_rule, "lifo": 1}) for r in shared.offramps)
    yield replace(shared, offramps=less, findings=())
    held = shared.tables["ends"]()
    gone = pc.and_(pc.equal(held["rule"], "lifo"), pc.equal(held["reason"], "rest"))
    yield replace(shared, tables={**shared.tables, "ends": lambda: held.filter(pc.invert(gone))})
    paying = next(v for v in views if any(r.amount for r in v.offramps))
    yield replace(paying, offramps=(), findings=())
    left = AsideFacts(number=1, name="x", reason="x", by="x", at=paying.exhibits[0].captured)
    yield replace(paying, offramps=(), findings=(), set_aside=(left,))
    last = next(v for v in views if any(f.slots.get("standing") == "seen" for f in v.findings))
    yield replace(last, set_aside=(left,))
    flows = paying.tables["flows"]()
    yield replace(paying, tables={**paying.tables, "flows": lambda: flows.slice(0, 0)})
    part = tuple(replace(r, unfollowed=5) for r in paying.offramps)
    yield replace(paying, offramps=part, findings=told(paying, "off-ramp", {"unfollowed": 5}))
    at = figures.of_kind(next(v for v in views if figures.of_kind(v, "contradicted")), "contradicted")[0]
    there = replace(at, subject=part[0].address, slots={**at.slots, "asset": part[0].asset})
    unsettled = (*told(paying, "off-ramp", {"unfollowed": 5}), there)
    yield replace(paying, offramps=part, findings=unsettled)
    away = (
        replace(r, credited=r.credited + 10**9, elsewhere=10**9, deposit=False, elsewhere_at={"x": 5})
        for r in paying.offramps
    )
    yield replace(paying, offramps=tuple(away))
    disputed = next(v for v in views if figures.of_kind(v, "contradicted"))
    yield replace(disputed, findings=told(disputed, "contradicted", {"to_most": 5}))
    figure = {"asset": at.slots["asset"], "service": "", "least": 0, "most": 5, "amount": 0, "runs": 2}
    figure |= {"tried": "all", "transactions": ("x",)}
    versions = (replace(at, id=f"F9{n}", kind="by-version", slots=figure) for n in range(disputes.SHOWN + 1))
    yield replace(disputed, findings=(*disputed.findings, *versions))
    several = tuple(replace(at, id=f"F{n}", subject=f"{at.subject}{n}") for n in range(disputes.SHOWN + 1))
    twice = pa.concat_tables([disputed.tables["transactions"]()] * 2)
    tables = {**disputed.tables, "transactions": lambda: twice}
    yield replace(disputed, findings=(*disputed.findings, *several), tables=tables)
    for ran in (paying.case.rule, "oatway"):
        rule = {"id": ran, "title": "t", "claim": "yes", "declared": "no", "elections": "L1: what it moved"}
        yield replace(paying, rules=(*(r for r in paying.rules if r["id"] != ran), rule))
    lost = next(v for v in views if figures.of_kind(v, leading.KIND))
    way = figures.of_kind(lost, leading.KIND)[0]
    ways = (replace(way, id=f"F8{n}", subject=f"{way.subject}{n}") for n in range(leading.SHOWN + 1))
    yield replace(lost, findings=(*lost.findings, *ways))
    unread = next(v for v in views if any(r.reason == "uncollected" for r in figures.rests(v)))
    rest = next(r for r in figures.rests(unread) if r.reason == "uncollected")
    coin = replace(unread.findings[0], id="F99", kind="spent-open", subject=rest.address)
    coin = replace(coin, slots={"asset": rest.asset, "amount": rest.amount, "transactions": ("x",)})
    yield replace(unread, findings=(*unread.findings, coin))
    for nobody in (v for v in views if any(r.service is None and r.amount for r in v.offramps)):
        hub = next(r for r in nobody.offramps if r.service is None and r.amount)
        ends = nobody.tables["ends"]()
        for name, text in (("reason", "rest"), ("address", hub.through)):
            column = pa.repeat(pa.scalar(text), ends.num_rows)
            ends = ends.set_column(ends.schema.get_field_index(name), name, column)
        kept = replace(hub, amount=0, unswept=5, by_rule=dict.fromkeys(hub.by_rule, 0))
        tables = {**nobody.tables, "ends": partial(pa.Table.slice, ends)}
        yield replace(nobody, offramps=(kept,), findings=(), tables=tables)
    freezable = next(v for v in views if figures.of_kind(v, "freezable"))
    half = figures.number(figures.of_kind(freezable, "freezable")[0], "amount") // 2
    lies: dict[str, str | int] = {"balance": half, "balance_height": 7, "upto": half}
    yield replace(freezable, findings=told(freezable, "freezable", lies))
    closed = replace(freezable, findings=told(freezable, "freezable", {**lies, "history": "open"}))
    yield replace(closed, tables={**closed.tables, "ends": ending(closed.tables["ends"](), "uncollected")})
    ramp = next(r for v in views for r in v.offramps if r.service and r.amount)
    many = tuple(
        replace(ramp, through=f"{ramp.through}{n}", address=f"{ramp.through}{n}") for n in range(edges.SHOWN + 1)
    )
    yield replace(one, offramps=many)
    yield from entered(next(v for v in views if any(r.reason == "bridge" for r in figures.rests(v))))
    yield exchanged(next(v for v in views if any(r.service and r.amount for r in v.offramps)))
    yield swapped(next(v for v in views if any(r.service and r.amount for r in v.offramps)))
    yield from opened(views)


def entered(view: View) -> Iterator[View]:
    """Value went into a bridge and no further, with the other side said in the payment, and not."""
    moved = view.tables["transfers"]().to_pylist()
    row = next(r for r in moved if r["dst"] == who("bridge"))
    silent = {"to_chain": "", "to_address": "", "into": "", "promised": "", "key": "0x"}
    loud = {
        "to_chain": "eip155:10",
        "to_address": who("end"),
        "into": row["asset"],
        "promised": "5",
        "key": "0x07",
    }
    for said in (silent, loud, {**silent, "legs": []}):
        one: dict[str, Any] = {name: "" for name in CROSSINGS.names if CROSSINGS.field(name).type == pa.string()}
        one |= {"state": "open", "protocol": "wormhole", "grade": "B", "method": "a bridge 1", "tx": row["tx"]}
        one |= {"chain": row["chain"], "address": row["src"], "through": row["dst"], "asset": row["asset"]}
        one |= {"amount": str(row["amount"]), "traced": str(row["amount"]), "legs": [row["seq"]], "exhibits": [1]}
        other = {**one, **loud, "state": "claimed", "why": "crossing-early", "to_tx": "0x9", "arrived": "4"}
        rows = [{**one, **said}, *([other] if said is loud else ())]
        table = pa.Table.from_pylist(rows, schema=CROSSINGS)
        kind, subject, _, slots, shown = bridged._open({**one, **said})
        open_ = Finding(id="F9000", kind=kind, subject=subject, grade="B", slots=slots, exhibits=shown)
        named = [replace(open_, id="F9001", kind=r[0], slots=r[3]) for r in map(bridged._claimed, rows[1:])]
        slots = {"asset": row["asset"], "amount": 5, "count": 1, "transactions": (row["tx"],), "name": ""}
        for what, why in (("stopped", "open"), ("stopped", "burn"), ("swap-stopped", "swap")) if named else ():
            named.append(replace(open_, id=f"F{why}", kind=what, grade="", slots={**slots, "reason": why}))
        made = (*view.findings, open_, *named)
        yield replace(view, tables={**view.tables, "crossings": partial(pa.Table.slice, table)}, findings=made)


def exchanged(view: View) -> View:
    """The same where what began is had in an exchange."""
    flows, moved = view.tables["flows"](), view.tables["transfers"]()
    came = flows.filter(pc.equal(flows["event"], "start")).drop_columns(["event"])
    came = came.append_column("again", pa.array([True] * came.num_rows))
    first = moved.slice(came["seq"].to_pylist()[0], 1).to_pylist()[0]
    slots = {"asset": f"{first['asset']}0", "into": first["asset"], "transaction": first["tx"], "method": "m 1"}
    slots |= {"to": "", "form": "swap", "amount": 5, "carried": 5, "sold": 5, "bought": 5}
    made = replace(view.findings[0], id="F98", kind="swap", subject=first["dst"], grade="C", slots=slots)
    return replace(view, tables={**view.tables, "exchanges": lambda: came}, findings=(*view.findings, made))


def swapped(view: View) -> View:
    """The same where what value reached is an instant swapper."""
    kinds = {key: replace(one, category="swapper") for key, one in view.services.items()}
    return replace(view, services=kinds)


def name_of(view: View) -> set[str]:
    return {f"{r.through} to {r.service}" for r in view.offramps} | {f"{f.kind}" for f in view.findings}


def told(view: View, kind: str, slots: dict[str, str | int]) -> tuple[Finding, ...]:
    """The findings of a view with some slots of one kind said otherwise."""
    return tuple(replace(f, slots={**f.slots, **slots}) if f.kind == kind else f for f in view.findings)


def dated(tool: Tool) -> Iterator[View]:
    """What came in, what left, and when, where exhibits disagree on it; a row that only another order reaches."""
    for name, moves, other in (
        ("lacking", LACKING, (2, "01T12", "a", "d", 90, "")),
        ("when", HISTORY, (3, "01T11", "d", "hot", 60, "")),
    ):
        files = (listing(moves, ("a", "d")), listing([other]), labels(EXCHANGE))
        yield worked(tool, name, *files, loss=("--tx", tx(1)))
    yield worked(tool, "blocks", listing(BLOCKS, ("d", "own")), labels(EXCHANGE), loss=("--tx", tx(1)))


def ending(ends: pa.Table, reason: str) -> Callable[[], pa.Table]:
    where = ends.schema.get_field_index("reason")
    changed = pc.if_else(pc.is_in(ends["reason"], pa.array(["rest", "uncollected"])), reason, ends["reason"])
    return lambda: ends.set_column(where, "reason", changed)


def nameless(views: Sequence[View]) -> Iterator[View]:
    """Views in which value went to what no list names: directly, and through several addresses."""
    view = next(v for v in views if any(r.service and r.amount for r in v.offramps))
    ramp = replace(next(r for r in view.offramps if r.service and r.amount), service=None)
    yield replace(view, offramps=(replace(ramp, hot_wallets=(ramp.through,)),))
    several = (replace(ramp, through=f"{ramp.through}{n}", address=f"{ramp.through}{n}") for n in range(2))
    yield replace(view, offramps=tuple(several))


def worked(
    tool: Tool,
    name: str,
    *files: str,
    loss: tuple[str, ...],
    rule: str = "",
    more: tuple[str, ...] = (),
    said: str = "",
    asset: str = "USDT",
) -> View:
    tool.case = tool.folder / name
    tool.open(*files)
    tool("loss", *loss, "--asset", asset)
    if said:
        tool("import", "--exhibit", said, "--by", "Officer B")
    tool("run")
    if rule:
        toml = tool.case / "case.toml"
        toml.write_text(toml.read_text().replace('rule = "fifo"', f'rule = "{rule}"'))
    if more:
        tool("loss", *more, "--asset", "USDT")
    if rule or more:
        tool("run")
    return views.load(open_for_reading(tool.case), registry.load())
