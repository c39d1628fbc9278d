"""Plain transactions: what one exhibit alone shows, once, and what leaves nothing to be joined or decided.

They are nearly all of a large case, and for them the statements of `sql.py` come down to a copy: no leg meets its
like in another exhibit, no fact contradicts another. They are read here in columns; whatever is not plain in every
respect is left to the statements, whose meaning is thereby this file's too (a law holds both to the same ledger).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

COINS = pa.array(["input", "output"], pa.string())


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The plain transactions and their movements, as the statements' `txs` and `placed` have them; `transactions`
    and `legs` are all others, as they came."""

    made: pa.Table
    moved: pa.Table
    transactions: pa.Table
    legs: pa.Table


def split(transactions: pa.Table, legs: pa.Table, blocks: pa.Table, decided: Collection[str]) -> Split:
    """Tell the plain transactions from the others. `decided` are the ids that a person decided on."""
    ids = pc.unique(transactions["id"])
    own, mine = _at(transactions["id"], ids), _at(legs["tx"], ids)
    row = np.zeros(len(ids) + 1, np.int64)  # the last cell is of legs whose transaction no exhibit lists
    row[own] = np.arange(len(own))
    # One row for an id, whatever its chain: two can contradict each other.
    plain = np.append(np.bincount(own, minlength=len(ids)) == 1, False)
    plain[own[_unusual(transactions, legs, blocks, decided)]] = False
    plain[mine[_stray(transactions, legs, row[mine])]] = False
    plain[mine[_open(legs)]] = False
    one, two, code = _movements(legs, mine, plain)
    moved = _moved(legs, one, two)
    plain[code[_repeated(moved, code)]] = False
    others = legs.filter(pa.array(~plain[mine]))
    del legs  # in a large case half of all that is held here
    kept = plain[own]
    made = _made(transactions.filter(pa.array(kept)))
    moved, code = moved.filter(pa.array(plain[code])), code[plain[code]]
    known = made.select(["time", "height", "index", "failed", "outcome_unknown", "reorganised", "contradicted"])
    known = known.rename_columns({"index": "position"}).take(pa.array((np.cumsum(kept) - 1)[row[code]]))
    for name in known.column_names:
        moved = moved.append_column(name, known[name])
    return Split(
        made=made,
        moved=moved,
        transactions=transactions.filter(pa.array(~kept)),
        legs=others,
    )


def _at(texts: pa.ChunkedArray, known: pa.Array) -> Codes:
    """The place of each text among the known ones; -1, the last cell of an array, where it is none of them."""
    found: Codes = pc.fill_null(pc.index_in(texts, value_set=known), -1).to_numpy().astype(np.int64)
    return found


def _mask(values: Any) -> Mask:
    found: Mask = pc.fill_null(values, False).to_numpy(zero_copy_only=False)
    return found


def _unusual(transactions: pa.Table, legs: pa.Table, blocks: pa.Table, decided: Collection[str]) -> Mask:
    """Transactions on chains of coins, or whose blocks are listed; of no known outcome; or decided on."""
    coins = legs["chain"].filter(pc.is_in(legs["kind"], value_set=COINS)).unique()
    chains = pa.array(sorted({*coins.to_pylist(), *blocks["chain"].unique().to_pylist()}), pa.string())
    named = pc.is_in(transactions["id"], value_set=pa.array(sorted(decided), pa.string()))
    found: Mask = _mask(pc.is_in(transactions["chain"], value_set=chains)) | _mask(named)
    return found | _mask(pc.is_null(transactions["failed"]))


def _stray(transactions: pa.Table, legs: pa.Table, row: Codes) -> Mask:
    """Legs that another exhibit, view or chain shows than their transaction's."""
    found = np.zeros(legs.num_rows, np.bool_)
    for name in ("chain", "view", "exhibit") if transactions.num_rows else ():
        known = pa.chunked_array([*transactions[name].chunks, *legs[name].chunks], legs.schema.field(name).type)
        codes = pc.fill_null(known.combine_chunks().dictionary_encode().indices, -1).to_numpy()
        found |= codes[: transactions.num_rows][row] != codes[transactions.num_rows :]
    return found


