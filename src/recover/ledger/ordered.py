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

from recover.ledger.read import key as written

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


def place(rows: pa.Table, more: pa.Table, made: pa.Table) -> pa.Table:
    """Ordered transfers with others put where they belong: both have whole transactions, none in common.

    `made` are all transactions. Chains keep what orders them: the caller sees to it that `sure` and `of_coins` say
    of each the same as before.
    """
    names = pa.array(sorted(set(made["chain"].unique().to_pylist())), pa.string())
    surely = sure(made)
    old, new = (_keys(part, made, names, surely) for part in (rows, more))
    # Among themselves they may stand in another order: what orders a chain is said of the whole of it.
    order = _order([*new, _key(more["tx"])])
    more, new = more.take(pa.array(order)), [one[order] for one in new]
    at = _insertions(rows["tx"], old, more["tx"], new)
    merged = _spliced(rows, more, at)
    keys = [np.insert(one, at, two) for one, two in zip(old, new, strict=True)]
    apart = _each(merged["chain"].combine_chunks().dictionary_encode(), surely)
    other = pc.not_equal(merged["tx"].slice(1), merged["tx"].slice(0, max(merged.num_rows - 1, 0)))
    tx = np.cumsum(np.append(False, other.to_numpy())) if merged.num_rows else np.zeros(0, np.int64)
    moment = _moments(keys, np.where(apart, tx, _LAST))
    coins = _each(merged["chain"].combine_chunks().dictionary_encode(), of_coins(merged))
    fields = {"seq": pa.array(np.arange(merged.num_rows)), "tie": _ties(merged, coins, apart, moment)}
    for name, column in fields.items():
        merged = merged.set_column(merged.schema.get_field_index(name), name, column)
    return merged


def placed(rows: pa.Table, more: pa.Table) -> pa.Table:
    """Ordered transactions with others put where they belong."""
    more = transactions(more)
    chains = pa.array(
        sorted({*rows["chain"].unique().to_pylist(), *more["chain"].unique().to_pylist()}), pa.string()
    )
    old, new = (
        [
            pc.index_in(part["chain"], value_set=chains).to_numpy().astype(np.int64),
            *(_key(part[name]) for name in ("height", "index", "time")),
        ]
        for part in (rows, more)
    )
    return _spliced(rows, more, _insertions(rows["id"], old, more["id"], new))


def _keys(rows: pa.Table, made: pa.Table, chains: pa.Array, surely: set[str]) -> list[Codes]:
    """What leads the order of transfers, row by row, as `transfers` takes it."""
    chain = pc.index_in(rows["chain"], value_set=chains).to_numpy().astype(np.int64)
    known = _each(rows["chain"].combine_chunks().dictionary_encode(), surely)
    time, height = (_key(rows[name]) for name in ("time", "height"))
    position = np.full(rows.num_rows, _LAST)
    if made["index"].null_count < made.num_rows:
        known_as = written(made["chain"], made["id"]).combine_chunks()
        position = _key(made["index"].take(pc.index_in(written(rows["chain"], rows["tx"]), value_set=known_as)))
    h, i = (np.where(known, one, _LAST) for one in (height, position))
    return [chain, h, i, time, height, position]


def _insertions(texts: pa.ChunkedArray, old: list[Codes], more: pa.ChunkedArray, new: list[Codes]) -> Codes:
    """Before which of the old rows each new one stands."""
    whole = texts.combine_chunks()
    found = np.zeros(len(more), np.int64)
    last: tuple[str | None, int] = (None, 0)
    for row, tx in enumerate(more.to_pylist()):
        if tx != last[0]:
            low, high = 0, len(whole)
            for one, two in zip(old, new, strict=True):
                part = one[low:high]
                low, high = low + np.searchsorted(part, two[row]), low + np.searchsorted(part, two[row], "right")
            while low < high:
                middle = (low + high) // 2
                low, high = (middle + 1, high) if whole[middle].as_py() < tx else (low, middle)
            last = tx, int(low)
        found[row] = last[1]
    return found


