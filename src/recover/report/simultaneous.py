"""What papers say of movements of one moment whose order no exhibit gives: how figures move in other orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from recover.report import figures
from recover.report.elements import Block, Para, columns, table
from recover.report.texts import Texts
from recover.sdk import Asset, Finding, OffRamp, View
from recover.sdk.outside import visible

KIND = "order-assumed"

ROWS = 40
"""At most so many figures that move are printed, those that move most first; the rest are counted."""


def tried(view: View) -> Mapping[str, tuple[int, bool]]:
    """By asset of which traced value met such moments: how many orders, that used included, and whether nothing is
    left: all were tried, and no other rule gives another figure in one of them.
    """
    return {row["asset"]: (row["tried"] + 1, row["all"] and not row["rules"]) for row in _ties(view)}


def _ties(view: View) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = view.tables["ties"]().to_pylist() if "ties" in view.tables else []
    return found


def ruled(view: View, asset: str | None = None) -> tuple[str, ...]:
    """The rules beside the declared one that give another figure in another order, of one asset or of any."""
    named = (row["rules"] for row in _ties(view) if asset in (None, row["asset"]) and row["rules"])
    return tuple(sorted({rule for rules in named for rule in rules.split(",")}))


def sequence(view: View, t: Texts, asset: str | None = None) -> str:
    """What a sentence on every rule says of the order, where some rule gives another figure in another one."""
    return t.say("order.sequence") if ruled(view, asset) else ""


def _which(view: View, t: Texts, asset: str) -> str:
    """Whether these are all orders, and which rules other than the declared one they move."""
    if not (rules := ruled(view, asset)):
        return t.say("order.whole" if tried(view)[asset][1] else "order.some")
    whole = all(row["all"] for row in _ties(view) if row["asset"] == asset)
    return t.say("order.ruled" if whole else "order.ruled_some", rules=t.joined(rules))


def partly(view: View, asset: str) -> bool:
    """Whether traced value in an asset met such moments, and not all orders of them were tried."""
    return not tried(view).get(asset, (0, True))[1]


def bounds(amount: int, rows: Iterable[OffRamp], figure: str = "amount") -> tuple[int, int]:
    """The lowest and the highest of a sum over rows, in the order used and in all that were tried."""
    moved: dict[str, int] = {}
    for r in rows:
        for order, value in r.by_order.get(figure, {}).items():
            moved[order] = moved.get(order, 0) + value - getattr(r, figure)
    sums = [amount, *(amount + n for n in moved.values())]
    return min(sums), max(sums)


def said(view: View, t: Texts, asset: Asset, amount: int, rows: Iterable[OffRamp]) -> str:
    """The sentence on a sum of rows; empty where every order there is gives it as it is."""
    if (of := tried(view).get(asset.id)) is None:
        return ""
    low, high = bounds(amount, rows)
    slots = {
        "rule": view.case.rule,
        "orders": f"{of[0]:,}",
        "which": _which(view, t, asset.id),
    }
    if low != high:
        return t.say("order.span", low=t.units(low, asset), high=t.units(high, asset), **slots)
    return "" if of[1] else t.say("order.same", **slots)


def beside(view: View, t: Texts, asset: Asset, amount: int, rows: Iterable[OffRamp]) -> str:
    """The same with a space before it, to stand behind another sentence."""
    sentence = said(view, t, asset, amount, rows)
    return f" {sentence}" if sentence else ""


def mark(t: Texts, asset: Asset, row: OffRamp) -> str:
    """For a cell: how far the figures of one row move, each by its name; empty where none does."""
    parts = []
    for figure in row.by_order:
        low, high = bounds(getattr(row, figure), [row], figure)
        parts.append(t.say(f"order.cell_{figure}", low=t.units(low, asset), high=t.units(high, asset)))
    return "\n".join(parts)


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
        if found or not whole:
            yield Para(text=t.say("order.moved" if found else "order.unmoved", **slots), style="warning")


def schedule(view: View, t: Texts) -> Iterator[Block]:
    """The figures that differ in other orders, those that move most first."""
    found = sorted(figures.of_kind(view, KIND), key=_spread)
    if not found:
        return
    rows = []
    for f in found[:ROWS]:
        asset = figures.asset(view, str(f.slots.get("asset", "")))
        where = f"{visible(f.subject)}\n{f.id} · {visible(asset.symbol, 24)}"
        name = str(f.slots.get("figure"))
        key = f"order.of_{name}"
        service = f.slots.get("service")
        to = figures.name(view, service, service) if isinstance(service, str) else t.say("order.hub")
        what = t.say(key if t.has(key) else "order.of_other", service=visible(to, 80), figure=visible(name, 40))
        numbers = (figures.number(f, slot) for slot in ("amount", "least", "most"))
        rows.append((where, what, *(t.both(n, asset).split("\n")[0] if n else "0" for n in numbers)))
    heads = columns(t, "address:mono", "figure", "used:number", "least:number", "most:number")
    yield table(t.say("order.schedule", rule=view.case.rule), heads, rows)
    if (more := len(found) - ROWS) > 0:
        yield Para(text=t.say("order.more", count=f"{more:,}"), style="note")


def _spread(f: Finding) -> tuple[int, int]:
    return figures.number(f, "least") - figures.number(f, "most"), int(f.id[1:])