def _open(legs: pa.Table) -> Mask:
    """Fees whose payer or amount is left to another exhibit (see `fees`)."""
    unsaid = pc.and_(pc.is_null(legs["amount"]), pc.is_null(legs["wide"]))
    leaves = pc.coalesce(legs["out"], pc.less(legs["amount"], 0), False)
    bare = pc.and_(pc.is_null(legs["address"]), leaves)
    return _mask(pc.and_(pc.equal(legs["kind"], "fee"), pc.or_(unsaid, bare)))


def _movements(legs: pa.Table, mine: Codes, plain: Mask) -> tuple[Codes, Codes, Codes]:
    """(the leg that leaves, the leg that arrives, the transaction) of each movement; a leg alone is both.

    A transaction with a pair that is no pair is not plain.
    """
    tied = pc.is_valid(legs["pair"]).to_numpy(zero_copy_only=False)
    pair = pc.fill_null(legs["pair"], 0).to_numpy()
    rows = np.flatnonzero(tied & plain[mine])
    order = rows[np.lexsort((pair[rows], mine[rows]))]
    new = np.flatnonzero((np.diff(mine[order], prepend=-2) != 0) | (np.diff(pair[order], prepend=0) != 0))
    # The first row begins a group whatever number it bears.
    starts = np.unique(np.append(new, 0)) if len(order) else new
    sizes = np.diff(np.append(starts, len(order)))
    plain[mine[order[starts[sizes != 2]]]] = False
    one, two = order[starts[sizes == 2]], order[starts[sizes == 2] + 1]
    out = _leaves(legs)
    one, two = np.where(out[one], one, two), np.where(out[one], two, one)
    plain[mine[one[~_even(legs, one, two, out)]]] = False
    alone = np.flatnonzero(~tied & plain[mine])
    kept = plain[mine[one]]
    one, two = np.concatenate([one[kept], alone]), np.concatenate([two[kept], alone])
    return one, two, mine[one]


def _leaves(legs: pa.Table) -> Mask:
    """Whether each leg leaves: as its exhibit says, else by its sign."""
    sign = pc.equal(_cut(legs["wide"], 0, 1), b"\0")
    return _mask(pc.coalesce(legs["out"], pc.less(legs["amount"], 0), sign))


def _cut(wide: pa.ChunkedArray, start: int, end: int) -> pa.ChunkedArray:
    """Bytes of wide amounts; null where there is none."""
    if wide.null_count == len(wide):
        return wide.cast(pa.binary())
    # Filled first: Arrow cuts what stands in a null cell as well, and refuses one that is shorter.
    return _where(pc.is_valid(wide), pc.binary_slice(pc.fill_null(wide.cast(pa.binary()), b"\0" * 33), start, end))


def _even(legs: pa.Table, one: Codes, two: Codes, out: Mask) -> Mask:
    """Whether the legs of each pair cancel, and say the same of all that is not of one side."""
    names = ["kind", "asset", "memo", "memo_raw", "amount", "wide"]
    a, b = (legs.select(names).take(pa.array(rows)) for rows in (one, two))
    even: Mask = out[one] & ~out[two]
    for name in ("kind", "asset", "memo", "memo_raw"):
        both = pc.and_(pc.is_null(a[name]), pc.is_null(b[name]))
        even &= _mask(pc.or_kleene(pc.equal(a[name], b[name]), both))
    small = _mask(pc.equal(pc.negate(a["amount"]), b["amount"]))
    large = _mask(pc.equal(*(_cut(side["wide"], 1, 33) for side in (a, b))))
    large &= _mask(pc.and_(pc.is_null(a["amount"]), pc.is_null(b["amount"])))
    large &= _mask(pc.equal(_cut(b["wide"], 0, 1), b"\1"))
    return even & (small & _mask(pc.greater_equal(b["amount"], 0)) | large)


