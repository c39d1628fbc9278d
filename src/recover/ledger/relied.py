"""Relied on: a transaction for which a person relied on one exhibit, and what others show of it undisputed.

When it was, where it stands and whether it succeeded is as that exhibit has it, and so is every leg that exhibits
disagree on. Of an exhibit that lists several histories, and contradicts itself, one list is relied on, and its
other lists count as other exhibits do. A leg that only another shows stays, where nobody disputes it: no exhibit
that claims to list it lacks it, that exhibit shows no other in its place, and the one who shows it lacks none of
that exhibit's at its addresses. Of a transaction that is taken not to have been, nothing stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import duckdb
import pyarrow as pa

from recover.ledger import fees, sql
from recover.ledger.database import database

NEVER = 0
"""The number of no exhibit: by it a decision says that a transaction did not take place."""

Relied: TypeAlias = tuple[int, str | None]
"""An exhibit, or `NEVER`; and whose list of it alone is relied on ("": the one that is nobody's), None for all."""

_SCHEMA = pa.schema([("chain", pa.string()), ("tx", pa.string()), ("exhibit", pa.int32()), ("view", pa.string())])

# An exhibit that is not here any more, or does not show it, settles nothing.
_CHOSEN = """
create temp table relied as
select distinct t.chain, t.id as tx, t.exhibit, d.view
from transactions t
left join decided d on d.tx = t.id and d.chain = t.chain
left join decided e on e.tx = t.id and e.chain is null
where t.exhibit = coalesce(d.exhibit, e.exhibit) and coalesce(t.view, '') = coalesce(d.view, t.view, '')
"""

_ABSENT = """
delete from {table} using decided d
where d.exhibit = {never} and d.chain = {table}.chain and d.tx = {table}.{column}
"""
_LEFT = """
select t.* from {table} t
anti join (select chain, tx from decided where exhibit = {never}) d on d.chain = t.chain and d.tx = t.{column}
"""
_OF_TX = {"transactions": "id", "legs": "tx", "events": "tx", "logs": "tx", "listed": "tx"}
"""The tables of what a transaction did, with the column that names it."""

WRITTEN = frozenset({"transactions", "legs"})
"""Those that statements write to; the others are read as they lie before the database."""

# With the outputs that these spend, and whoever spends them too: an input is compared by what it is worth.
_LEGS = """
with mine as (select l.* from legs l join relied r on r.chain = l.chain and r.tx = l.tx),
     spent as (select distinct chain, spends_tx, spends_index from mine where spends_tx is not null)
select * from mine
union all
select l.* from legs l anti join relied r on r.chain = l.chain and r.tx = l.tx
semi join spent s on s.chain = l.chain and (
  (l.kind = 'output' and l.tx = s.spends_tx and l.index = s.spends_index)
  or (l.kind = 'input' and l.spends_tx = s.spends_tx and l.spends_index = s.spends_index)
)
"""

_ROWS = "select t.* from transactions t join relied r on r.chain = t.chain and r.tx = t.id"

_TXS = """
create temp table txs as
select chain, id, count(distinct (exhibit, coalesce(view, ''))) as views
from transactions group by chain, id
"""

_SAME = """
{a}.chain = {b}.chain and {a}.tx = {b}.tx and {a}.kind = {b}.kind and {a}.asset = {b}.asset
and {a}.src is not distinct from {b}.src and {a}.dst is not distinct from {b}.dst
and {a}.amount is not distinct from {b}.amount and {a}.wide is not distinct from {b}.wide
and {a}.spends_tx is not distinct from {b}.spends_tx and {a}.spends_index is not distinct from {b}.spends_index
"""

_DISPUTED = f"""
create temp table disputed as
with others as (
  select m.*, c.exhibit as relied from moves m join chosen c on c.chain = m.chain and c.tx = m.tx
  where m.exhibit <> c.exhibit or m.v <> c.view
), own as (
  select m.* from moves m join chosen c on c.chain = m.chain and c.tx = m.tx and c.exhibit = m.exhibit
  where m.v = coalesce(c.view, m.v)
), twice as (
  select j.chain, j.spends_tx, j.spends_index from joined j where j.kind = 'input'
  group by all having count(distinct j.tx) > 1
)
select distinct o.chain, o.tx, o.kind, o.src, o.dst, o.asset, o.amount, o.wide, o.spends_tx, o.spends_index
from others o
where o.uneven
  or exists (select 1 from lacks l where {_SAME.format(a="o", b="l")} and l.nth = o.nth)
  or exists (
    select 1 from lacks l join own n on {_SAME.format(a="n", b="l")} and l.nth = n.nth
    where l.silent = o.exhibit and (o.exhibit <> o.relied or l.silent_view = o.v)
      and l.chain = o.chain and l.tx = o.tx and l.asset = o.asset
      and (l.src in (o.src, o.dst) or l.dst in (o.src, o.dst))
  )
  or exists (
    select 1 from own n where n.chain = o.chain and n.tx = o.tx and n.kind = o.kind and n.index = o.index
      and (n.kind = 'internal' or n.asset = o.asset) and not ({_SAME.format(a="n", b="o")})
  )
  or exists (
    select 1 from own n where n.chain = o.chain and n.tx = o.tx and n.kind = 'input'
      and n.spends_tx = o.spends_tx and n.spends_index = o.spends_index and not ({_SAME.format(a="n", b="o")})
  )
  or exists (
    select 1 from twice s where s.chain = o.chain and s.spends_tx = o.spends_tx
      and s.spends_index = o.spends_index
  )
  or exists (select 1 from misvalued v where v.chain = o.chain and v.tx = o.tx and o.kind = 'input')
"""

# A pair is one movement: its two legs go together.
_DROPPED = """
delete from legs using relied r, dropped d
where r.chain = legs.chain and r.tx = legs.tx
  and (r.exhibit <> legs.exhibit or coalesce(legs.view, '') <> r.view)
  and d.chain = legs.chain and d.tx = legs.tx and d.kind = legs.kind and d.asset = legs.asset
  and (legs.address is null or legs.address in (d.src, d.dst))
  and (legs.amount is null or abs(legs.amount) = d.amount)
  and (legs.wide is null or substr(hex(legs.wide), 3) = substr(hex(d.wide), 3))
  and legs.spends_tx is not distinct from d.spends_tx and legs.spends_index is not distinct from d.spends_index
"""

_OVERRULED = """
delete from transactions using relied r
where r.chain = transactions.chain and r.tx = transactions.id
  and (r.exhibit <> transactions.exhibit or coalesce(transactions.view, '') <> r.view)
"""


def settle(db: duckdb.DuckDBPyConnection, decided: Mapping[tuple[str | None, str], Relied]) -> None:
    """Leave of each transaction in `decided` what the exhibit, or list, relied on shows, and what nobody disputes;
    of one with the number `NEVER` nothing.

    The table `relied` names them by chain; it is there where there are none, too.
    """
    if not decided:
        db.register("relied", _SCHEMA.empty_table())
        return
    said = decided.items()
    rows = [{"chain": c, "tx": tx, "exhibit": number, "view": view} for (c, tx), (number, view) in said]
    db.register("decided", pa.Table.from_pylist(rows, schema=_SCHEMA))
    for table, column in _OF_TX.items() if (NEVER, None) in decided.values() else ():
        _without(db, table, column)
    db.execute(_CHOSEN)
    if db.execute("select count(*) from relied").fetchall() == [(0,)]:
        return
    db.register("dropped", _disputed(db))
    db.execute(_DROPPED)
    db.execute(_OVERRULED)


def _without(db: duckdb.DuckDBPyConnection, table: str, column: str) -> None:
    """Leave out of a table what was not. Some are the database's own; others lie before it as they were read, and
    nothing can be deleted from those."""
    if table in WRITTEN:
        db.execute(_ABSENT.format(table=table, column=column, never=NEVER))
        return
    left = db.sql(_LEFT.format(table=table, column=column, never=NEVER)).to_arrow_table()
    db.unregister(table)
    db.register(table, left)


def _disputed(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """The movements of others that are disputed, found by the statements that join all exhibits."""
    read = {"legs": _LEGS, "transactions": _ROWS, "chosen": "select * from relied"}
    read |= {"with_fees": "select * from with_fees"}
    tables = {name: db.sql(query).to_arrow_table() for name, query in read.items()}
    with database() as apart:
        for name, table in tables.items():
            apart.register("read", table)
            apart.execute(f"create temp table {name} as select * from read")
        apart.register("relied", _SCHEMA.empty_table())  # here every exhibit claims what it lists
        fees.completed(apart)
        apart.execute(f"create temp table misvalued as {sql.MISVALUED}")
        for statement in (sql.PREVOUTS, sql.FILLED, sql.MOVES, sql.JOINED, _TXS):
            apart.execute(statement)
        apart.execute(f"create temp table lacks as {sql.LACKS}")
        apart.execute(_DISPUTED)
        return apart.sql("select * from disputed").to_arrow_table()
