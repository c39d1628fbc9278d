"""The statements by which DuckDB joins what the exhibits show into one ledger; `join.build` runs them in order.

Amounts are compared and copied here, and added only for a coin transaction's fee, as 128-bit integers: coin chains
record amounts in 64 bits.

A *view* is one exhibit's listing of one address's history (or, with no address, a plain listing). Equal legs
inside one view are so many legs; the same leg in two views is one. `nth` numbers equal legs inside a view.
"""

# What a coin input spends, where its own exhibit does not show it: the output as listed, else as another exhibit's
# input shows it.
PREVOUTS = """
create temp table prevouts as
select chain, tx, index, arg_min(address, (kind <> 'output', rank, place)) as address,
       arg_min(amount, (kind <> 'output', rank, place)) as amount
from (
  select chain, tx, index, kind, address, amount, rank, place
  from legs where kind = 'output' and amount is not null
  union all
  select chain, spends_tx, spends_index, kind, address, -amount, rank, place
  from legs where kind = 'input' and amount is not null
)
group by chain, tx, index
"""

# Only what the input's own exhibit leaves open is filled in; what it says is held against the output (MISVALUED).
FILLED = """
update legs set address = coalesce(legs.address, p.address), amount = coalesce(legs.amount, -p.amount)
from prevouts p
where legs.kind = 'input' and p.chain = legs.chain and p.tx = legs.spends_tx and p.index = legs.spends_index
"""

# Rows of a transaction that stand in a block which is no part of the chain say nothing of its position.
UNSETTLED = """
update transactions set stale = true, height = null, index = null, time = null, proof = 'reported'
from headers h where h.chain = transactions.chain and h.id = transactions.block and h.stale
"""

# One row a block. A raw header shows no height; a node's answer shows it, and need not be sealed.
HEADERS = """
create temp table headers as
select chain, id, max(parent) as parent, max(height) as height, min(time) as time, bool_or(sealed) as sealed,
       bool_or(stale) as stale, max(tip) as tip, max(work) filter (sealed) as work,
       list_sort(list(distinct exhibit)) as exhibits
from blocks group by chain, id
"""

BLOCKS = "select * from headers order by chain, height nulls last, id"

# Legs of a transaction that their own exhibit does not list.
LOOSE = """
select count(*) > 0 from legs l where not exists (
  select 1 from transactions t where t.exhibit = l.exhibit and t.chain = l.chain and t.id = l.tx
)
"""

# Legs to movements: two legs of a pair are one row with payer and payee, a leg without a pair has one of them.
# `uneven` marks pairs that do not cancel: amounts are negated in 128 bits, wide ones compared behind their sign
# byte, so that neither can overflow.
MOVES = """
create temp table moves as
with signed as (
  select * exclude (out), coalesce(view, '') as v,
         coalesce(out, amount < 0, substr(hex(wide), 1, 2) = '00', kind = 'input') as out
  from legs
)
select exhibit, rank, chain, tx, v, kind, src, dst, asset, amount, wide, index, place, spends_tx, spends_index,
       uneven,
       row_number() over (
         partition by exhibit, v, chain, tx, kind, src, dst, asset, amount, wide, spends_tx, spends_index
         order by index nulls last, memo nulls last, place
       ) as nth, src_account, dst_account, memo, memo_raw
from (
  select exhibit, rank, chain, tx, v, min(kind) as kind,
         max(address) filter (out) as src, max(address) filter (not out) as dst, min(asset) as asset,
         max(amount) filter (not out) as amount, max(wide) filter (not out) as wide,
         min(index) as index, min(place) as place,
         null::varchar as spends_tx, null::bigint as spends_index,
         max(account) filter (out) as src_account, max(account) filter (not out) as dst_account,
         max(memo) as memo, max(memo_raw) as memo_raw,
         count(*) <> 2 or count(*) filter (out) <> 1 or min(asset) <> max(asset)
           or coalesce(max(amount)::hugeint <> -(min(amount)::hugeint), false)
           or coalesce(substr(hex(max(wide)), 3) <> substr(hex(min(wide)), 3), false)
           or count(amount) not in (0, 2) as uneven
  from signed where pair is not null group by exhibit, rank, chain, tx, v, pair
  union all
  select exhibit, rank, chain, tx, v, kind,
         case when out then address end, case when not out then address end, asset,
         abs(amount), case when wide is not null then unhex('01' || substr(hex(wide), 3)) end,
         index, place, spends_tx, spends_index,
         case when out then account end, case when not out then account end, memo, memo_raw, false
  from signed where pair is null
)
"""

