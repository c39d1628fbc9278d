"""What of a service was credited, as its letter lists it: the assets and the addresses, each with its memo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import extent, figures, openings, ranged, simultaneous, symbols
from recover.report.elements import Table, columns, table
from recover.report.identifiers import Row
from recover.report.texts import Texts
from recover.sdk import Asset, Finding, OffRamp, View
from recover.sdk.outside import visible


def assets(view: View, t: Texts, ramps: Sequence[OffRamp]) -> Table:
    """The assets, by their ids."""
    found = [figures.asset(view, a) for a in sorted({r.asset for r in ramps})]
    rows = [
        (
            "\n".join(filter(None, (visible(a.symbol, 24), symbols.cell(view, t, a.id)))),
            visible(a.id, 160),
            "–" if a.decimals is None else str(a.decimals),
        )
        for a in found
    ]
    return table(t.say("table.assets"), columns(t, "asset", "asset_id:mono", "decimals:number"), rows)


def payments(ramp: OffRamp, listed: Sequence[Row]) -> int:
    """How many payments to the service are listed of one place: those that carried traced value."""
    # As the rows print them.
    mine = (visible(ramp.address), visible(ramp.asset), visible(ramp.memo, 256))
    return sum(r.direction == "out" and (r.address, r.asset, r.memo) == mine for r in listed)


def stopped(ramp: OffRamp) -> bool:
    """Whether the trace stops at what a source calls a deposit address: what it paid on is not followed."""
    return ramp.deposit and ramp.stops


def still(view: View, ramp: OffRamp) -> int | None:
    """What of the traced value stands where it was credited, in base units; None where no exhibit says, not all
    that came there is followed, or nothing is left by a history that is here in part."""
    return ramp.still((ramp.through, ramp.asset) in openings.mixed(view))


def between(view: View, t: Texts, ramp: OffRamp, key: str, open_: str = "") -> str:
    """The least and the most that is still where a trace stops, by text `key`; `open_` is the text that is added
    where they hang on an order that no exhibit gives. Nothing where its history tells one figure, or none."""
    bounds = ramp.unswept_bounds.get("", {}) if ramp.unswept is None else {}
    if not bounds:
        return ""
    also = t.say(open_) if open_ and (ramp.through, ramp.asset) in simultaneously(view) else ""
    ends = {end: t.units(n, figures.asset(view, ramp.asset)) for end, n in bounds.items()}
    return t.say(key, **ends, also=also)


@figures.settled
def simultaneously(view: View) -> frozenset[tuple[str, str]]:
    """The places, with the asset, at which a trace stops, and where in one moment, in an order that no exhibit
    gives, traced value came in and something was paid out."""
    if not {"flows", "transfers"} <= set(view.tables):
        return frozenset()
    here = pa.array(sorted({r.through for r in view.offramps if r.stops}), pa.string())
    rows = view.tables["transfers"]()
    if not {"tie", "excluded"} <= set(rows.column_names):
        return frozenset()
    rows = rows.filter(pc.and_(pc.is_valid(rows["tie"]), pc.is_null(rows["excluded"])))
    came = rows.filter(pc.is_in(rows["dst"], value_set=here))
    came = came.filter(pc.is_in(came["seq"], value_set=view.tables["flows"]()["seq"].unique()))
    left = rows.filter(pc.is_in(rows["src"], value_set=here))
    sides = ((came, "dst", "src"), (left, "src", "dst"))
    each = (
        {
            (place, asset, tie)
            for place, other, asset, tie in zip(
                *(side[name].to_pylist() for name in (mine, by, "asset", "tie")), strict=True
            )
            if place != other
        }
        for side, mine, by in sides
    )
    return frozenset((place, asset) for place, asset, _ in set.intersection(*each))


def cell(view: View, t: Texts, ramp: OffRamp) -> str:
    """What of the traced value is still there, as a cell of a table."""
    there, asset = still(view, ramp), figures.asset(view, ramp.asset)
    if told := between(view, t, ramp, "cell.still_between", "cell.still_sequence"):
        return told
    if there is None and ramp.unfollowed:
        # What is not followed, as exhibits disagree on what left, has bounds; else its history is not whole.
        mine = (ramp.address, ramp.asset)
        open_ = (f for f in figures.of_kind(view, "contradicted") if (f.subject, f.slots.get("asset")) == mine)
        if known := next(open_, None):
            least, most = (t.units(figures.number(known, f"left_{one}"), asset) for one in ("least", "most"))
            return t.say(f"cell.left_{'disputed' if least != most else 'alike'}", least=least, most=most)
        return t.say("cell.left_unknown", amount=t.units(ramp.unfollowed, asset))
    return "–" if there is None else t.both(there, asset) if there else "0"


@figures.settled
def came(view: View) -> frozenset[tuple[str, str]]:
    """The places, with the asset, that traced value came to or left by its movements under the declared rule."""
    if not {"flows", "transfers"} <= set(view.tables):
        return frozenset()
    moved = view.tables["transfers"]()
    rows = moved.filter(pc.is_in(moved["seq"], value_set=view.tables["flows"]()["seq"].unique()))
    assets = rows["asset"].to_pylist()
    found = {place for side in ("src", "dst") for place in zip(rows[side].to_pylist(), assets, strict=True)}
    return frozenset(place for place in found if place[0])


def accounts(view: View) -> Sequence[Finding]:
    """The accounts of the wallets that traced value came to, or left; of all where no trace is at hand."""
    found, here = figures.of_kind(view, "account"), came(view)
    return [f for f in found if (f.subject, f.slots.get("asset")) in here] if here else found


def addresses(
    view: View,
    t: Texts,
    ramps: Sequence[OffRamp],
    listed: Sequence[Row],
    rest: Mapping[tuple[str, str], ranged.Figures],
) -> Table:
    """What was credited, with its sums under the declared rule, and how far these move.

    `rest`: by address and asset, what is left there under each rule.
    """
    rows = []
    for r in ramps:
        asset = figures.asset(view, r.asset)
        rows.append(
            (
                f"{place(t, r)}\n{extent.chain(view, r.chain)} · {visible(asset.symbol, 24)}"
                + _moved(view, t, asset, r, rest),
                f"{r.transfers:,}",
                t.both(r.credited, asset),
                cell(view, t, r),
                "–" if stopped(r) else t.both(r.amount, asset) if r.amount else "0",
                "–" if stopped(r) else f"{payments(r, listed):,}",
                r.grade,
            )
        )
    numbers = (f"{name}:number" for name in ("arrivals", "credited", "unswept", "traced", "sweeps"))
    heads = columns(t, "address:mono", *numbers, "grade")
    return table(t.say("table.addresses", rule=t.rule(view.case.rule)), heads, rows)


def _moved(
    view: View, t: Texts, asset: Asset, ramp: OffRamp, rest: Mapping[tuple[str, str], ranged.Figures]
) -> str:
    """How far the figures of an address move from rule to rule, and with the order of movements of one moment."""
    left = {} if ramp.by_memo else rest.get((ramp.through, ramp.asset), {})
    moved = (ranged.mark(view, t, ramp, left), simultaneous.mark(view, t, asset, ramp))
    return "".join(f"\n{one}" for one in moved if one)


def place(t: Texts, ramp: OffRamp) -> str:
    """What was credited, as its service knows it: the address and, where that tells customers apart, the memo."""
    if not ramp.by_memo:
        return visible(ramp.address)
    said = t.say("memo.is", memo=visible(ramp.memo, 256)) if ramp.memo else t.say("memo.none")
    return f"{visible(ramp.address)}\n{said}"
