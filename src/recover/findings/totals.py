"""Totals: every figure that a paper prints, once, in one table that a reader can add up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice

import pyarrow as pa
import pyarrow.compute as pc

from recover.findings.material import Material, shared
from recover.ledger.spending import paid_in_all
from recover.sdk import amounts
from recover.sdk.ends import BEGAN, passed_within
from recover.sdk.view import Finding, OffRamp
from recover.trails.missing import ASKED, BESIDE

_NAMES = ("figure", "subject", "service", "asset", "rule", "loss", "amount")
TABLE = pa.schema([(name, pa.string()) for name in _NAMES])
"""`figure` names what is counted, `amount` says how much, in base units or as a count, as decimal text."""

Row = tuple[str, ...]
"""The cells of a row, in the order of the table's columns."""


def table(
    rule: str,
    ramps: Sequence[OffRamp],
    found: Sequence[Finding],
    ends: pa.Table,
    origins: pa.Table,
    gaps: pa.Table,
    material: Material,
) -> pa.Table:
    """`ends` are those of every rule that may back a claim.

    Services first, then credited addresses, where value was left, origins, what findings count, and gaps."""
    rows = chain(
        _services(rule, ramps, material),
        _ramps(rule, ramps),
        _ends(rule, ends),
        _endpoints(ends),
        _origins(origins),
        _findings(rule, found),
        _own(found),
        _gaps(rule, gaps, found),
    )
    # Of ten thousand victims there are a million rows: they are never all held apart.
    parts = [TABLE.empty_table()]
    while listed := list(islice(rows, _SLICE)):
        arrays = [pa.array(column, pa.string()) for column in zip(*listed, strict=True)]
        parts.append(pa.Table.from_arrays(arrays, schema=TABLE))
    return pa.concat_tables(parts)


_SLICE = 1 << 16


def _own(found: Sequence[Finding]) -> Iterator[Row]:
    """What addresses of the accounts paid themselves, by asset."""
    sums: dict[str, list[int]] = {}
    for f in (f for f in found if f.kind == "account"):
        held = sums.setdefault(str(f.slots["asset"]), [0, 0])
        for n, slot in enumerate(("own", "own_amount")):
            value = f.slots.get(slot)
            held[n] += value if isinstance(value, int) else 0
    for asset, (count, amount) in sorted(sums.items()):
        if count:
            yield _row("payments to themselves", count, asset=asset)
            yield _row("paid to themselves", amount, asset=asset)


def _gaps(rule: str, gaps: pa.Table, found: Sequence[Finding]) -> Iterator[Row]:
    """How many gaps there are of each code, and the most traced value that passed each place, or that hangs
    on it."""
    counts: dict[str, int] = {}
    beside = {place for f in found if _beside(f) for place in _open(f)}
    beside -= {place for f in found if f.kind == "unsettled" and not _beside(f) for place in _open(f)}
    most: dict[tuple[str, str, str], int] = {}
    for row in gaps.select(["code", "subject", "affects"]).to_pylist():
        counts[row["code"]] = counts.get(row["code"], 0) + 1
        for asset, amount in json.loads(row["affects"] or "{}").items():
            key = row["code"], row["subject"], asset
            most[key] = max(most.get(key, 0), int(amount))
    for code, count in sorted(counts.items()):
        yield _row(f"gaps {code}", count)
    for (code, subject, asset), amount in sorted(most.items()):
        # Of a place that only other rules reach, or move, the figure is theirs, the most that one of them gives.
        name = subject.rpartition(":")[2]
        under = "" if code in BESIDE or (code in ASKED and (name, asset) in beside) else rule
        how = "hangs" if code in ASKED else "passed"
        yield _row(f"gap {code}: {how} at most", amount, subject=subject, asset=asset, rule=under)


def _beside(finding: Finding) -> bool:
    """Whether its figures are those of rules beside the declared one."""
    return finding.kind == "unsettled" and finding.slots.get("moves") == "beside"


def _open(finding: Finding) -> Iterator[tuple[str, str]]:
    """The places, or transactions where it has none, that a question is about, each with the asset."""
    names = finding.slots.get("places") or finding.slots.get("transactions")
    for name in names if isinstance(names, tuple) else ():
        yield name, str(finding.slots.get("asset", ""))


def _row(
    figure: str,
    amount: int,
    *,
    subject: str = "",
    service: str = "",
    asset: str = "",
    rule: str = "",
    loss: str = "",
) -> Row:
    return figure, subject, service, asset, rule, loss, str(amount)