def _spliced(rows: pa.Table, more: pa.Table, at: Codes) -> pa.Table:
    """Rows with others among them, in their order, each before the row that `at` names."""
    edges = np.append(np.flatnonzero(np.diff(at, prepend=-1) != 0), len(at))
    if len(edges) > _SLICES:
        return pa.concat_tables([rows, more]).take(
            pa.array(np.insert(np.arange(rows.num_rows), at, rows.num_rows + np.arange(len(at))))
        )
    pieces, done = [], 0
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        pieces += [rows.slice(done, int(at[start]) - done), more.slice(start, end - start)]
        done = int(at[start])
    return pa.concat_tables([*pieces, rows.slice(done)]).combine_chunks()


_SLICES = 1000
"""At more places than this, rows are taken one by one."""


def transfers(moved: pa.Table, made: pa.Table, out: Mapping[str, str]) -> pa.Table:
    """The ledger's transfers. `moved` are all movements, each with what is known of its transaction; `made` all
    transactions; `out` says of an asset why it is left out of lots."""
    chains = moved["chain"].combine_chunks().dictionary_encode()
    coins = _each(chains, of_coins(moved))
    surely = _each(chains, sure(made))
    keys = {name: _key(moved[name]) for name in ("chain", "time", "height", "position", "tx")}
    keys["h"], keys["i"] = (np.where(surely, keys[name], _LAST) for name in ("height", "position"))
    order = _order([keys[name] for name in (*_FIRST, *_SECOND)])
    order = _settle(moved, order, keys["tx"])
    moved, coins, surely = moved.take(pa.array(order)), coins[order], surely[order]
    moment = _moments([keys[name][order] for name in _FIRST], np.where(surely, keys["tx"][order], _LAST))
    columns = {name: moved[name] for name in COLUMNS}
    return pa.table(
        {
            "seq": pa.array(np.arange(moved.num_rows)),
            **columns,
            "excluded": _excluded(moved, coins, out),
            "tie": _ties(moved, coins, surely, moment),
            "exhibit": moved["exhibit"].cast(pa.int32()),
            "place": moved["place"],
        }
    )


def sure(made: pa.Table) -> set[str]:
    """The chains of which every transaction that counts shows its height and its place in the block."""
    placed = pc.and_(pc.is_valid(made["height"]), pc.is_valid(made["index"]))
    loose = made["chain"].filter(pc.invert(pc.or_(made["reorganised"], placed))).unique().to_pylist()
    return set(made["chain"].unique().to_pylist()) - set(loose)


def of_coins(moved: pa.Table) -> set[str]:
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


def _ties(moved: pa.Table, coins: Mask, surely: Mask, moment: Codes) -> pa.Array:
    numbered = pc.is_valid(moved["leg"]).to_numpy(zero_copy_only=False)
    size = np.bincount(moment, minlength=1)[moment]
    known = np.bincount(moment, weights=None if not len(moment) else numbered, minlength=1)[moment]
    tied = ~coins & (size > 1) & (~surely | (known < size))
    return pa.array(moment, mask=~tied)


REASONS = ("zero-value", "reorganised", "outcome unknown", "failed", "contradicted")
"""Why lots do not pass a movement, whatever its asset; a later one holds before an earlier one."""


def _excluded(moved: pa.Table, coins: Mask, out: Mapping[str, str]) -> pa.Array:
    """Why lots do not pass a movement: the first reason that holds."""
    fee = pc.equal(moved["kind"], "fee")
    unknown = pc.and_(moved["outcome_unknown"], pc.invert(pc.or_(fee, pa.array(coins))))
    known = pa.array(sorted(out), pa.string())
    reasons = pa.array([out[name] for name in sorted(out)], pa.string())
    found = reasons.take(pc.index_in(moved["asset"], value_set=known))
    holding = (
        pc.equal(moved["amount"], 0),
        moved["reorganised"],
        unknown,
        pc.and_(moved["failed"], pc.invert(fee)),
        moved["contradicted"],
    )
    for holds, why in zip(holding, REASONS, strict=True):
        found = pc.if_else(pc.fill_null(holds, False), why, found)
    return found
