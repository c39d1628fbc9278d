"""What papers say of what no exhibit settles: how figures move in other orders of one moment, or with other parts.

A loss that is a part of a payment is taken to be its first part; no exhibit shows that either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from recover.report import figures, lacks, openings, unnamed
from recover.report.elements import Block, Para, columns, table
from recover.report.texts import Texts
from recover.sdk import Asset, Finding, OffRamp, View
from recover.sdk.ends import PART
from recover.sdk.outside import visible

KIND = "order-assumed"
PARTED = "part-assumed"
"""The kinds of findings of figures that differ so."""

ROWS = 40
"""At most so many figures that move are printed, those that move most first; the rest are counted."""


def tried(view: View) -> Mapping[str, tuple[int, bool]]:
    """By asset of which traced value met such moments under a rule that may back a claim: how many orders were
    tried under the declared one, that used included, and whether all were under each rule.
    """
    found: dict[str, tuple[int, bool]] = {}
    for row in _ties(view):
        orders, whole = found.get(row["asset"], (1, True))
        mine = row["tried"] + 1 if row["rule"] == view.case.rule else 1
        found[row["asset"]] = max(orders, mine), whole and row["all"]
    return found


@figures.settled
def _ties(view: View) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = view.tables["ties"]().to_pylist() if "ties" in view.tables else []
    return found


def ruled(view: View, asset: str | None = None) -> tuple[str, ...]:
    """The rules beside the declared one that give another figure in another order, of one asset or of any."""
    named = (row for row in _ties(view) if asset in (None, row["asset"]) and row["moved"])
    return tuple(sorted({row["rule"] for row in named} - {view.case.rule}))


def spans(rows: Iterable[OffRamp]) -> dict[str, tuple[int, int]]:
    """By rule beside the declared one, the lowest and the highest of a sum over rows, in the order used and
    in those tried under it: of the rules under which it differs."""
    rows, moved = list(rows), dict[str, dict[str, int]]()
    for r in rows:
        for name, sums in r.by_rule_and_order.items():
            rule = name.partition(" ")[0]
            held = moved.setdefault(rule, {})
            held[name] = held.get(name, 0) + sum(sums.values()) - r.by_rule.get(rule, 0)
    found = {}
    for rule, shifts in sorted(moved.items()):
        ends = [sum(r.by_rule.get(rule, 0) for r in rows) + n for n in (0, *shifts.values())]
        if min(ends) != max(ends):
            found[rule] = min(ends), max(ends)
    return found


def hangs(view: View, asset: str, amount: int, rows: Iterable[OffRamp]) -> bool:
    """Whether a sum over rows hangs on an order under a rule that may back a claim, or can: not all were tried, or
    blocks and times give two."""
    rows = list(rows)
    low, high = bounds(amount, rows)
    return low != high or bool(spans(rows)) or partly(view, asset) or asset in contrary(view)


@figures.settled
def contrary(view: View) -> frozenset[str]:
    """The assets of which traced value met movements that stand in one order by blocks, in another by times."""
    return frozenset(asset for _, asset, _ in lacks.affected(view, "order-contradicted"))


def _either(view: View, asset: str | None) -> bool:
    """Whether blocks and times give two orders of an asset, or of any."""
    return bool(contrary(view)) if asset is None else asset in contrary(view)


def sequence(view: View, t: Texts, asset: str | None = None) -> str:
    """What a sentence on every rule says of the order, where some rule gives another figure in another one, and of
    what was held before, where that is open."""
    open_ = any(asset in (None, one) for one, (_, whole) in tried(view).items() if not whole)
    ordered = t.say("order.sequence") if open_ or ruled(view, asset) or _either(view, asset) else ""
    return ordered + openings.said(view, t, asset)


def ordered(view: View, t: Texts, asset: str, amount: int, rows: Iterable[OffRamp]) -> str:
    """The same of a sum over rows: that of another sum hangs on an order is nothing to it."""
    said_ = t.say("order.sequence") if hangs(view, asset, amount, rows) else ""
    return said_ + openings.said(view, t, asset)


def used_of(view: View, t: Texts, asset: str, amount: int, rows: Iterable[OffRamp]) -> str:
    """The same of a sum over rows under one rule, whichever, and of the parts that are taken as losses."""
    return ordered(view, t, asset, amount, rows) + (t.say("part.used") if parted(view, asset) else "")


def used(view: View, t: Texts, asset: str | None = None, by_loss: bool = False) -> str:
    """What a sentence says of a figure of one rule, whichever: where it, or another, is otherwise in another
    order, or with another part of a payment as the loss; of figures `by_loss`, where one of a loss can be."""
    order, part = (
        any(asset in (None, f.slots.get("asset")) for f in figures.of_kind(view, kind)) for kind in (KIND, PARTED)
    )
    part = part or (by_loss and bool(parted(view, asset or "")))
    order = order or (by_loss and any(asset in (None, one) for one in tried(view)))
    order = order or bool(ruled(view, asset)) or _either(view, asset)
    ordered = t.say("order.sequence") if order else ""
    return ordered + openings.said(view, t, asset) + (t.say("part.used") if part else "")


def _which(view: View, t: Texts, asset: str, rows: Iterable[OffRamp] | None = None) -> str:
    """Whether these are all orders, and which rules other than the declared one they move: in a sum over `rows`,
    with how far that moves it, or in any figure of the asset."""
    whole = not partly(view, asset)
    if rows is None:
        if not (rules := ruled(view, asset)):
            return t.say("order.whole" if whole else "order.some")
        return t.say("order.ruled" if whole else "order.ruled_some", rules=t.joined(map(t.rule, rules)))
    kind = figures.asset(view, asset)
    alike: dict[tuple[int, int], list[str]] = {}
    for rule, ends in spans(rows).items():
        alike.setdefault(ends, []).append(t.rule(rule))
    told = [
        t.say("order.rule", rules=t.joined(names), low=t.units(low, kind), high=t.units(high, kind))
        for (low, high), names in alike.items()
    ]
    if not told:
        return t.say("order.whole" if whole else "order.some")
    return t.say("order.spans" if whole else "order.spans_some", rules=t.joined(told))


def partly(view: View, asset: str) -> bool:
    """Whether traced value in an asset met such moments, and not all orders of them were tried."""
    return not tried(view).get(asset, (0, True))[1]


@figures.settled
def _parts(view: View) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = view.tables["parts"]().to_pylist() if "parts" in view.tables else []
    return found


def parted(view: View, asset: str = "") -> tuple[str, ...]:
    """The losses that are a part of a payment which its receiver paid on, and of which other parts were traced.

    Of an asset: also those of which value came into it by exchange.
    """
    rows = [row for row in _parts(view) if row["on"] and row["tried"]]
    came = {loss for r in view.offramps if r.asset == asset for loss in (*r.by_loss, *losses([r], parts=True))}
    found = {row["loss"] for row in rows if asset in ("", row["asset"]) or row["loss"] in came}
    return tuple(loss.id for loss in view.case.losses if loss.id in found)


def sequenced(view: View, rows: Iterable[OffRamp]) -> bool:
    """Whether figures of rows differ in another sequence, or can: not all were tried."""
    rows = list(rows)
    moved = (name for r in rows for sums in r.by_order.values() for name in sums)
    kept = any(not name.startswith(PART) for name in moved) or any(partly(view, r.asset) for r in rows)
    sums = {(r.service, r.asset) for r in rows}
    return kept or any(spans(r for r in rows if (r.service, r.asset) == one) for one in sums)


def bounds(amount: int, rows: Iterable[OffRamp], figure: str = "amount", parts: bool = False) -> tuple[int, int]:
    """The lowest and the highest of a sum over rows, in the order used and in all that were tried; with `parts`,
    with other parts of payments in the place of other orders."""
    moved: dict[str, int] = {}
    for r in rows:
        for order, value in r.by_order.get(figure, {}).items():
            if order.startswith(PART) is parts:
                moved[order] = moved.get(order, 0) + value - getattr(r, figure)
    sums = [amount, *(amount + n for n in moved.values())]
    return min(sums), max(sums)


def losses(rows: Iterable[OffRamp], parts: bool = False) -> dict[str, tuple[int, int]]:
    """By loss, the same bounds, of the losses whose figure moves."""
    rows = list(rows)
    base: dict[str, int] = {}
    for r in rows:
        for loss, amount in r.by_loss.items():
            base[loss] = base.get(loss, 0) + amount
    moved: dict[str, dict[str, int]] = {}
    for r in rows:
        for order, sums in r.by_order_and_loss.items():
            for loss, amount in sums.items() if order.startswith(PART) is parts else ():
                held = moved.setdefault(loss, {})
                held[order] = held.get(order, 0) + amount - r.by_loss.get(loss, 0)
    found = {}
    for loss, shifts in sorted(moved.items(), key=lambda one: (len(one[0]), one[0])):
        ends = [base.get(loss, 0) + n for n in (0, *shifts.values())]
        if min(ends) != max(ends):
            found[loss] = min(ends), max(ends)
    return found


def keys(view: View, asset_id: str, amount: int, rows: Iterable[OffRamp], named: bool = False) -> tuple[str, ...]:
    """The sentences on a sum of rows; none where nothing that was tried gives another figure, and all was.

    Of rows with the figures of `named` losses alone nothing is said of parts: those are of other losses too.
    """
    rows, found = list(rows), []
    whole = tried(view).get(asset_id, (0, True))[1]
    varied = [("order", False, asset_id in tried(view)), ("part", True, bool(parted(view, asset_id)))]
    for name, parts in ((name, parts) for name, parts, here in varied if here and not (named and parts)):
        low, high = bounds(amount, rows, parts=parts)
        by = losses(rows, parts)
        if low != high or by or parts or not whole or spans(rows):
            found.append(f"{name}.{'span' if low != high else 'same'}")
        if len(by) > 1 or (by and low == high):
            found.append(f"{name}.by_loss")
    return tuple(found)


def said(view: View, t: Texts, asset: Asset, amount: int, rows: Iterable[OffRamp], named: bool = False) -> str:
    """The same as text."""
    rows, found = list(rows), []
    orders, _ = tried(view).get(asset.id, (0, True))
    slots = {
        "rule": t.rule(view.case.rule),
        "orders": f"{orders:,}",
        "which": _which(view, t, asset.id, rows) if orders else "",
        "losses": t.joined(parted(view, asset.id)),
        "opening": openings.said(view, t, asset.id),
    }
    for key in keys(view, asset.id, amount, rows, named):
        parts = key.startswith("part.")
        low, high = bounds(amount, rows, parts=parts)
        each = losses(rows, parts) if key.endswith("by_loss") else {}
        told = {
            loss: t.say("order.loss", loss=loss, least=t.units(a, asset), most=t.units(b, asset))
            for loss, (a, b) in each.items()
        }
        listed = several(t, told, {loss: b - a for loss, (a, b) in each.items()})
        found.append(t.say(key, low=t.units(low, asset), high=t.units(high, asset), parts=listed, **slots))
    return " ".join(found)


LISTED = 3
"""So many losses a sentence names, those whose figure moves most: of five hundred nobody reads a sentence."""


def several(t: Texts, told: Mapping[str, str], wide: Mapping[str, int], most: int = LISTED) -> str:
    """Losses one after the other, and how many more there are."""
    names = sorted(told, key=lambda loss: -wide[loss])[:most]
    parts = [said for loss, said in told.items() if loss in names]
    more = len(told) - len(parts)
    return "; ".join([*parts, t.say("range.more", count=f"{more:,}")] if more else parts)


def beside(view: View, t: Texts, asset: Asset, amount: int, rows: Iterable[OffRamp], named: bool = False) -> str:
    """The same with a space before it, to stand behind another sentence."""
    sentence = said(view, t, asset, amount, rows, named)
    return f" {sentence}" if sentence else ""


def possible(row: OffRamp) -> bool:
    """Whether nothing went on through a row or is unswept there, but would in another order, or part, of those
    tried."""
    moved = (n for figure in ("amount", "unswept") for n in row.by_order.get(figure, {}).values())
    return not row.amount and not row.resting and any(moved)


def mark(view: View, t: Texts, asset: Asset, row: OffRamp) -> str:
    """For a cell: how far the figures of one row move, each by its name; empty where none does.

    What was tried is counted with it: where that is not all, the figure can lie outside.
    """
    found = [t.say("order.possible")] if possible(row) else []
    for figure in row.by_order:
        for of_parts in (False, True):
            ends = bounds(getattr(row, figure), [row], figure, of_parts)
            found += [_cell(view, t, asset, figure, ends, of_parts)] if ends[0] != ends[1] else []
    return "\n".join(found)


def of_loss(view: View, t: Texts, asset: Asset, rows: Iterable[OffRamp], loss: str) -> str:
    """For a cell: how far what rows sum to of one loss moves; empty where it does not."""
    rows = list(rows)
    moved = ((parts, losses(rows, parts).get(loss)) for parts in (False, True))
    return "\n".join(_cell(view, t, asset, "loss", ends, parts) for parts, ends in moved if ends)


def _cell(view: View, t: Texts, asset: Asset, figure: str, ends: tuple[int, int], parts: bool) -> str:
    tried_ = 1 + max((one["tried"] for one in _parts(view)), default=0)
    count = tried_ if parts else tried(view).get(asset.id, (1, True))[0]
    slots = {"low": t.units(ends[0], asset), "high": t.units(ends[1], asset), "tried": f"{count:,}"}
    slots["opening"] = openings.said(view, t, asset.id)
    return t.say(f"part.cell_{figure}" if parts else f"order.cell_{figure}", **slots)


_LEFT = frozenset({"rest", "uncollected", "open"})
"""Reasons of ends at which value was left, as far as exhibits show."""


@figures.settled
def _ended(view: View) -> Mapping[tuple[str, str], Mapping[tuple[str, str], Mapping[str, int]]]:
    """By address and asset, how what is left there differs, by rule and order and by loss."""
    found: dict[tuple[str, str], dict[tuple[str, str], dict[str, int]]] = {}
    for row in view.tables["orders"]().to_pylist() if "orders" in view.tables else []:
        if row["what"] == "end" and row["key"] in _LEFT and not row["order"].startswith(PART):
            here = found.setdefault((row["place"], row["asset"]), {})
            sums = here.setdefault((row["rule"], row["order"]), {})
            sums[row["loss"]] = sums.get(row["loss"], 0) + int(row["amount"])
    return found


def left(view: View, address: str, asset: str, amount: int, losses: Collection[str]) -> tuple[int, int] | None:
    """How far what is left of an asset at an address, of these losses or of all, moves over the orders tried.

    None where it moves under no rule that may back a claim, and all were tried.
    """
    shifts = {
        name: sum(n for loss, n in sums.items() if not losses or loss in losses)
        for name, sums in _ended(view).get((address, asset), {}).items()
    }
    if not any(shifts.values()) and not partly(view, asset):
        return None
    ends = [amount + n for (rule, _), n in shifts.items() if rule == view.case.rule] + [amount]
    return min(ends), max(ends)


def mark_left(view: View, t: Texts, asset: Asset, address: str, amount: int, losses: Collection[str]) -> str:
    """The same for a cell; empty where nothing hangs on an order."""
    ends = left(view, address, asset.id, amount, losses)
    return "" if ends is None else _cell(view, t, asset, "unswept", ends, False)


def summary(view: View, t: Texts) -> Iterator[Block]:
    """One sentence on page 1 for each asset of which traced value met such moments."""
    for asset_id, (orders, whole) in sorted(tried(view).items()):
        asset = figures.asset(view, asset_id)
        found = [f for f in figures.of_kind(view, KIND) if f.slots.get("asset") == asset_id]
        slots = {
            "symbol": visible(asset.symbol, 24),
            "rule": view.case.rule,
            "orders": f"{orders:,}",
            "which": _which(view, t, asset_id),
            "count": f"{len(found):,}",
        }
        if found or not whole or ruled(view, asset_id):
            yield Para(text=t.say("order.moved" if found else "order.unmoved", **slots), style="warning")
    if names := parted(view):
        count = f"{len(figures.of_kind(view, PARTED)):,}"
        key = "part.moved" if figures.of_kind(view, PARTED) else "part.unmoved"
        yield Para(text=t.say(key, losses=t.joined(names), rule=view.case.rule, count=count), style="warning")


def schedule(view: View, t: Texts) -> Iterator[Block]:
    """The figures that differ in other orders, those that move most first; then those of other parts."""
    for kind, name in ((KIND, "order"), (PARTED, "part")):
        found = sorted(figures.of_kind(view, kind), key=_spread)
        if not found:
            continue
        rows = [_line(view, t, f) for f in found[:ROWS]]
        heads = columns(t, "address:mono", "figure", "used:number", "least:number", "most:number")
        yield table(t.say(f"{name}.schedule", rule=view.case.rule), heads, rows)
        if (more := len(found) - ROWS) > 0:
            yield Para(text=t.say("order.more", count=f"{more:,}"), style="note")


def _line(view: View, t: Texts, f: Finding) -> tuple[str, ...]:
    asset = figures.asset(view, str(f.slots.get("asset", "")))
    where = f"{visible(f.subject)}\n{f.id} · {visible(asset.symbol, 24)}"
    name = str(f.slots.get("figure"))
    key = f"order.of_{name}"
    service = f.slots.get("service")
    mine = (r for r in view.offramps if r.service is None and (r.address, r.asset) == (f.subject, asset.id))
    hub = next((r.hot_wallets[0] for r in mine if r.hot_wallets), "")
    nobody = unnamed.hub_at(view, t, (asset.id.partition("/")[0], hub))
    to = figures.name(view, service, service) if isinstance(service, str) else nobody
    what = t.say(key if t.has(key) else "order.of_other", service=visible(to, 160), figure=visible(name, 40))
    numbers = (figures.number(f, slot) for slot in ("amount", "least", "most"))
    return (where, what, *(t.both(n, asset).split("\n")[0] if n else "0" for n in numbers))


def _spread(f: Finding) -> tuple[int, int]:
    return figures.number(f, "least") - figures.number(f, "most"), int(f.id[1:])
