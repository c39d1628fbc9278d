"""What the decoders share: movements in columns, made into the legs and transactions of a batch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import SCHEMAS, Batch, Gap, table
from recover.sdk.transfers import firsts
from recover_chain_evm import words
from recover_chain_evm.words import Exact

Column = Any  # pyarrow has no types to name

MOVES = pa.schema(
    [
        ("tx", pa.string()),
        ("kind", pa.string()),
        ("src", pa.string()),
        ("dst", pa.string()),
        ("asset", pa.string()),
        ("amount", pa.int64()),
        ("wide", pa.binary(33)),
        ("index", pa.int64()),
        ("place", pa.int64()),
    ]
)
"""One movement a row, `amount` and `wide` never negative; src or dst is null where value appears or ends."""


def moves(
    *,
    tx: Column,
    kind: Column | str,
    src: Column,
    dst: Column,
    asset: Column | str,
    value: Exact,
    index: Column,
    place: Column,
) -> pa.Table:
    """A table of `MOVES` from columns of one length."""
    size = len(tx)
    columns = {
        "tx": tx,
        "kind": pa.repeat(kind, size) if isinstance(kind, str) else kind,
        "src": pa.nulls(size, pa.string()) if src is None else src,
        "dst": pa.nulls(size, pa.string()) if dst is None else dst,
        "asset": pa.repeat(asset, size) if isinstance(asset, str) else asset,
        "amount": value.amount,
        "wide": value.wide,
        "index": pa.nulls(size, pa.int64()) if index is None else index,
        "place": place,
    }
    return pa.table({name: columns[name] for name in MOVES.names}).cast(MOVES)


def batch(
    chain: str,
    *,
    moved: Sequence[pa.Table],
    transactions: Sequence[pa.Table],
    events: Sequence[pa.Table] = (),
    gaps: Iterable[Gap] = (),
    view: str | None = None,
    **more: pa.Table | None,
) -> Batch:
    """One batch of an exhibit. Movements become two legs each, tied by a number of their own."""
    listed = list(gaps)
    found = {
        "transactions": _distinct(pa.concat_tables(transactions)) if transactions else None,
        "legs": _legs(chain, _once(pa.concat_tables(moved)), view) if moved else None,
        "events": pa.concat_tables(events) if events else None,
        "gaps": Batch.of(*listed).gaps if listed else None,
        **more,
    }
    return Batch(**{name: rows for name, rows in found.items() if rows is not None and rows.num_rows})


def transactions(chain: str, size: int, **known: Column) -> pa.Table:
    """Rows of transactions; columns not given are not shown by the exhibit."""
    usual = {"whole": pa.array(np.zeros(size, np.bool_)), "failed": pa.nulls(size, pa.bool_())}
    given = {name: column for name, column in known.items() if column is not None}
    return table("transactions", {"chain": pa.repeat(chain, size), **usual, **given})


def facts(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Each row as canonical JSON, without what the exhibit does not show."""
    return [
        json.dumps({k: v for k, v in row.items() if v is not ...}, sort_keys=True, separators=(",", ":"))
        for row in rows
    ]


def _once(moved: pa.Table) -> pa.Table:
    """One row for each log and each call: equal rows of one number are one thing listed twice.

    Rows without a number stay as often as they are listed; rows that differ under one number are left to the join,
    which says that the exhibit contradicts itself.
    """
    numbered = pc.is_valid(moved.column("index"))
    keys = moved.filter(numbered).select(["tx", "kind", "asset", "index"])
    if keys.group_by(keys.column_names).aggregate([]).num_rows == keys.num_rows:
        return moved
    said = [name for name in MOVES.names if name != "place"]
    kept = firsts(moved.filter(numbered), said).select(MOVES.names).cast(MOVES)
    return pa.concat_tables([kept, moved.filter(pc.invert(numbered))])


def _legs(chain: str, moved: pa.Table, view: str | None) -> pa.Table:
    size = moved.num_rows
    value = Exact(amount=_flat(moved.column("amount")), wide=_flat(moved.column("wide")))
    less = words.negated(value)
    shared = {name: moved.column(name) for name in ("tx", "kind", "asset", "index", "place")}
    shared |= {
        "chain": pa.repeat(chain, size),
        "pair": pa.array(np.arange(size)),
        "view": pa.array([view] * size, pa.string()),
    }
    leaves = {"address": moved.column("src"), "amount": less.amount, "wide": less.wide}
    enters = {"address": moved.column("dst"), "amount": value.amount, "wide": value.wide}
    # A movement of nothing has no sign, so each leg says whether it leaves.
    leaves["out"] = pa.array(np.ones(size, np.bool_))
    enters["out"] = pa.array(np.zeros(size, np.bool_))
    return pa.concat_tables([table("legs", shared | leaves), table("legs", shared | enters)])


def _distinct(rows: pa.Table) -> pa.Table:
    """Rows that say the same of a transaction are one, at the first place that says it."""
    keys = [name for name in SCHEMAS["transactions"].names if name != "place"]
    found = firsts(rows, keys)
    return found.select(SCHEMAS["transactions"].names).cast(SCHEMAS["transactions"])


def _flat(column: Column) -> Column:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
