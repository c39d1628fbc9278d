"""Whole or short: whether the movements that exhibits show account for what an address is stated to hold.

A sum is held against a balance read at one block, and a history against the same history by another source. Where
neither can be had, that is said: a history that nobody checked is not called whole. Sent transactions could be
held against an account's nonce too; no decoder states one yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings.evidence import Row, Slots
from recover.findings.material import Material, at
from recover.linking.stops import Place
from recover.sdk import amounts
from recover.sdk.view import OffRamp

WHOLE, SHORT, UNPROVED = "whole", "short", "not provable"

TABLE = pa.schema(
    [
        *((name, pa.string()) for name in ("chain", "address", "asset", "answer", "by", "short")),
        ("since_height", pa.int64()),
        ("until_height", pa.int64()),
        ("why", pa.string()),
        ("exhibits", pa.list_(pa.int64())),
    ]
)
"""One row for each endpoint, asset and check: `by` is balance or sources, empty where nothing could be checked.

`short` is what is missing in base units between the two heights, below zero where it is outflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """One movement of an address: its height, what it added, its transaction and the exhibits that show it."""

    height: int | None
    amount: int
    tx: str
    exhibits: frozenset[int]


def table(case: Case, material: Material, ramps: Sequence[OffRamp]) -> pa.Table:
    """The checks of every endpoint, in order of place."""
    held = {(*at(e["address"], e["asset"]), e["asset"]) for e in material.declared() if e["address"]}
    wanted = sorted(held | {(r.chain, r.address, r.asset) for r in ramps})
    states = _balances(case)
    claims = _claims(case)
    # A check needs a balance, or a second source; of any other place nothing has to be read.
    able = {
        (chain, address)
        for chain, address, asset in wanted
        if (address, asset) in states or len(claims.get((chain, address), ())) > 1
    }
    moved = _moved(case, material, able) if able else {}
    rows: list[dict[str, Any]] = []
    for chain, address, asset in wanted:
        mine = moved.get((address, asset), [])
        found = [*_by_balance(mine, states.get((address, asset), ())), *_by_source(mine, claims, (chain, address))]
        rows += [
            {"chain": chain, "address": address, "asset": asset, **row} for row in found or [_unproved(_NOTHING)]
        ]
    return pa.Table.from_pylist(rows, schema=TABLE)


_NOTHING = "no exhibit states a balance of it at a block, and one source alone shows its history"


def _unproved(why: str) -> dict[str, Any]:
    return {"answer": UNPROVED, "by": "", "why": why, "exhibits": []}


