"""What each movement carried of each loss under the declared rule, and why it went no further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from recover.sdk import View, amounts
from recover.sdk.ends import recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Base units of one loss on one movement: `began` as proceeds by it, `passed` on from its sender, `ended`."""

    began: int = 0
    passed: int = 0
    ended: int = 0

    @property
    def traced(self) -> int:
        return self.began + self.passed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """By (loss, asset, address), why value ended there; of movements into a bridge, by their number."""

    at: Mapping[tuple[str, str, str], list[str]]
    bridged: Mapping[int, str]


def carried(flows: pa.Table) -> dict[tuple[int, str], Carried]:
    """By (seq, loss), in the order of the flows."""
    found: dict[tuple[int, str], dict[str, int]] = {}
    keys = zip(*(flows.column(name).to_pylist() for name in ("seq", "loss", "event")), strict=True)
    for (seq, loss, event), amount in zip(keys, amounts.exact(flows), strict=True):
        here = found.setdefault((seq, loss), {})
        here[event] = here.get(event, 0) + amount
    return {
        key: Carried(began=here.get("start", 0), passed=here.get("move", 0), ended=here.get("end", 0))
        for key, here in found.items()
    }


def reasons(view: View) -> Reasons:
    """Why value ended on arrival, under the declared rule; what is at rest did not end."""
    names = ("loss", "asset", "address", "reason")
    table = recorded(view.tables["ends"](), view.case.rule)
    found: dict[tuple[str, str, str], list[str]] = {}
    for loss, asset, address, reason in zip(*(table.column(name).to_pylist() for name in names), strict=True):
        if reason != "rest":
            found.setdefault((loss, asset, address), []).append(reason)
    bridged: dict[int, set[str]] = {}
    listed = view.tables["crossings"]().to_pylist() if "crossings" in view.tables else []
    for row in listed:
        for seq in row["legs"] if row["state"] not in ("crossing-candidate", "claimed") else ():
            bridged.setdefault(seq, set()).add("crossed" if row["state"] == "followed" else "bridge")
    return Reasons(at=found, bridged={seq: " ".join(sorted(words)) for seq, words in bridged.items()})


def stopped(loss: str, move: Mapping[str, Any], why: Reasons) -> str:
    """Why the value of a loss ended with this movement.

    A movement to nobody ends at who paid it, by its kind; one that was an exchange ends there too, as a swap. One
    into a bridge crossed, or stopped there.
    """
    if move["seq"] in why.bridged:
        return why.bridged[move["seq"]]
    if not move["dst"]:
        return move["kind"] if move["kind"] in ("fee", "burn") else "open"
    there = why.at.get((loss, move["asset"], move["dst"]), [])
    there = [reason for reason in there if reason not in _PAID]
    paid = why.at.get((loss, move["asset"], move["src"] or ""), [])
    return " ".join(there or [reason for reason in paid if reason == "swap"])


_PAID = ("fee", "burn", "open", "swap", "crossed", "bridge_fee")
"""Reasons that stand at who paid."""


def movements(table: pa.Table) -> list[dict[str, Any]]:
    """Rows of the ledger as mappings, `moved` the exact amount, None for an input that no exhibit shows."""
    return [{**row, "moved": _moved(row["amount"], row["wide"])} for row in table.to_pylist()]


def _moved(amount: int | None, wide: bytes | None) -> int | None:
    return None if amount is None and wide is None else amounts.join(amount, wide)


def contract(asset: str) -> str:
    """The reference of a CAIP-19 id; empty for a chain's own coin (namespace slip44)."""
    space, _, reference = asset.rpartition("/")[2].partition(":")
    return "" if space == "slip44" else reference