# By `nth`, equal legs are as many as the exhibit with the most of them lists: two exhibits that each list one show
# the same leg, one that lists it twice shows two. The least exhibit by content is named as the first.
JOINED = """
create temp table joined as
select chain, tx, kind, src, dst, asset, amount, wide, spends_tx, spends_index, nth,
       max(index) as leg, max(src_account) as src_account, max(dst_account) as dst_account,
       max(memo) as memo, max(memo_raw) as memo_raw,
       min(struct_pack(rank := rank, v := v, place := place, exhibit := exhibit)) as first
from moves
group by chain, tx, kind, src, dst, asset, amount, wide, spends_tx, spends_index, nth
"""

# A coin transaction's fee: what its inputs bring and its outputs do not take. Known only where all of both are.
FEES = """
create temp table fees as
select j.chain, j.tx, min(j.asset) as asset, min(j.first) as first,
       (sum(j.amount) filter (kind = 'input'))::hugeint
         - coalesce(sum(j.amount) filter (kind = 'output'), 0)::hugeint as fee
from joined j join txs t on t.chain = j.chain and t.id = j.tx
where t.whole and j.kind in ('input', 'output')
group by j.chain, j.tx
having count(*) filter (kind = 'input') > 0 and count(j.amount) = count(*)
"""

PAID = """
insert into joined by name
select chain, tx, 'fee' as kind, null as src, null as dst, asset, fee::bigint as amount, null as wide,
       null as spends_tx, null as spends_index, 1 as nth, null as leg,
       null as src_account, null as dst_account, null as memo, null as memo_raw, first
from fees where fee > 0
"""

# Outputs above inputs: no chain accepts that, so an exhibit is wrong.
OVERPAID = "select chain, tx, first.exhibit from fees where fee < 0 order by all"

# An input that an exhibit values otherwise than the output that it spends is listed.
MISVALUED = """
select i.chain, i.tx, min(least(i.exhibit, o.exhibit)) as low, max(greatest(i.exhibit, o.exhibit)) as high
from legs i join legs o on o.kind = 'output' and o.chain = i.chain and o.tx = i.spends_tx
  and o.index = i.spends_index
where i.kind = 'input' and i.amount is not null and (i.amount <> -o.amount or i.address <> o.address)
group by i.chain, i.tx order by all
"""

UNKNOWN_INPUTS = """
select chain, count(distinct tx), count(*) from joined where kind = 'input' and amount is null
group by chain order by chain
"""

# A chain spends an output once. Where several transactions do, some were replaced, or an exhibit is wrong.
SPENT_TWICE = """
select j.chain, list_sort(list(distinct j.tx)) as each, min(j.first.exhibit) as low,
       max(j.first.exhibit) as high, j.spends_tx, j.spends_index
from joined j join txs t on t.chain = j.chain and t.id = j.tx
where j.kind = 'input' and not t.reorganised
group by j.chain, j.spends_tx, j.spends_index having count(distinct j.tx) > 1 order by all
"""

