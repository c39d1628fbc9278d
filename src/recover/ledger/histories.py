"""Histories: two exhibits both claim to hold an address's whole history, and one lacks what the other shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recover.sdk.records import Gap

if TYPE_CHECKING:
    import duckdb

# A claim that names no end was true when it was made, which is not said: it counts up to the last movement shown
# by its exhibit. Failed and empty transfers are left out, since sources differ in whether they list them.
DIFFER = """
with claims as (
  select distinct exhibit, chain, address, asset, since, until, since_height, until_height
  from coverage where address is not null and account is null
),
shared as (
  select chain, address from claims group by chain, address having count(distinct exhibit) > 1
),
here as (
  select distinct m.exhibit, m.chain, m.tx, s.address, m.asset, t.time, t.height
  from moves m join shared s on s.chain = m.chain and (s.address = m.src or s.address = m.dst)
  join txs t on t.chain = m.chain and t.id = m.tx
  where not t.failed and not t.reorganised and m.kind <> 'fee' and m.src is distinct from m.dst
    and (m.amount is null or m.amount <> 0 or m.wide is not null)
),
ends as (
  select exhibit, chain, address, asset, max(time) as time, max(height) as height
  from here group by all
)
select distinct h.chain, h.address, h.asset, h.tx, h.exhibit as said, b.exhibit as silent, h.time
from here h
join claims a on a.exhibit = h.exhibit and a.chain = h.chain and a.address = h.address
  and (a.asset is null or a.asset = h.asset)
join claims b on b.exhibit <> h.exhibit and b.chain = h.chain and b.address = h.address
  and (b.asset is null or b.asset = h.asset)
left join ends e on e.exhibit = b.exhibit and e.chain = h.chain and e.address = h.address and e.asset = h.asset
where coalesce(h.time >= b.since, true) and coalesce(h.time <= b.until, true)
  and coalesce(h.height >= b.since_height, true) and coalesce(h.height <= b.until_height, true)
  and (b.until is not null or b.until_height is not null
       or coalesce(h.height < e.height, h.time < e.time, false))
  and not exists (
    select 1 from moves m
    where m.exhibit = b.exhibit and m.chain = h.chain and m.tx = h.tx and m.asset = h.asset
  )
order by all
"""


def differing(db: duckdb.DuckDBPyConnection) -> list[Gap]:
    """A gap for each transfer that one of two whole histories lacks; both exhibits and the transfer are named."""
    return [
        Gap(
            code="histories-differ",
            subject=f"{chain}:{address}",
            why=f"Exhibits {said} and {silent} both claim the whole history of this address in {asset}; exhibit "
            f"{said} shows transaction {tx}, and exhibit {silent} does not.",
            effect=f"It is followed as exhibit {said} shows it. If it did not take place, what is traced through "
            "this address can change.",
        )
        for chain, address, asset, tx, said, silent, _ in db.execute(DIFFER).fetchall()
    ]
