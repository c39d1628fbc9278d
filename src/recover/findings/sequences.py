"""Figures by order: what they become where movements of one moment are taken in another order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import pyarrow as pa

from recover.findings.payments import Holding, Target
from recover.linking.stops import Place

Shift = dict[str, int]
"""By order, how much a figure differs there, in base units; an order under which it does not is absent."""

Key = TypeVar("Key")

_UNFOLLOWED = ("uncollected", "open")
_PLACED = ("service", "hub")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """By how much figures differ in each order that was tried, all losses together.

    `tried` says, by asset, how many orders, and whether these are all that there are, under the declared rule;
    `others` is `by_loss` under each other rule, in orders of its own. `by_loss` has `arrived` for
    each loss alone: what cancels out between two of them stands there. `began` is what each loss begins with, by
    (loss, asset), of the assets in which that of all losses together differs. `parted` says how many other parts
    of payments, of all assets in one count; there are always more between these.
    """

    by_loss: Mapping[tuple[Holding, Target, str | None], Mapping[str, Shift]]
    arrived: Mapping[tuple[Holding, Target, str | None], Shift]
    credited: Mapping[tuple[str, str, str], Shift]
    ended: Mapping[tuple[str, str, str], Shift]
    tried: Mapping[str, tuple[int, bool]]
    others: Mapping[tuple[Holding, Target, str | None], Mapping[str, Mapping[str, Shift]]] = field(
        default_factory=dict
    )
    began: Mapping[tuple[str, str], Shift] = field(default_factory=dict)
    parted: int = 0

    @classmethod
    def of(
        cls, tables: Mapping[str, pa.Table], targets: Mapping[Place, Target], memos: frozenset[Place], rule: str
    ) -> Ordered:
        """From the tables of the trace stage by name; `targets` are the wallets at which a trace stops, `rule` the
        declared one."""
        others: dict[tuple[Holding, Target, str | None], dict[str, dict[str, Shift]]] = {}
        arrived: dict[tuple[Holding, Target, str | None], Shift] = {}
        by_loss: dict[tuple[Holding, Target, str | None], dict[str, Shift]] = {}
        credited: dict[tuple[str, str, str], Shift] = {}
        ended: dict[tuple[str, str, str], Shift] = {}
        began: dict[tuple[str, str], Shift] = {}
        for row in tables["orders"].to_pylist():
            asset, place, key = row["asset"], row["place"], row["key"]
            if row["what"] == "arrival":
                wallet, _, memo = key.partition(" ")
                stop = asset.split("/", 1)[0], wallet
                where = (place, asset), targets[stop], memo if stop in memos else None
                if row["rule"] != rule:
                    mine = others.setdefault(where, {}).setdefault(row["rule"], {})
                    _shift(mine.setdefault(row["loss"], {}), row)
                    continue
                _shift(arrived.setdefault(where, {}), row)
                _shift(by_loss.setdefault(where, {}).setdefault(row["loss"], {}), row)
            elif row["rule"] == rule:
                if row["what"] == "end":  # what began has ended, each unit once
                    _shift(began.setdefault((row["loss"], asset), {}), row)
                into = credited if row["what"] == "credit" else ended
                key = "fee" if row["what"] == "fee" else key
                _shift(into.setdefault((place, asset, key), {}), row)
        return cls(
            by_loss=by_loss,
            arrived=_moved(arrived),
            credited=_moved(credited),
            ended=_moved(ended),
            tried={
                row["asset"]: (row["tried"], row["all"])
                for row in tables["ties"].to_pylist()
                if row["rule"] == rule
            },
            others=others,
            began=_moved(_together(began)),
            parted=max((row["tried"] for row in tables["parts"].to_pylist()), default=0),
        )

    def row(
        self, holding: Holding, target: Target, memo: str | None, base: Mapping[str, int], through: bool
    ) -> dict[str, dict[str, int]]:
        """By figure of an off-ramp and order, what it is there; `base` is what it is in the order used.

        `through` says that the row is of an address through which value goes, and not of a service's own wallet.
        """
        address, asset = holding
        shifts = {"amount": self.arrived.get((holding, target, memo), {})}
        if memo is not None:
            shifts["credited"] = self.credited.get((address, asset, memo), {})
        if through:
            shifts["credited"] = self.credited.get((address, asset, ""), {})
            shifts["unswept"] = self.ended.get((address, asset, "rest"), {})
            shifts["unfollowed"] = _sum(self.ended.get((address, asset, why), {}) for why in _UNFOLLOWED)
            shifts["fees"] = self.ended.get((address, asset, "fee"), {})
            less = _sum(shifts[name] for name in ("amount", "unswept", "unfollowed", "fees"))
            shifts["elsewhere"] = _sum((shifts["credited"], {order: -n for order, n in less.items()}))
        found = {name: {o: base[name] + n for o, n in shift.items() if n} for name, shift in shifts.items()}
        return {name: orders for name, orders in found.items() if orders}

    def ruled(
        self, holding: Holding, target: Target, memo: str | None, base: Mapping[str, Mapping[str, int]]
    ) -> dict[str, dict[str, int]]:
        """The same under each other rule, by its name and the order's; `base` is by rule and loss."""
        found = {}
        for rule, shifts in sorted(self.others.get((holding, target, memo), {}).items()):
            for order, sums in self._losses(shifts, base.get(rule, {})).items():
                found[f"{rule} {order}"] = sums
        return found

    def losses(
        self, holding: Holding, target: Target, memo: str | None, base: Mapping[str, int]
    ) -> dict[str, dict[str, int]]:
        """By order, what of each loss reached it there, where any differs; `base` is that in the order used."""
        return self._losses(self.by_loss.get((holding, target, memo), {}), base)

    @staticmethod
    def _losses(shifts: Mapping[str, Shift], base: Mapping[str, int]) -> dict[str, dict[str, int]]:
        names = {order for shift in shifts.values() for order, n in shift.items() if n}
        losses = sorted({*base, *shifts})
        return {
            order: {loss: base.get(loss, 0) + shifts.get(loss, {}).get(order, 0) for loss in losses}
            for order in sorted(names)
        }

    def elsewhere(self) -> Iterator[tuple[tuple[str, str, str], Shift]]:
        """Ends outside services and hubs that differ in an order: (address, asset, reason), widest first."""
        found = ((key, shift) for key, shift in self.ended.items() if key[2] not in _PLACED)
        yield from sorted(found, key=lambda x: (-max(map(abs, x[1].values())), x[0]))


def _shift(into: Shift, row: Mapping[str, str]) -> None:
    into[row["order"]] = into.get(row["order"], 0) + int(row["amount"])


def _moved(found: Mapping[Key, Shift]) -> dict[Key, Shift]:
    """Without what cancels out over losses."""
    kept = {key: {order: n for order, n in shift.items() if n} for key, shift in found.items()}
    return {key: shift for key, shift in kept.items() if shift}


def _together(began: Mapping[tuple[str, str], Shift]) -> dict[tuple[str, str], Shift]:
    """Without the assets in which one loss has in each order what others have less."""
    whole = {asset: _sum(shift for (_, one), shift in began.items() if one == asset) for _, asset in began}
    return {key: shift for key, shift in sorted(began.items()) if any(whole[key[1]].values())}


def _sum(shifts: Iterable[Mapping[str, int]]) -> Shift:
    found: Shift = {}
    for shift in shifts:
        for order, n in shift.items():
            found[order] = found.get(order, 0) + n
    return found
