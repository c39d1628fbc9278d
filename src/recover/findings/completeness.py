"""Whole or short: whether the movements that exhibits show account for what an address is stated to hold.

A sum is held against a balance read at one block, what was sent against its numbers (`nonces`), and a history
against the same history by another source. Where none can be had, that is said: a history that nobody checked is
not called whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings import nonces
from recover.findings.evidence import Row, Slots
from recover.findings.material import Material, at
from recover.linking.stops import Place
from recover.sdk import amounts
from recover.sdk.counts import counted
from recover.sdk.records import Gap
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
"""One row for each endpoint, asset and check: `by` is balance, nonce or sources, empty where none could be made.

`short` is what is missing in base units between the two heights, below zero where it is outflow; empty by nonce,
where transactions are missing and nobody knows what they moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """One movement of an address: when, what it added, in which sub-account, and the exhibits that show it."""

    height: int | None
    time: datetime | None
    amount: int
    tx: str
    account: str
    exhibits: frozenset[int]
    disputed: bool


def table(case: Case, material: Material, ramps: Sequence[OffRamp]) -> pa.Table:
    """The checks of every endpoint, in order of place."""
    held = {(*at(e["address"], e["asset"]), e["asset"]) for e in material.declared() if e["address"]}
    wanted = sorted(held | {(r.chain, r.address, r.asset) for r in ramps})
    places = {(chain, address) for chain, address, _ in wanted}
    states, counts, claims = _stated(case, "balance"), _stated(case, "nonce"), _claims(case)
    # Movements are summed only where something stands beside them: a hub's are a large part of the ledger.
    told = {(chain, address) for chain, address, _ in states}
    told |= {place for place, said in claims.items() if len({claim.source for claim in said}) > 1}
    moved = _moved(case, material, places & told)
    numbered = nonces.sent(
        derived.read(case, "transactions", ["chain", "height", "facts", "exhibits", "reorganised"]), places
    )
    persons, contracts = _codes(case)
    rows: list[dict[str, Any]] = []
    for chain, address, asset in wanted:
        place, mine = (chain, address), moved.get((address, asset), [])
        found = [
            *_by_balance(mine, states.get((chain, address, asset), ())),
            *nonces.checked(numbered.get(place), _counted(place, counts, numbered, persons, contracts)),
            *_by_source(mine, [one for one in claims.get(place, ()) if one.asset in ("", asset)]),
        ]
        rows += [
            {"chain": chain, "address": address, "asset": asset, **row}
            for row in _agreed(found) or [_unproved(_NOTHING)]
        ]
    return pa.Table.from_pylist(rows, schema=TABLE)


