"""Figures that are others in another order of one moment, or with another part of a payment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recover.findings.evidence import Row as _Row
from recover.findings.evidence import Slots
from recover.findings.material import Material
from recover.sdk.ends import PART, REVERSED
from recover.sdk.view import OffRamp

_FIGURES = ("amount", "credited", "unswept", "elsewhere", "fees", "unfollowed")

BEGUN = "began"
"""The figure of what a loss begins with: of a loss by address, what comes there and carries no other."""


def orders(ramps: Sequence[OffRamp], material: Material) -> Iterator[_Row]:
    said: set[tuple[str, ...]] = set()
    for r in ramps:
        for figure in _FIGURES:
            if figure in r.by_order and (figure == "amount" or (*r.place, figure) not in said):
                said.add((*r.place, figure))
                for kind, orders in _kinds(r.by_order[figure]):
                    slots = _ordered(material, kind, r.asset, figure, getattr(r, figure), orders)
                    yield kind, r.address, "", {**slots, "service": r.service}, r.exhibits
    declared: dict[tuple[str, str, str], int] = {}
    began: dict[tuple[str, str], int] = {}
    for end in material.declared():
        begun = end["loss"], end["asset"]
        began[begun] = began.get(begun, 0) + end["amount"]
        key = end["address"], end["asset"], end["reason"]
        declared[key] = declared.get(key, 0) + end["amount"]
    for (loss, asset), shift in material.orders.began.items():
        base = began.get((loss, asset), 0)
        for kind, orders in _kinds({order: base + n for order, n in shift.items()}):
            yield kind, loss, "", {**_ordered(material, kind, asset, BEGUN, base, orders), "service": None}, ()
    # What is unswept at an off-ramp is said there.
    at = {(r.through, r.asset) for r in ramps}
    for (address, asset, reason), shift in material.orders.elsewhere():
        if (address, asset) not in at:
            base = declared.get((address, asset, reason), 0)
            for kind, orders in _kinds({order: base + n for order, n in shift.items()}):
                yield (
                    kind,
                    address,
                    "",
                    {**_ordered(material, kind, asset, reason, base, orders), "service": None},
                    (),
                )


def _kinds(orders: Mapping[str, int]) -> Iterator[tuple[str, dict[str, int]]]:
    """Orders of movements apart from other parts of payments."""
    for kind, of in (("order-assumed", False), ("part-assumed", True)):
        if mine := {name: n for name, n in orders.items() if name.startswith(PART) is of}:
            yield kind, mine


def _ordered(
    material: Material, kind: str, asset: str, figure: str, amount: int, orders: Mapping[str, int]
) -> Slots:
    """One figure in the order used, the lowest and the highest over all that were tried; or in other parts."""
    tried, whole = material.orders.tried.get(asset, (0, False))
    if kind == "part-assumed":  # first and last and by shares: other parts are never tried
        tried, whole = material.orders.parted, False
    return {
        "asset": asset,
        "figure": figure,
        "amount": amount,
        "reversed": orders.get(REVERSED, amount),
        "least": min(amount, *orders.values()),
        "most": max(amount, *orders.values()),
        "orders": tried,
        "whole": "yes" if whole else "no",
    }
