"""What a plugin hands over, checked as it is taken: a fault is named with the plugin, the record and the reason.

Left to later, a wrong record would stop the case in a stage that reads many plugins' records, or pass for value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import kinds
from recover.sdk.batch import Batch
from recover.sdk.plugin import GRADES

_LEGS = ("transfer", "fee", "mint", "burn", "reward", "input", "output", "internal")
_PROOFS = ("reported", "self-authenticating", "included")
_ROLES = ("definite", "possible", "entry", "shape")


def faults(batch: Batch) -> Iterator[str]:
    """What is wrong with a batch whose columns are right, one sentence each with the record's place."""
    if batch.legs is not None:
        yield from _legs(batch.legs)
    if batch.transactions is not None:
        yield from _unknown(batch.transactions, "transaction", "proof", _PROOFS)
        yield from _empty(batch.transactions, "transaction", "chain", "id")
    if batch.assertions is not None:
        yield from _assertions(batch.assertions)


def _legs(legs: pa.Table) -> Iterator[str]:
    yield from _unknown(legs, "leg", "kind", _LEGS)
    yield from _empty(legs, "leg", "chain", "tx", "asset")
    amount, wide = legs.column("amount"), legs.column("wide")
    if wide.null_count < len(wide):
        both = pc.and_(pc.is_valid(amount), pc.is_valid(wide))
        yield from _told(legs, both, "leg", "has its amount twice, in `amount` and in `wide`")
    if amount.null_count:
        open_ = pc.is_in(legs.column("kind"), value_set=pa.array(["input", "fee"], pa.string()))
        none = pc.and_(pc.and_(pc.is_null(amount), pc.is_null(wide)), pc.invert(open_))
        yield from _told(legs, none, "leg", "has no amount, which only an input and a fee may lack")


def _assertions(said: pa.Table) -> Iterator[str]:
    yield from _unknown(said, "assertion", "grade", tuple(GRADES))
    yield from _unknown(said, "assertion", "kind", tuple(kinds.KINDS))
    yield from _empty(said, "assertion", "chain", "method", "version")
    # A mix is of a transaction; of what arrived over a bridge it may not be shown who sent it.
    alone = pc.is_in(said.column("kind"), value_set=pa.array(["mix", "cross"], pa.string()))
    about = pc.and_(pc.equal(said.column("address"), ""), pc.invert(alone))
    yield from _told(said, about, "assertion", "names no address")
    for kind, made in kinds.KINDS.items():
        if made is None:
            continue
        rows = said.filter(pc.equal(said.column("kind"), kind)).select(["params", "place", "address"])
        for row in rows.to_pylist():
            try:
                kinds.read(made, row["params"])
            except ValueError as error:
                yield f"a {kind} of {row['address'] or 'a transaction'} (place {row['place']}): {error}"


def _unknown(rows: pa.Table, what: str, column: str, known: tuple[str, ...]) -> Iterator[str]:
    if set(rows.column(column).unique().to_pylist()) <= set(known):
        return
    odd = pc.invert(pc.is_in(rows.column(column), value_set=pa.array(known, pa.string())))
    for row in _rows(rows, odd):
        yield f"{what} at place {row['place']}: {column} is {row[column]!r}, and may be {', '.join(known)}"


def _empty(rows: pa.Table, what: str, *columns: str) -> Iterator[str]:
    for column in columns:
        yield from _told(rows, pc.equal(rows.column(column), ""), what, f"has an empty {column}")


def _told(rows: pa.Table, mask: Any, what: str, why: str) -> Iterator[str]:
    for row in _rows(rows, mask):
        yield f"{what} at place {row['place']} {why}"


def _rows(rows: pa.Table, mask: Any) -> list[dict[str, Any]]:
    """At most 20 rows: one fault of a decoder is usually in all of them."""
    if not pc.any(mask).as_py():
        return []
    return list(rows.filter(pc.fill_null(mask, False)).slice(0, 20).to_pylist())