def _agreed(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The checks of one place: while sources disagree on its history, no other check calls that whole."""
    if all(row["answer"] == WHOLE for row in found if row["by"] == "sources"):
        return list(found)
    return [
        {**row, "answer": UNPROVED, "by": "sources", "why": f"{row['why']}; but sources disagree on this history"}
        if row["answer"] == WHOLE
        else row
        for row in found
    ]


def _counted(
    place: Place,
    counts: Mapping[tuple[str, str, str], Sequence[Mapping[str, Any]]],
    numbered: Mapping[Place, nonces.Sent],
    persons: set[Place],
    contracts: set[Place],
) -> Sequence[Mapping[str, Any]]:
    """The counts that count what was sent: a contract's counts what it created, so it must be known to be none."""
    sends = place in numbered or place in persons
    return counts.get((*place, ""), ()) if sends and place not in contracts else ()


def _codes(case: Case) -> tuple[set[Place], set[Place]]:
    """Accounts that a person's key owns, and contracts, as states and creations show them."""
    rows = derived.read(case, "states", ["kind", "chain", "address", "amount"])
    codes = rows.filter(pc.equal(rows["kind"], "code")).to_pylist()
    made = derived.read(case, "events", ["kind", "chain", "contract"])
    contracts = {(r["chain"], r["contract"]) for r in made.filter(pc.equal(made["kind"], "create")).to_pylist()}
    contracts |= {(row["chain"], row["address"]) for row in codes if row["amount"]}
    return {(row["chain"], row["address"]) for row in codes} - contracts, contracts


_NOTHING = (
    "no exhibit states a balance of it at a block or the numbers of what it sent, and one source alone shows "
)
_NOTHING += "its history"


def _unproved(why: str) -> dict[str, Any]:
    return {"answer": UNPROVED, "by": "", "why": why, "exhibits": []}


def _by_balance(moved: Sequence[_Moved], states: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each interval between two balances in which the sum of movements is not what the balances say."""
    if not states:
        return
    exhibits = sorted({state["exhibit"] for state in states})
    if disputed := {one.tx for one in moved if one.disputed}:
        those = counted(len(disputed), "transaction")
        why = f"exhibits contradict each other on {those}, so that no one sum stands"
        yield {**_unproved(why), "by": "sources", "exhibits": exhibits}
        return
    if any(one.height is None for one in moved):
        why = "a balance is stated at a block, and movements are shown without their heights"
        yield {**_unproved(why), "by": "balance", "exhibits": exhibits}
        return
    missing, before, whole = 0, 0, True
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """One claim of a history: by a source, of an asset and a sub-account (empty: all), in a range."""

    source: str
    exhibit: int
    asset: str
    account: str
    since: datetime | None
    until: datetime | None
    since_height: int | None
    until_height: int | None

    def holds(self, one: _Moved) -> bool:
        """Whether the movement lies in what is claimed; in an open range, also one without a height or a time."""
        if self.account and one.account != self.account:
            return False
        return _within(one.height, self.since_height, self.until_height) and _within(
            one.time, self.since, self.until
        )


def _within(value: Any, low: Any, high: Any) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or low <= value) and (high is None or value <= high)


def _by_source(moved: Sequence[_Moved], claims: Sequence[_Claim]) -> Iterator[dict[str, Any]]:
    """What one source shows of a history that another, which claims it too, does not."""
    said: dict[str, list[_Claim]] = {}
    for claim in claims:
        said.setdefault(claim.source, []).append(claim)
    names = sorted(said)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            yield from _held(moved, said[one], said[other])


def _held(moved: Sequence[_Moved], one: Sequence[_Claim], other: Sequence[_Claim]) -> Iterator[dict[str, Any]]:
    mine = [m for m in moved if all(any(claim.holds(m) for claim in claims) for claims in (one, other))]
    sets = [frozenset(claim.exhibit for claim in claims) for claims in (one, other)]
    exhibits, alike = sorted(sets[0] | sets[1]), True
    for (seen, shows), (silent, hides) in zip(
        zip((one, other), sets, strict=True), zip((other, one), sets[::-1], strict=True), strict=True
    ):
        lacks = {m.tx for m in mine if m.exhibits & shows and not m.exhibits & hides}
        if lacks:
            alike = False
            heights = [m.height for m in mine if m.tx in lacks and m.height is not None]
            yield {
                "answer": SHORT,
                "by": "sources",
                "short": str(sum(m.amount for m in mine if m.tx in lacks)),
                "since_height": min(heights, default=None),
                "until_height": max(heights, default=None),
                "why": f"{silent[0].source} claims this history and lacks {counted(len(lacks), 'transaction')} of"
                f" {seen[0].source}",
                "exhibits": exhibits,
            }
    shown = {m.tx for m in mine if m.exhibits & sets[0] and m.exhibits & sets[1]}
    disputed = {m.tx for m in mine if m.tx in shown and m.disputed}
    if disputed:
        yield {
            **_unproved(
                f"{one[0].source} and {other[0].source} show {counted(len(shown), 'transaction')}, and contradict "
                f"each other on {len(disputed)} of them"
            ),
            "by": "sources",
            "exhibits": exhibits,
        }
    elif shown and alike:
        why = f"{one[0].source} and {other[0].source} show the same {counted(len(shown), 'transaction')}"
        yield {"answer": WHOLE, "by": "sources", "why": why, "exhibits": exhibits}


def _claims(case: Case) -> dict[Place, list[_Claim]]:
    """The claims of whole histories of places, in time or in height."""
    found: dict[Place, list[_Claim]] = {}
    for row in derived.read(case, "coverage").to_pylist():
        if row["address"]:
            claim = _Claim(
                source=row["source"],
                exhibit=row["exhibit"],
                asset=row["asset"] or "",
                account=row["account"] or "",
                since=row["since"],
                until=row["until"],
                since_height=row["since_height"],
                until_height=row["until_height"],
            )
            found.setdefault((row["chain"], row["address"]), []).append(claim)
    return found


def _stated(case: Case, kind: str) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """By place and asset, what exhibits state at a block, in the order of heights; an asset only of a balance."""
    states = derived.read(case, "states")
    states = states.filter(pc.and_(pc.equal(states["kind"], kind), pc.is_valid(states["height"])))
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row, exact in zip(states.to_pylist(), amounts.exact(states), strict=True):
        key = (row["chain"], row["address"], row["asset"] or "")
        found.setdefault(key, []).append({**row, "exact": exact})
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
    names_ = ("chain", "tx", "height", "time", "src", "src_account", "dst", "dst_account", "asset", "excluded")
    columns = (known.column(name).to_pylist() for name in names_)
    for chain, tx, height, time, src, paid, dst, had, asset, excluded, amount in zip(
        *columns, amounts.exact(known), strict=True
    ):
        for who, account, sign in ((src, paid, -1), (dst, had, 1)):
            if (chain, who) in places:
                one = _Moved(
                    height=height,
                    time=time,
                    amount=sign * amount,
                    tx=tx,
                    account=account or "",
                    exhibits=exhibits[chain, tx],
                    disputed=excluded == "contradicted",
                )
                found.setdefault((who, asset), []).append(one)
    return found


def gaps(rows: pa.Table) -> Iterator[Gap]:
    """One gap for each check that shows value missing from a history on which figures rest.

    What an account sent beyond what is shown may have moved nothing: numbers alone are a row of the table.
    """
    for row in rows.to_pylist():
        if row["answer"] == SHORT and row["short"]:
            missing = f"{abs(int(row['short']))} base units of {row['asset']}"
            way = " that came in" if int(row["short"]) > 0 else " that left"
            yield Gap(
                code="history-short",
                subject=f"{row['chain']}:{row['address']}",
                why=f"The history of this address is short between the heights {_height(row['since_height'])} and "
                f"{_height(row['until_height'])}: {row['why']}.",
                effect=f"{missing}{way} are in no exhibit, and nothing of them is traced.",
            )


def _height(height: int | None) -> str:
    return "not known" if height is None else str(height)


def made(rows: pa.Table) -> Iterator[Row]:
    """One finding `short` for each check that shows movements missing."""
    for row in rows.to_pylist():
        if row["answer"] == SHORT and row["short"]:
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