# What all exhibits say of one transaction, and where they differ. Times are compared by the second: some sources
# cut off the rest. One without its block takes the time of the only block known at its height. Exhibits
# corroborate each other only where their origins are known and differ, and are of one sort: who stands behind a
# file may well run the host that was asked too; and only where two such show each movement of it.
TRANSACTIONS = """
create temp table txs as
with listed as (
  select t.chain, t.id, coalesce(min(t.time), min(h.time) filter (not t.stale), min(n.time)) as time,
         coalesce(max(t.height), max(h.height) filter (not t.stale)) as height, max(t.index) as index,
         coalesce(bool_or(failed), false) as failed, bool_or(whole) as whole, bool_and(t.stale) as reorganised,
         min(block) filter (not t.stale) as block,
         arg_min(facts, (facts = '{}', not whole, rank, t.place)) as facts,
         bool_or(proof = 'included' and h.sealed) as sealed, bool_or(proof = 'included') as included,
         bool_or(proof <> 'reported') as self,
         list_sort(list(distinct t.exhibit)) as exhibits,
         greatest(count(distinct o.origin) filter (starts_with(o.origin, 'host ')),
                  count(distinct o.origin) filter (starts_with(o.origin, 'said '))) > 1
           and coalesce(bool_and(a.several), true) as corroborated,
         count(distinct (t.exhibit, coalesce(view, ''))) as views,
         count(distinct date_trunc('second', t.time)) > 1 as times_differ,
         count(distinct t.height) > 1 or count(distinct t.index) > 1
           or count(distinct block) filter (not t.stale) > 1 as heights_differ,
         bool_or(failed) <> bool_and(failed) as outcomes_differ,
         count(failed) = 0 as outcome_unknown
  from transactions t
  left join origins o on o.exhibit = t.exhibit
  left join headers h on h.chain = t.chain and h.id = t.block
  left join (
    select chain, height, min(time) as time from headers where not stale and height is not null
    group by chain, height having count(*) = 1
  ) n on t.block is null and n.chain = t.chain and n.height = t.height
  left join (
    select chain, tx, bool_and(several) as several from (
      select m.chain, m.tx,
             greatest(count(distinct o.origin) filter (starts_with(o.origin, 'host ')),
                      count(distinct o.origin) filter (starts_with(o.origin, 'said '))) > 1 as several
      from moves m left join origins o on o.exhibit = m.exhibit
      where (m.chain, m.tx) in (
        select (chain, id) from transactions group by all having count(distinct exhibit) > 1
      )
      group by m.chain, m.tx, kind, src, dst, asset, amount, wide, spends_tx, spends_index, nth
    ) group by chain, tx
  ) a on a.chain = t.chain and a.tx = t.id
  group by t.chain, t.id
)
select *,
       case when sealed then 'sealed' when included then 'included' when self then 'self-authenticating'
            when corroborated then 'corroborated' else 'reported' end as proof
from listed
"""

# A view that lists an asset of a transaction for its address claims all its legs of that asset there; a whole
# listing claims every leg. A leg seen elsewhere that such a view does not list is a contradiction; but what an
# exhibit that shows no fee at all does not say of a fee contradicts nobody. Of a transaction for which a person
# relied on one exhibit no other claims anything.
LACKS = """
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
select j.*, s.exhibit as silent, s.v as silent_view
from joined j
join scope s on s.chain = j.chain and s.tx = j.tx and s.asset = j.asset
  and (s.v = '' or s.v = j.src or s.v = j.dst)
left join relied r on r.chain = j.chain and r.tx = j.tx
left join moves m on m.exhibit = s.exhibit and m.v = s.v and m.chain = j.chain and m.tx = j.tx
  and m.kind = j.kind and m.src is not distinct from j.src and m.dst is not distinct from j.dst
  and m.asset = j.asset and m.amount is not distinct from j.amount and m.wide is not distinct from j.wide
  and m.nth = j.nth
where m.exhibit is null and s.exhibit = coalesce(r.exhibit, s.exhibit) and s.v = coalesce(r.view, s.v)
  and not (j.kind = 'fee' and s.v <> '' and s.exhibit not in (select exhibit from with_fees))
"""