def _services(rule: str, ramps: Sequence[OffRamp], material: Material) -> Iterator[Row]:
    for service, asset in sorted({(r.service or "", r.asset) for r in ramps}):
        mine = [r for r in ramps if (r.service or "", r.asset) == (service, asset)]
        where = {"service": service or "unlabelled hubs", "asset": asset}
        for name in sorted({name for r in mine for name in r.by_rule}):
            yield _row("service traced", sum(r.by_rule.get(name, 0) for r in mine), rule=name, **where)
        for loss in sorted({loss for r in mine for loss in r.by_loss}, key=lambda x: (len(x), x)):
            traced = sum(r.by_loss.get(loss, 0) for r in mine)
            yield _row("service traced of loss", traced, rule=rule, loss=loss, **where)
        once = {r.place: r for r in mine}.values()
        for name, amount in _orders(mine):
            yield _row(f"service traced, order {name}", amount, rule=rule, **where)
        for name, loss, amount in _orders_by_loss(mine):
            yield _row(f"service traced of loss, order {name}", amount, rule=rule, loss=loss, **where)
        for other, order, amount in _orders_by_rule(mine):
            yield _row(f"service traced, order {order}", amount, rule=other, **where)
        # What one of its addresses paid to another came once.
        credited, unswept = sum(r.credited for r in once) - passed_within(mine), sum(r.unswept or 0 for r in once)
        lost, fees = sum(r.unfollowed for r in once), sum(r.fees for r in once)
        # What came in at several addresses has no sum: value can pass from one of them to another.
        if len(once) == 1:
            yield _row("service credited", credited, rule=rule, **where)
            gone = sum(r.resting for r in once) + lost + fees + sum(r.amount for r in mine)
            yield _row("service elsewhere", credited - gone, rule=rule, **where)
        # What is left at an address that pays several services is the same at each, and adds up to nothing.
        others = {r.place for r in ramps if (r.service or "", r.asset) != (service, asset)}
        shared = ", also counted at others" if any(place in others for place in {r.place for r in mine}) else ""
        told = "" if all(r.unswept is not None for r in once) else ", where one figure is told"
        yield _row(f"service unswept{shared}{told}", unswept, rule=rule, **where)
        yield _row("service fees", fees, rule=rule, **where)
        yield _row("service unfollowed", lost, rule=rule, **where)
        paid = ((r.through, material.onward.get((r.through, asset), {})) for r in mine)
        beyond = {name: on[service, ""].wallets for name, on in paid if (service, "") in on}
        swept, sweeps = paid_in_all(mine, material.transfers, beyond)
        yield _row("service paid in all", swept, **where)
        yield _row("service payments", sweeps, **where)
        yield _row("service addresses", len(once), **where)


def _orders(rows: Sequence[OffRamp]) -> list[tuple[str, int]]:
    """A sum over rows in each order of simultaneous movements in which one of them differs."""
    names = sorted({order for r in rows for order in r.by_order.get("amount", {})})
    return [(name, sum(r.by_order.get("amount", {}).get(name, r.amount) for r in rows)) for name in names]


def _orders_by_loss(rows: Sequence[OffRamp]) -> Iterator[tuple[str, str, int]]:
    """The same by loss."""
    for order in sorted({order for r in rows for order in r.by_order_and_loss}):
        sums: dict[str, int] = {}
        for r in rows:
            for loss, amount in r.by_order_and_loss.get(order, r.by_loss).items():
                sums[loss] = sums.get(loss, 0) + amount
        yield from ((order, loss, amount) for loss, amount in sorted(sums.items()))


def _orders_by_rule(rows: Sequence[OffRamp]) -> Iterator[tuple[str, str, int]]:
    """The sum under each other rule, in each order in which a row differs under it."""
    for name in sorted({name for r in rows for name in r.by_rule_and_order}):
        rule, _, order = name.partition(" ")
        kept = ((r.by_rule_and_order.get(name), r.by_rule.get(rule, 0)) for r in rows)
        yield rule, order, sum(base if sums is None else sum(sums.values()) for sums, base in kept)


def _ramps(rule: str, ramps: Sequence[OffRamp]) -> Iterator[Row]:
    for r in ramps:
        where = {"subject": r.through, "service": r.service or "unlabelled hubs", "asset": r.asset}
        for name, sums in sorted(r.by_rule_and_loss.items()):
            yield _row("traced", sum(sums.values()), rule=name, **where)
            for loss, amount in sums.items():
                yield _row("traced of loss", amount, rule=name, loss=loss, **where)
        for name in ("credited", "unswept", "elsewhere", "fees", "unfollowed"):
            # Where no exhibit tells what is still there, no row says that nothing is.
            if getattr(r, name) is not None:
                yield _row(name, getattr(r, name), rule=rule, **where)
        for end, amount in r.unswept_bounds.get("", {}).items() if r.unswept is None else ():
            yield _row(f"unswept at {end}", amount, rule=rule, **where)
        for figure, orders in sorted(r.by_order.items()):
            for order, amount in sorted(orders.items()):
                yield _row(
                    f"{'traced' if figure == 'amount' else figure}, order {order}", amount, rule=rule, **where
                )
        for order, sums in sorted(r.by_order_and_loss.items()):
            for loss, amount in sorted(sums.items()):
                yield _row(f"traced of loss, order {order}", amount, rule=rule, loss=loss, **where)
        for name, sums in sorted(r.by_rule_and_order.items()):
            other, _, order = name.partition(" ")
            for loss, amount in sorted(sums.items()):
                yield _row(f"traced of loss, order {order}", amount, rule=other, loss=loss, **where)
        for place, amount in r.elsewhere_at.items():
            yield _row(f"elsewhere to {place}", amount, rule=rule, **where)
        yield _row("paid in all", r.swept, **where)
        yield _row("payments", r.sweeps, **where)
        yield _row("credits", r.transfers, rule=rule, **where)