def _moved(legs: pa.Table, one: Codes, two: Codes) -> pa.Table:
    """The movements as the statements have them: payer and payee in one row, the amount without its sign."""
    shared = ("chain", "tx", "kind", "asset", "spends_tx", "spends_index", "memo", "memo_raw", "rank", "exhibit")
    sided = ["address", "account", "index", "place"]
    left = legs.select([*shared, *sided, "out", "amount", "wide"]).take(pa.array(one))
    came = legs.select([*sided, "amount", "wide"]).take(pa.array(two))
    single = one == two
    out = pa.array(~single | _leaves(left))
    into = pa.array(~single | ~_leaves(left))
    index = pc.min_element_wise(left["index"], came["index"])
    place = pc.min_element_wise(left["place"], came["place"])
    return pa.table(
        {
            **{name: left[name] for name in ("chain", "tx", "kind")},
            "src": _where(out, left["address"]),
            "dst": _where(into, came["address"]),
            "asset": left["asset"],
            "amount": pc.abs(came["amount"]),
            "wide": _unsigned(came["wide"]),
            "spends_tx": left["spends_tx"],
            "spends_index": left["spends_index"],
            "nth": pa.array(np.ones(len(one), np.int64)),
            "leg": index,
            "src_account": _where(out, left["account"]),
            "dst_account": _where(into, came["account"]),
            "memo": left["memo"],
            "memo_raw": left["memo_raw"],
            "rank": left["rank"],
            "place": place,
            "exhibit": left["exhibit"],
        }
    )


def _where(mask: pa.Array, values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(mask, values, pa.scalar(None, values.type))


def _unsigned(wide: pa.ChunkedArray) -> pa.ChunkedArray:
    """Wide amounts with the sign of what is positive."""
    if wide.null_count == len(wide):
        return wide.cast(pa.binary())
    size = _cut(wide, 1, 33)
    return pc.binary_join_element_wise(pa.scalar(b"\1"), size, pa.scalar(b""))


def _repeated(moved: pa.Table, code: Codes) -> Mask:
    """Movements of a transaction that has two which are equal, or two of one number."""
    found = np.zeros(len(code), np.bool_)
    several = np.flatnonzero(np.bincount(code, minlength=1)[code] > 1)
    part = moved.take(pa.array(several))
    keys = [
        _coded(part[name])
        for name in ("kind", "src", "dst", "asset", "amount", "wide", "spends_tx", "spends_index")
    ]
    found[several[_twice([code[several], *keys])]] = True
    numbered = np.flatnonzero(pc.is_valid(moved["leg"]).to_numpy(zero_copy_only=False))
    part = moved.take(pa.array(numbered))
    # As the statement that looks for a number given twice has it: calls are numbered apart, logs by token.
    asset = pc.if_else(pc.equal(part["kind"], "internal"), "", part["asset"])
    keys = [code[numbered], _coded(part["kind"]), _coded(asset), part["leg"].to_numpy()]
    found[numbered[_twice(keys)]] = True
    return found


def _coded(column: pa.ChunkedArray) -> Codes:
    whole = column.combine_chunks()
    if whole.null_count == len(whole):
        return np.zeros(len(whole), np.int64)
    return pc.fill_null(whole.dictionary_encode().indices, -1).to_numpy().astype(np.int64)  # type: ignore[no-any-return]


def _twice(keys: list[Codes]) -> Codes:
    """Which rows have the same keys as another."""
    order = np.lexsort(keys)
    same = np.ones(max(len(order) - 1, 0), np.bool_)
    for key in keys:
        same &= key[order][1:] == key[order][:-1]
    return order[np.append(same, False) | np.append(False, same)] if len(order) else order


def _made(rows: pa.Table) -> pa.Table:
    """Transactions as the statements have them, where each has one row and its block is not known."""
    proofs = ["included", "reported"]
    proof = pc.if_else(pc.is_in(rows["proof"], value_set=pa.array(proofs)), rows["proof"], "self-authenticating")
    never = pa.array(np.zeros(rows.num_rows, np.bool_))
    offsets = pa.array(np.arange(rows.num_rows + 1), pa.int32())
    exhibits = pa.ListArray.from_arrays(offsets, rows["exhibit"].combine_chunks())
    return pa.table(
        {
            **{
                name: rows[name] for name in ("chain", "id", "time", "height", "index", "failed", "whole", "block")
            },
            "proof": proof,
            "facts": rows["facts"],
            "exhibits": exhibits,
            "reorganised": never,
            "contradicted": never,
            "outcome_unknown": never,
            "view": rows["view"],
        }
    )
