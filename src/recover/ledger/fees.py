"""Fees that one exhibit shows in part: what was paid and not by whom, or by whom and not how much.

A table of receipts has the first and a table of transactions the payer; traces name who called, and no fee at all.
A decoder gives the leg with what it has, and what another exhibit shows is filled in before legs are compared.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk.records import Gap

UNSHOWN = "fees-not-shown"
"""The code of the gap of an address that paid by transactions whose fees are in no exhibit."""


def listed(legs: pa.Table, more: Collection[int]) -> pa.Table:
    """The exhibits that show any fee, and `more`: of one that shows none, that a fee is missing says nothing."""
    here = pc.unique(legs.filter(pc.equal(legs["kind"], "fee"))["exhibit"]).to_pylist()
    return pa.table({"exhibit": pa.array(sorted({*here, *more}), pa.int32())})


_PART = """
select count(*) filter (address is null), count(*) filter (amount is null and wide is null)
from legs where kind = 'fee' and coalesce(out, amount < 0, substr(hex(wide), 1, 2) = '00')
"""

# The sender of a transaction pays its fee. Facts are canonical JSON, so that the text alone can be searched.
_PAYERS = """
create temp table payers as
select chain, id as tx, min(payer) as payer
from (select chain, id, nullif(regexp_extract(facts, '"from":"([^"]+)"', 1), '') as payer from transactions)
where payer is not null group by chain, id having count(distinct payer) = 1
"""

_PAID_BY = """
update legs set address = p.payer from payers p
where legs.kind = 'fee' and legs.address is null and coalesce(legs.out, legs.amount < 0)
  and p.chain = legs.chain and p.tx = legs.tx
"""

_OPEN = """
create temp table open_fees as
select distinct chain, tx, exhibit, coalesce(view, '') as v, pair, place,
       amount is null and wide is null as unsaid
from legs
where kind = 'fee' and coalesce(out, amount < 0, substr(hex(wide), 1, 2) = '00')
  and (address is null or (amount is null and wide is null))
"""

_SAID = """
select o.chain, o.unsaid, count(distinct o.tx), min(o.tx), arg_min(o.place, o.tx)
from open_fees o
where not exists (
  select 1 from legs l where l.kind = 'fee' and l.chain = o.chain and l.tx = o.tx and l.address is not null
    and (l.amount is not null or l.wide is not null)
)
group by all order by all
"""

_DROPPED = """
delete from legs using open_fees o
where legs.kind = 'fee' and legs.chain = o.chain and legs.tx = o.tx and legs.exhibit = o.exhibit
  and coalesce(legs.view, '') = o.v and legs.pair is not distinct from o.pair
"""


def completed(db: duckdb.DuckDBPyConnection) -> list[Gap]:
    """Fill in what another exhibit shows; what stays open moves nothing, and is a gap for each chain."""
    bare, unsaid = db.execute(_PART).fetchall()[0]
    if not bare and not unsaid:
        return []
    if bare:
        db.execute(_PAYERS)
        db.execute(_PAID_BY)
    db.execute(_OPEN)
    said = db.execute(_SAID).fetchall()
    db.execute(_DROPPED)
    return [_gap(*row) for row in said]


def _gap(chain: str, unsaid: bool, count: int, tx: str, place: int) -> Gap:
    what = "What these transactions paid as fees is" if unsaid else "Who paid the fees of these transactions is"
    where = "their receipts and transactions" if unsaid else "the transactions that belong to the receipts"
    return Gap(
        code="fee-unknown" if unsaid else "payer-unknown",
        subject=f"{chain}:{tx}",
        why=f"{what} in no exhibit ({count} here; this is one of them).",
        effect=f"No fee is booked for them, and their senders hold less than what is shown; import {where}.",
        place=place,
    )
