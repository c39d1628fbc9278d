"""Contrary: movements that stand in one order by their blocks, and in another by their times.

A chain of accounts has later times in later blocks. Where exhibits show it otherwise, a block or a time is wrong,
and nothing says which; the ledger follows the blocks where all of a chain are known, else the times (`ordered`).
Coins are not looked at: what funds what orders them, and their blocks' times may well go back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.ledger.ordered import of_coins, sure
from recover.ledger.read import key

_SIDES = ("src", "dst")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two movements of one address in an asset: the first stands in a lower block, and at a later time."""

    asset: str
    address: str
    tx: tuple[str, str]
    height: tuple[int, int]
    time: tuple[datetime, datetime]


def pairs(transfers: pa.Table) -> list[Pair]:
    """For each movement that is in a higher block and earlier than another of its address, it and the latest such.

    Times are compared by the second, as exhibits are: some sources cut off the rest.
    """
    rows = transfers.filter(pc.is_null(transfers["excluded"]))
    rows = rows.filter(pc.and_(pc.is_valid(rows["time"]), pc.is_valid(rows["height"])))
    rows = rows.filter(pc.invert(pc.is_in(rows["chain"], value_set=_texts(of_coins(transfers)))))
    if not rows.num_rows or _rising(rows):
        return []
    place = pa.chunked_array(
        [chunk for side in _SIDES for chunk in key(rows["asset"], rows[side]).chunks], pa.string()
    )
    held = np.flatnonzero(pc.is_valid(place).to_numpy(zero_copy_only=False))
    row = held % rows.num_rows
    codes = place.take(pa.array(held)).combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    time, height = _seconds(rows)[row], rows["height"].to_numpy()[row]
    order = np.lexsort((time, height, codes))
    row, held, codes, time = row[order], held[order], codes[order], time[order]
    # The latest up to here, of each place apart: a place's times stand above all of the place before.
    apart = codes * (int(time.max()) + 1) + time
    latest = np.maximum.accumulate(apart)
    which = np.maximum.accumulate(np.where(apart == latest, np.arange(len(row)), 0))
    found = []
    told = rows.select(["asset", "src", "dst", "tx", "height", "time"])
    for late in np.flatnonzero(apart < latest).tolist():
        side = _SIDES[held[late] // rows.num_rows]
        one, two = told.take(pa.array([int(row[which[late]]), int(row[late])])).to_pylist()
        found.append(
            Pair(
                asset=two["asset"],
                address=two[side],
                tx=(one["tx"], two["tx"]),
                height=(one["height"], two["height"]),
                time=(one["time"], two["time"]),
            )
        )
    return found


def by_time(transfers: pa.Table, transactions: pa.Table) -> frozenset[str]:
    """The chains whose movements the ledger does not take by their blocks, but by their times."""
    return frozenset(transfers["chain"].unique().to_pylist()) - sure(transactions)


def otherwise(transfers: pa.Table, transactions: pa.Table, chains: Collection[str]) -> pa.Table:
    """The same movements, those of some chains by what does not lead there: times for blocks, blocks for times.

    What has no such time or block stays where it is.
    """
    order = np.arange(transfers.num_rows)
    timed = by_time(transfers, transactions)
    for chain in sorted(chains):
        name = "height" if chain in timed else "time"
        mine = pc.and_(pc.equal(transfers["chain"], chain), pc.is_valid(transfers[name]))
        rows = np.flatnonzero(mine.to_numpy(zero_copy_only=False))
        leads = transfers[name].take(pa.array(rows)).cast(pa.int64()).to_numpy()
        order[rows] = rows[np.argsort(leads, kind="stable")]
    found = transfers.take(pa.array(order))
    return found.set_column(found.schema.get_field_index("seq"), "seq", transfers["seq"])


def _rising(rows: pa.Table) -> bool:
    """Whether on every chain later blocks have later times, all movements together."""
    chain = rows["chain"].combine_chunks().dictionary_encode().indices.to_numpy()
    time = _seconds(rows)
    order = np.lexsort((time, rows["height"].to_numpy(), chain))
    falls = np.diff(time[order]) < 0
    return not (falls & (np.diff(chain[order]) == 0)).any()


def _seconds(rows: pa.Table) -> NDArray[np.int64]:
    found: NDArray[np.int64] = rows["time"].cast(pa.timestamp("s", "UTC"), safe=False).cast(pa.int64()).to_numpy()
    return found


def _texts(names: Collection[str]) -> pa.Array:
    return pa.array(sorted(names), pa.string())