def _by_balance(moved: Sequence[_Moved], states: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each interval between two balances in which the sum of movements is not what the balances say."""
    if not states:
        return
    if any(one.height is None for one in moved):
        yield _unproved("a balance is stated at a block, and movements are shown without their heights")
        return
    missing, before, whole = 0, 0, True
    exhibits = sorted({state["exhibit"] for state in states})
    for state in states:
        height = state["height"]
        shown = sum(one.amount for one in moved if one.height is not None and one.height <= height)
        gap = state["exact"] - shown
        if gap != missing:
            yield {
                "answer": SHORT,
                "by": "balance",
                "short": str(gap - missing),
                "since_height": before,
                "until_height": height,
                "why": f"the balance at block {height} is {state['exact']}, and the movements sum to {shown}",
                "exhibits": exhibits,
            }
            whole = False
        missing, before = gap, height
    if whole:
        why = f"the movements sum to the balance that is stated at block {before}"
        yield {"answer": WHOLE, "by": "balance", "until_height": before, "why": why, "exhibits": exhibits}


def _by_source(
    moved: Sequence[_Moved], claims: Mapping[Place, Mapping[str, _Range]], place: Place
) -> Iterator[dict[str, Any]]:
    """What one source shows of a history that another, which claims it too, does not."""
    said = claims.get(place, {})
    names = sorted(said)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            low, high = said[one].overlap(said[other])
            mine = [m for m in moved if m.height is None or low <= m.height <= high]
            for seen, silent in ((one, other), (other, one)):
                lacks = {
                    m.tx
                    for m in mine
                    if m.exhibits & said[seen].exhibits and not m.exhibits & said[silent].exhibits
                }
                if lacks:
                    heights = [m.height for m in mine if m.tx in lacks and m.height is not None]
                    worth = sum(m.amount for m in mine if m.tx in lacks)
                    yield {
                        "answer": SHORT,
                        "by": "sources",
                        "short": str(worth),
                        "since_height": min(heights, default=None),
                        "until_height": max(heights, default=None),
                        "why": f"{silent} claims this history and lacks {len(lacks)} transactions of {seen}",
                        "exhibits": sorted(said[one].exhibits | said[other].exhibits),
                    }
            if mine and {m.tx for m in mine if m.exhibits & said[one].exhibits} == {
                m.tx for m in mine if m.exhibits & said[other].exhibits
            }:
                why = f"{one} and {other} show the same {len({m.tx for m in mine})} transactions"
                both = sorted(said[one].exhibits | said[other].exhibits)
                yield {"answer": WHOLE, "by": "sources", "why": why, "exhibits": both}


@dataclass(slots=True, kw_only=True)
class _Range:
    """What one source claims of one history, in heights, and the exhibits in which it does."""

    low: int
    high: int
    exhibits: frozenset[int]

    def overlap(self, other: _Range) -> tuple[int, int]:
        return max(self.low, other.low), min(self.high, other.high)


_END = 1 << 62


def _claims(case: Case) -> dict[Place, dict[str, _Range]]:
    """By place and source, the range of heights that it claims; claims in time alone are left out."""
    found: dict[Place, dict[str, _Range]] = {}
    for row in derived.read(case, "coverage").to_pylist():
        if not row["address"] or row["account"] or row["asset"] or row["since"] or row["until"]:
            continue
        low = row["since_height"] or 0
        high = _END if row["until_height"] is None else row["until_height"]
        here = found.setdefault((row["chain"], row["address"]), {})
        old = here.get(row["source"], _Range(low=low, high=high, exhibits=frozenset()))
        here[row["source"]] = _Range(
            low=min(low, old.low), high=max(high, old.high), exhibits=old.exhibits | {row["exhibit"]}
        )
    return found


def _balances(case: Case) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """By address and asset, what exhibits state of its balance, in the order of heights."""
    states = derived.read(case, "states")
    states = states.filter(
        pc.and_(
            pc.equal(states["kind"], "balance"),
            pc.and_(pc.is_valid(states["height"]), pc.is_valid(states["asset"])),
        )
    )
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row, exact in zip(states.to_pylist(), amounts.exact(states), strict=True):
        found.setdefault((row["address"], row["asset"]), []).append({**row, "exact": exact})
    return {key: sorted(rows, key=lambda row: row["height"]) for key, rows in found.items()}


def _moved(case: Case, material: Material, places: set[Place]) -> dict[tuple[str, str], list[_Moved]]:
    """By address and asset, every movement that changed what it held; what failed or moved nothing did not."""
    names = pa.array(sorted({address for _, address in places}), pa.string())
    rows = material.transfers
    still = pc.is_in(rows["excluded"], value_set=pa.array(["failed", "reorganised", "zero-value"], pa.string()))
    rows = rows.filter(pc.invert(still))
    rows = rows.filter(
        pc.or_kleene(pc.is_in(rows["src"], value_set=names), pc.is_in(rows["dst"], value_set=names))
    )
    seen = derived.read(case, "transactions", ["chain", "id", "exhibits"])
    seen = seen.filter(pc.is_in(seen["id"], value_set=pc.unique(rows["tx"])))
    exhibits = {(row["chain"], row["id"]): frozenset(row["exhibits"]) for row in seen.to_pylist()}
    found: dict[tuple[str, str], list[_Moved]] = {}
    known = rows.filter(pc.or_(pc.is_valid(rows["amount"]), pc.is_valid(rows["wide"])))
    columns = (known.column(name).to_pylist() for name in ("chain", "tx", "height", "src", "dst", "asset"))
    for chain, tx, height, src, dst, asset, amount in zip(*columns, amounts.exact(known), strict=True):
        for who, sign in ((src, -1), (dst, 1)):
            if (chain, who) in places:
                one = _Moved(height=height, amount=sign * amount, tx=tx, exhibits=exhibits[chain, tx])
                found.setdefault((who, asset), []).append(one)
    return found


def made(rows: pa.Table) -> Iterator[Row]:
    """One finding `short` for each check that shows movements missing."""
    for row in rows.to_pylist():
        if row["answer"] == SHORT:
            missing = int(row["short"])
            slots: Slots = {
                "asset": row["asset"],
                "amount": abs(missing),
                "direction": "in" if missing > 0 else "out",
                "by": row["by"],
                "since_height": row["since_height"],
                "until_height": row["until_height"],
                "why": row["why"],
            }
            yield "short", row["address"], "", slots, tuple(row["exhibits"])
