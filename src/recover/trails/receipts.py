"""Receipts: payments on which an end of value rests, and which only a server's lists of addresses show."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.sdk import amounts
from recover.sdk.batch import ask_text
from recover.sdk.ends import recorded
from recover.sdk.values import Details, TxId
from recover.trails.flows import arriving

UNREAD = "receipt-unread"
"""The code of the gap: a list says that it was paid, and the transaction itself was not asked."""

WHOLE = 1_000_000
"""A share of all that began in an asset, in parts per million."""

Place = tuple[str, str]
"""(chain, address)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A payment that lists alone show, the exhibits that hold these, where by asset and address it came, and the
    most traced value it is of all that began in one asset, in parts per million."""

    tx: TxId
    exhibits: tuple[int, ...]
    at: tuple[tuple[str, str], ...]
    share: int

    @property
    def ask(self) -> Details:
        return Details(tx=self.tx)


def unread(case: Case, answered: Collection[str], asked: Collection[Place]) -> list[Listed]:
    """Those of more than the case's dust, the largest first.

    An end rests on what came where it is, and on what came to the address that paid a service; one whose history
    is still to be asked (`asked` are those that were) is no end yet. A list can show what failed: only a
    transaction's own answer, of which `answered` are had, says how it ended. What a person imported is as whoever
    exported it states it, and nobody is asked for more.
    """
    live = pa.array([one.number for one in case.used() if one.request], pa.int32())
    made = derived.read(case, "transactions", ["chain", "id", "whole", "exhibits"])
    made = made.filter(pc.invert(pc.fill_null(made["whole"], False)))
    if not len(live) or not made.num_rows:
        return []
    flows = arriving(derived.read(case, "flows", ["seq", "event", "amount", "wide"]))
    moved = derived.read(case, "transfers", ["chain", "tx", "dst", "asset"]).take(flows["seq"])
    places, known = _places(case, asked), set(live.to_pylist())
    alone = {
        (row["chain"], row["id"]): tuple(row["exhibits"])
        for row in made.filter(pc.is_in(made["id"], value_set=moved["tx"].unique())).to_pylist()
        if known.issuperset(row["exhibits"] or ())
    }
    began: dict[str, int] = {}
    came: dict[tuple[TxId, str], int] = {}
    at: dict[TxId, set[tuple[str, str]]] = {}
    rows = zip(moved.to_pylist(), flows["event"].to_pylist(), amounts.exact(flows), strict=True)
    for row, event, amount in rows:
        if event == "start":
            began[row["asset"]] = began.get(row["asset"], 0) + amount
        if (row["asset"], row["dst"]) in places and (row["chain"], row["tx"]) in alone:
            key = (TxId(chain=row["chain"], text=row["tx"]), row["asset"])
            came[key] = came.get(key, 0) + amount
            at.setdefault(key[0], set()).add((row["asset"], row["dst"]))
    share: dict[TxId, int] = {}
    for (tx, asset), amount in came.items():
        share[tx] = max(share.get(tx, 0), min(WHOLE, amount * WHOLE // (began.get(asset) or 1)))
    found = [
        Listed(tx=tx, exhibits=alone[tx.chain, tx.text], at=tuple(sorted(at[tx])), share=part)
        for tx, part in share.items()
        if part > case.settings.dust and ask_text(Details(tx=tx)) not in answered
    ]
    return sorted(found, key=lambda one: (-one.share, one.tx.chain, one.tx.text))


def _places(case: Case, asked: Collection[Place]) -> set[tuple[str, str]]:
    """By asset, the addresses at which traced value ended under the declared rule, and what paid services."""
    found = set()
    ends = recorded(derived.read(case, "ends", ["rule", "ties", "asset", "address", "reason"]), case.settings.rule)
    for row in ends.to_pylist():
        if row["reason"] != "uncollected" or (row["asset"].split("/", 1)[0], row["address"]) in asked:
            found.add((row["asset"], row["address"]))
    paid = derived.read(case, "arrivals", ["rule", "ties", "asset", "through"])
    return found | {(row["asset"], row["through"]) for row in recorded(paid, case.settings.rule).to_pylist()}
