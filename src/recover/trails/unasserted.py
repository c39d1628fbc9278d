"""Unasserted: traced value was given in a transaction by which another asset came back, and no exchange is taken.

The trace then follows the movements alone: on to whoever got what was given, and not into what was had. That is
the largest thing which a reader of the exhibits would act on, so it is said, and why it is taken for no exchange.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger.numbered import Numbered
from recover.sdk.records import Gap
from recover.sdk.values import Details, TxId
from recover.trails.swaps import movements

CODE = "swap-unasserted"

Place = tuple[str, str]
"""A chain and a transaction."""


def unasserted(
    case: Case,
    ledger: Numbered,
    flows: Sequence[pa.Table],
    taken: Collection[Place],
    unit: Callable[[str, int], str],
) -> Iterator[Gap]:
    """One gap for each transaction and giver; `taken` are those that something is said of as an exchange or a
    passage through a bridge. `unit` writes an amount of an asset."""
    carried = {seq for one in flows for seq in one.filter(pc.equal(one["event"], "move"))["seq"].to_pylist()}
    txs = _several(ledger, carried)
    if not txs:
        return
    givers: dict[Place, dict[str, set[str]]] = {}
    nets: dict[Place, dict[str, dict[str, int]]] = {}
    for row in movements(ledger, txs):
        if row["excluded"] is not None or row["kind"] in ("input", "output"):
            continue
        here = nets.setdefault((row["chain"], row["tx"]), {})
        for side, sign in ((row["src"], -1), (row["dst"], 1)):
            if side:
                held = here.setdefault(side, {})
                held[row["asset"]] = held.get(row["asset"], 0) + sign * row["exact"]
        if row["seq"] in carried and row["src"]:
            of = givers.setdefault((row["chain"], row["tx"]), {})
            of.setdefault(row["src"], set()).add(row["asset"])
    senders = _senders(case, txs)
    for place, mine in sorted(givers.items()):
        for giver, traced in sorted(mine.items()) if place not in taken else ():
            own = nets[place][giver]
            gave = {asset: -n for asset, n in sorted(own.items()) if n < 0}
            had = {asset: n for asset, n in sorted(own.items()) if n > 0}
            if had and traced & gave.keys():
                yield _gap(place, giver, gave, had, senders.get(place), unit)


def _several(ledger: Numbered, carried: Collection[int]) -> list[str]:
    """The transactions that carried traced value and moved more than one asset, fees aside."""
    rows = ledger.table.select(["seq", "tx", "asset", "kind"])
    met = pc.unique(rows.filter(pc.is_in(rows["seq"], value_set=pa.array(sorted(carried), pa.int64())))["tx"])
    rows = rows.filter(pc.and_(pc.is_in(rows["tx"], value_set=met), _paid(rows["kind"])))
    counts = rows.group_by("tx").aggregate([("asset", "count_distinct")])
    found: list[str] = counts.filter(pc.greater(counts["asset_count_distinct"], 1))["tx"].to_pylist()
    return sorted(found)


def _paid(kind: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.invert(pc.is_in(kind, value_set=pa.array(["fee", "input", "output"])))


def _senders(case: Case, txs: Sequence[str]) -> dict[Place, str]:
    """Who sent each transaction, where an exhibit shows it."""
    rows = derived.read(case, "transactions", ["chain", "id", "facts"])
    rows = rows.filter(pc.is_in(rows["id"], value_set=pa.array(txs, pa.string()))).to_pylist()
    said = (((row["chain"], row["id"]), json.loads(row["facts"]).get("from")) for row in rows)
    return {place: str(sender) for place, sender in said if sender}


def _gap(
    place: Place,
    giver: str,
    gave: Mapping[str, int],
    had: Mapping[str, int],
    sender: str | None,
    unit: Callable[[str, int], str],
) -> Gap:
    sums = [" and ".join(unit(asset, n) for asset, n in of.items()) for of in (gave, had)]
    why = f"{giver} gave {sums[0]} in this transaction and had {sums[1]} by it. "
    if len(gave) > 1 or len(had) > 1:
        why += "That is not taken as an exchange: more than one asset was given or had."
    elif sender is None:
        why += "That is not taken as an exchange: no exhibit shows who sent the transaction."
    elif sender != giver:
        why += f"That is not taken as an exchange: {sender} sent the transaction."
    else:
        why += "That is not taken as an exchange: no method asserts one."
    return Gap(
        code=CODE,
        subject=f"{place[0]}:{place[1]}",
        why=why,
        effect="Nothing of what was had is traced. The transaction itself, with its sender, or whoever runs the "
        "other side, can settle whether it was had for what was given.",
        fill=Details(tx=TxId(chain=place[0], text=place[1])) if sender is None else None,
    )
