"""The joins over exhibits, in DuckDB's SQL. Amounts are compared and copied here, never added.

A *view* is one exhibit's listing of one address's history (or, with no address, a plain listing). Equal legs
inside one view are so many legs; the same leg in two views is one. `nth` numbers equal legs inside a view.
"""

MOVES = """
create temp table moves as
with signed as (
  select * exclude (out), coalesce(view, '') as v,
         coalesce(out, amount < 0, substr(hex(wide), 1, 2) = '00') as out
  from legs
)
select exhibit, rank, chain, tx, v, kind, src, dst, asset, amount, wide, index, place, spends_tx, spends_index,
       uneven,
       row_number() over (
         partition by exhibit, v, chain, tx, kind, src, dst, asset, amount, wide, spends_tx, spends_index
         order by index nulls last, place
       ) as nth
from (
  select exhibit, rank, chain, tx, v, min(kind) as kind,
         max(address) filter (out) as src, max(address) filter (not out) as dst, min(asset) as asset,
         max(amount) filter (not out) as amount, max(wide) filter (not out) as wide,
         min(index) as index, min(place) as place,
         null::varchar as spends_tx, null::bigint as spends_index,
         count(*) <> 2 or count(*) filter (out) <> 1 or min(asset) <> max(asset)
           or coalesce(max(amount)::hugeint <> -(min(amount)::hugeint), false)
           or coalesce(substr(hex(max(wide)), 3) <> substr(hex(min(wide)), 3), false)
           or count(amount) not in (0, 2) as uneven
  from signed where pair is not null group by exhibit, rank, chain, tx, v, pair
  union all
  select exhibit, rank, chain, tx, v, kind,
         case when out then address end, case when not out then address end, asset,
         abs(amount), case when wide is not null then unhex('01' || substr(hex(wide), 3)) end,
         index, place, spends_tx, spends_index, false
  from signed where pair is null
)
"""

JOINED = """
create temp table joined as
select chain, tx, kind, src, dst, asset, amount, wide, spends_tx, spends_index, nth,
       max(index) as leg,
       min(struct_pack(rank := rank, v := v, place := place, exhibit := exhibit)) as first
from moves
group by chain, tx, kind, src, dst, asset, amount, wide, spends_tx, spends_index, nth
"""

TRANSACTIONS = """
create temp table txs as
select chain, id, min(time) as time, max(height) as height, max(index) as index,
       bool_or(failed) as failed, bool_or(whole) as whole,
       list_sort(list(distinct exhibit)) as exhibits,
       count(distinct source) > 1 as corroborated,
       count(distinct (exhibit, coalesce(view, ''))) as views,
       count(distinct date_trunc('second', time)) > 1 as times_differ,
       count(distinct height) > 1 or count(distinct index) > 1 as heights_differ,
       bool_or(failed) <> bool_and(failed) as outcomes_differ
from transactions group by chain, id
"""

# A view that lists an asset of a transaction for its address claims all its legs of that asset there; a whole
# listing claims every leg. A leg seen elsewhere that such a view does not list is a contradiction.
MISSING = """
with scope as (
  select distinct m.exhibit, m.v, m.chain, m.tx, m.asset
  from moves m join txs t on t.chain = m.chain and t.id = m.tx
  where t.views > 1 and m.v <> '' and (m.v = m.src or m.v = m.dst)
  union
  select distinct w.exhibit, '', w.chain, w.id, m.asset
  from transactions w join txs t on t.chain = w.chain and t.id = w.id
  join moves m on m.chain = w.chain and m.tx = w.id
  where t.views > 1 and w.whole and w.view is null
)
select j.chain, j.tx, s.exhibit as silent, j.first.exhibit as said
from joined j
join scope s on s.chain = j.chain and s.tx = j.tx and s.asset = j.asset
  and (s.v = '' or s.v = j.src or s.v = j.dst)
left join moves m on m.exhibit = s.exhibit and m.v = s.v and m.chain = j.chain and m.tx = j.tx
  and m.kind = j.kind and m.src is not distinct from j.src and m.dst is not distinct from j.dst
  and m.asset = j.asset and m.amount is not distinct from j.amount and m.wide is not distinct from j.wide
  and m.nth = j.nth
where m.exhibit is null
"""

NUMBERED_TWICE = """
select chain, tx, min(first.exhibit) as silent, max(first.exhibit) as said
from joined where leg is not null and kind not in ('input', 'output')
group by chain, tx, leg having count(*) > 1
"""

TRANSFERS = """
with known as (
  select chain, bool_and(height is not null and index is not null) as sure from txs group by chain
),
placed as (
  select j.*, t.time, t.failed, k.sure, t.exhibits,
         case when k.sure then t.height end as h, case when k.sure then t.index end as i,
         t.height, t.index as position,
         x.tx is not null as contradicted, a.why as asset_why
  from joined j
  join txs t on t.chain = j.chain and t.id = j.tx
  join known k on k.chain = j.chain
  left join contradicted x on x.chain = j.chain and x.tx = j.tx
  left join assets_out a on a.asset = j.asset
),
ordered as (
  select *,
    row_number() over (
      order by chain, h nulls last, i nulls last, time nulls last, height nulls last, position nulls last, tx,
               leg nulls last, first.rank, first.place, kind, src, dst, asset, amount, wide, nth
    ) - 1 as seq,
    dense_rank() over (order by chain, h nulls last, i nulls last, time nulls last, height nulls last,
                       position nulls last, case when sure then tx end) - 1 as moment
  from placed
)
select seq, chain, tx, time, height, leg, kind, src, dst, asset, amount, wide, spends_tx, spends_index,
       case when contradicted then 'contradicted'
            when failed then 'failed'
            when amount = 0 then 'zero-value'
            when asset_why is not null then asset_why end as excluded,
       case when count(*) over (partition by moment) > 1
             and (not sure or count(leg) over (partition by moment) < count(*) over (partition by moment))
            then moment end as tie,
       first.exhibit as exhibit, first.place as place
from ordered order by seq
"""