def _ends(rule: str, ends: pa.Table) -> Iterator[Row]:
    sums: dict[tuple[str, str, str], int] = {}
    ends = ends.filter(pc.equal(ends.column("rule"), rule))
    cells = shared(ends, "reason", "asset", "loss")
    for (reason, asset, name), amount in zip(cells, amounts.exact(ends), strict=True):
        for loss in ("", name):
            sums[reason, asset, loss] = sums.get((reason, asset, loss), 0) + amount
    for (reason, asset, loss), amount in sorted(sums.items()):
        yield _row(f"ended {reason}", amount, asset=asset, loss=loss, rule=rule)


def _endpoints(ends: pa.Table) -> Iterator[Row]:
    """What each rule leaves at each place outside services and hubs, all losses together."""
    sums: dict[tuple[str, str, str, str], int] = {}
    begun: dict[tuple[str, str], int] = {}
    cells = shared(ends, "asset", "address", "reason", "rule")
    for (asset, address, reason, rule), amount in zip(cells, amounts.exact(ends), strict=True):
        if reason not in ("service", "hub"):
            key = asset, address or "", reason, rule
            sums[key] = sums.get(key, 0) + amount
        begun[asset, rule] = begun.get((asset, rule), 0) + amount
    for (asset, rule), amount in sorted(begun.items()):
        yield _row("began in all", amount, asset=asset, rule=rule)
    yield from _begun(ends)
    for (asset, address, reason, rule), amount in sorted(sums.items()):
        yield _row(f"endpoint {reason}", amount, subject=address, asset=asset, rule=rule)


def _begun(ends: pa.Table) -> Iterator[Row]:
    """What each rule has of a loss in an asset, where they differ: by overlap, or by what came by exchange."""
    ran = sorted(ends.column("rule").unique().to_pylist())
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for (asset, loss, rule), amount in zip(
        shared(ends, "asset", "loss", "rule"), amounts.exact(ends), strict=True
    ):
        held = sums.get((asset, loss))
        if held is None:
            held = sums[asset, loss] = dict.fromkeys(ran, 0)
        held[rule] += amount
    for (asset, loss), held in sorted(sums.items()):
        if len({*held.values()}) > 1:
            yield from (_row(BEGAN, n, asset=asset, loss=loss, rule=rule) for rule, n in held.items())


def _origins(origins: pa.Table) -> Iterator[Row]:
    sums: dict[tuple[str, str], int] = {}
    for row in origins.to_pylist():
        # Value that carries another loss keeps it, and begins nothing here.
        kept = row["kind"] == "loss"
        whole = "inflow that keeps another loss" if kept else "inflow that begins losses"
        came = int(row["amount"]) if row["kind"] in ("service", "hub") else 0
        for name, amount in (
            (whole, int(row["amount"])),
            ("inflow from services and hubs", came),
            ("inflow from other addresses", int(row["amount"]) if row["kind"] == "other" else 0),
            ("inflow after traced value had reached its place", 0 if kept else int(row["after"])),
            ("inflow that may be counted twice", int(row["twice"])),
            ("inflow that names no payer", int(row["payerless"])),
        ):
            sums[name, row["asset"]] = sums.get((name, row["asset"]), 0) + amount
    for (name, asset), amount in sorted(sums.items()):
        yield _row(name, amount, asset=asset)
        if name == "inflow that begins losses":
            twice = sums["inflow that may be counted twice", asset]
            yield _row("inflow net of what may be counted twice", amount - twice, asset=asset)
    for row in origins.to_pylist():
        where = {"subject": row["name"], "asset": row["asset"], "loss": row["loss"]}
        yield _row(f"came from {row['kind']}", int(row["amount"]), **where)
        yield _row(f"came from {row['kind']} after it was reached", int(row["after"]), **where)
        yield _row(f"came from {row['kind']} and may be counted twice", int(row["twice"]), **where)


def _findings(rule: str, found: Sequence[Finding]) -> Iterator[Row]:
    """The whole numbers that findings carry, under the kind and the slot that they have there."""
    for finding in found:
        asset = finding.slots.get("asset")
        for name, value in finding.slots.items():
            if isinstance(value, int):
                where = {"subject": finding.subject, "asset": asset if isinstance(asset, str) else ""}
                under = "" if _beside(finding) else rule
                yield _row(f"{finding.kind} {name}", value, rule=under, **where)