MISSING = f"select chain, tx, silent, first.exhibit as said from ({LACKS})"

# Inputs, outputs, logs (by token) and calls are numbered apart.
NUMBERED_TWICE = """
select chain, tx, min(first.exhibit) as silent, max(first.exhibit) as said
from joined where leg is not null
group by chain, tx, kind, case when kind = 'internal' then '' else asset end, leg having count(*) > 1
"""

# What may have failed is listed, and not followed until an exhibit shows its outcome.
UNDECIDED = """
select t.chain, min(t.id), count(*) from txs t
where t.outcome_unknown and t.id in (select tx from joined where kind not in ('fee', 'input', 'output'))
group by t.chain order by t.chain
"""

# Every movement with what is known of its transaction; `ordered.py` puts them in the order of the ledger.
PLACED = """
select j.* exclude (first), t.time, t.height, t.index as position, t.failed, t.outcome_unknown, t.reorganised,
       x.tx is not null as contradicted, first.rank as rank, first.place as place, first.exhibit as exhibit
from joined j
join txs t on t.chain = j.chain and t.id = j.tx
left join contradicted x on x.chain = j.chain and x.tx = j.tx
"""

# What events and logs need of their transactions, whether these were joined here or are plain.
EVERY = """
create temp view if not exists every as
select chain, id, time, height, failed, reorganised from txs
union all select chain, id, time, height, failed, reorganised from plain
"""

# The same record in several exhibits is one; the first by rank and place says where it stands.
EVENTS = """
select e.* exclude (exhibit, rank, source, place), t.time, t.height,
       arg_min(e.exhibit, (e.rank, e.place)) as exhibit, min(e.place) as place
from events e left join every t on t.chain = e.chain and t.id = e.tx
where not coalesce(t.failed or t.reorganised, false)
group by all
order by e.chain, t.height nulls last, t.time nulls last, e.tx, e.index nulls last, e.kind, e.contract, e.address,
         e.other nulls first, e.asset nulls first, e.amount nulls first, e.wide nulls first, e.facts
"""

# A balance or a freeze read at a block that lost is no state of the chain.
STATES = """
select s.* exclude (exhibit, rank, source, place), arg_min(s.exhibit, (s.rank, s.place)) as exhibit,
       min(s.place) as place
from states s left join headers h on h.chain = s.chain and h.id = s.block
where not coalesce(h.stale, false)
group by all
order by s.chain, s.address, s.asset nulls first, s.kind, s.height nulls first, s.block nulls first,
         s.amount nulls first, s.wide nulls first, s.time nulls first, s.proof, s.facts
"""

# Transactions that an index lists and no exhibit shows: whole, or by the side of the address that they touch.
UNSHOWN = """
select l.chain, l.tx, l.address, min(l.exhibit) as exhibit, min(l.place) as place
from listed l
where not exists (
  select 1 from (
    select chain, id, whole, view from transactions union all select chain, id, whole, view from plain
  ) t
  where t.chain = l.chain and t.id = l.tx
    and (t.whole or l.address is null or t.view is null or t.view = l.address)
)
group by l.chain, l.tx, l.address order by all
"""

LOGS = """
select l.* exclude (exhibit, rank, source, place), t.time, t.height,
       arg_min(l.exhibit, (l.rank, l.place)) as exhibit, min(l.place) as place
from logs l left join every t on t.chain = l.chain and t.id = l.tx
where not coalesce(t.failed or t.reorganised, false)
group by all
order by l.chain, t.height nulls last, t.time nulls last, l.tx, l.index nulls last, l.contract, l.topics, l.data
"""

PRICES = """
select * exclude (exhibit, rank, source, place, publisher), publisher as source,
       arg_min(exhibit, (rank, place)) as exhibit, min(place) as place
from prices group by all order by asset, currency, time, value, wide, source
"""
