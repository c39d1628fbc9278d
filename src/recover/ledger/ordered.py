"""The order of the ledger, and what of it lots may pass.

Height and index order a chain only where every transaction of it has both; else the time leads for all, or two
orders would be mixed. What shares a moment without an order of its own is a tie. Within a transaction inputs stand
before outputs, and the fee last: it is paid out of what is left.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

COLUMNS = (
    *("chain", "tx", "time", "height", "leg", "kind", "src", "dst", "asset", "amount", "wide"),
    *("spends_tx", "spends_index", "src_account", "dst_account", "memo", "memo_raw"),
)
_FIRST, _SECOND, _LAST = ("chain", "h", "i", "time", "height", "position"), ("tx",), np.iinfo(np.int64).max
_WITHIN = ("part", "leg", "rank", "place", "kind", "src", "dst", "asset", "amount", "wide", "nth")


def transactions(rows: pa.Table) -> pa.Table:
    """Transactions by chain, height, index, time and id."""
    return rows.take(pa.array(_order([_key(rows[name]) for name in ("chain", "height", "index", "time", "id")])))


def transfers(moved: pa.Table, made: pa.Table, out: Mapping[str, str]) -> pa.Table:
    """The ledger's transfers. `moved` are all movements, each with what is known of its transaction; `made` all
    transactions; `out` says of an asset why it is left out of lots."""
    chains = moved["chain"].combine_chunks().dictionary_encode()
    coins = _each(chains, _coins(moved))
    sure = _each(chains, _sure(made))
    keys = {name: _key(moved[name]) for name in ("chain", "time", "height", "position", "tx")}
    keys["h"], keys["i"] = (np.where(sure, keys[name], _LAST) for name in ("height", "position"))
    order = _order([keys[name] for name in (*_FIRST, *_SECOND)])
    order = _settle(moved, order, keys["tx"])
    moved, coins, sure = moved.take(pa.array(order)), coins[order], sure[order]
    moment = _moments([keys[name][order] for name in _FIRST], np.where(sure, keys["tx"][order], _LAST))
    columns = {name: moved[name] for name in COLUMNS}
    return pa.table(
        {
            "seq": pa.array(np.arange(moved.num_rows)),
            **columns,
            "excluded": _excluded(moved, coins, out),
            "tie": _ties(moved, coins, sure, moment),
            "exhibit": moved["exhibit"].cast(pa.int32()),
            "place": moved["place"],
        }
    )


def _sure(made: pa.Table) -> set[str]:
    """The chains of which every transaction that counts shows its height and its place in the block."""
    placed = pc.and_(pc.is_valid(made["height"]), pc.is_valid(made["index"]))
    loose = made["chain"].filter(pc.invert(pc.or_(made["reorganised"], placed))).unique().to_pylist()
    return set(made["chain"].unique().to_pylist()) - set(loose)


def _coins(moved: pa.Table) -> set[str]:
    kinds = pa.array(["input", "output"], pa.string())
    return set(moved["chain"].filter(pc.is_in(moved["kind"], value_set=kinds)).unique().to_pylist())


def _part(moved: pa.Table) -> pa.Array:
    return pc.if_else(pc.equal(moved["kind"], "fee"), 2, pc.if_else(pc.equal(moved["kind"], "output"), 1, 0))


def _each(chains: pa.DictionaryArray, names: set[str]) -> Mask:
    known = np.array([name in names for name in chains.dictionary.to_pylist()], np.bool_)
    return known[chains.indices.to_numpy()] if len(chains) else np.zeros(0, np.bool_)


def _key(column: pa.ChunkedArray) -> Codes:
    """Numbers in the order of a column's values; what is missing comes last."""
    whole = column.combine_chunks()
    if whole.null_count == len(whole):
        return np.full(len(whole), _LAST)
    if pa.types.is_timestamp(whole.type) or pa.types.is_integer(whole.type):
        return pc.fill_null(whole.cast(pa.int64()), _LAST).to_numpy()  # type: ignore[no-any-return]
    coded = whole.dictionary_encode()
    rank = np.empty(len(coded.dictionary) + 1, np.int64)
    rank[pc.sort_indices(coded.dictionary).to_numpy()] = np.arange(len(coded.dictionary))
    rank[-1] = _LAST
    places: NDArray[np.int64] = pc.fill_null(coded.indices, -1).to_numpy()
    return rank[places]


def _order(keys: list[Codes]) -> Codes:
    """Row numbers by the first key, then the second, and so on. Keys that are the same everywhere cost nothing."""
    used = [key for key in keys if len(key) and (key != key[0]).any()]
    return np.lexsort(used[::-1]) if used else np.arange(len(keys[0]))


def _settle(moved: pa.Table, order: Codes, tx: Codes) -> Codes:
    """The same order, with the movements of each transaction in theirs: most have one, and need no more keys."""
    here = tx[order]
    same = here[1:] == here[:-1]
    several = np.flatnonzero(np.append(same, False) | np.append(False, same))
    rows = order[several]
    part = moved.take(pa.array(rows)).append_column("part", _part(moved).take(pa.array(rows)))
    # Runs of one transaction stay where they are: their place leads.
    run = np.cumsum(np.append(True, here[several][1:] != here[several][:-1])) if len(several) else several
    order[several] = rows[_order([run, *(_key(part[name]) for name in _WITHIN)])]
    return order


def _moments(keys: list[Codes], tx: Codes) -> Codes:
    """By row, the number of its moment: rows of one chain that no order of their own tells apart."""
    new = np.zeros(len(tx), np.bool_)
    for key in (*keys, tx):
        new[1:] |= key[1:] != key[:-1]
    return np.cumsum(new)


def _ties(moved: pa.Table, coins: Mask, sure: Mask, moment: Codes) -> pa.Array:
    numbered = pc.is_valid(moved["leg"]).to_numpy(zero_copy_only=False)
    size = np.bincount(moment, minlength=1)[moment]
    known = np.bincount(moment, weights=None if not len(moment) else numbered, minlength=1)[moment]
    tied = ~coins & (size > 1) & (~sure | (known < size))
    return pa.array(moment, mask=~tied)


def _excluded(moved: pa.Table, coins: Mask, out: Mapping[str, str]) -> pa.Array:
    """Why lots do not pass a movement: the first reason that holds."""
    fee = pc.equal(moved["kind"], "fee")
    unknown = pc.and_(moved["outcome_unknown"], pc.invert(pc.or_(fee, pa.array(coins))))
    known = pa.array(sorted(out), pa.string())
    reasons = pa.array([out[name] for name in sorted(out)], pa.string())
    found = reasons.take(pc.index_in(moved["asset"], value_set=known))
    for holds, why in (
        (pc.equal(moved["amount"], 0), "zero-value"),
        (moved["reorganised"], "reorganised"),
        (unknown, "outcome unknown"),
        (pc.and_(moved["failed"], pc.invert(fee)), "failed"),
        (moved["contradicted"], "contradicted"),
    ):
        found = pc.if_else(pc.fill_null(holds, False), why, found)
    return found
