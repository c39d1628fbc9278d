"""What one history lacks: two exhibits both claim to hold an address's whole history, and differ by a transfer.

An exhibit whose claim is shown to be false at one place is believed at none: what it alone claims is not whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk.records import Gap

if TYPE_CHECKING:
    import duckdb

SHARED = """
create temp table claims as
select distinct exhibit, chain, address, asset, since, until, since_height, until_height
from coverage where address is not null and account is null and list_contains($alone, exhibit)
  and (chain, address) in (
    select (chain, address) from coverage
    where address is not null and account is null and list_contains($alone, exhibit)
    group by chain, address having count(distinct exhibit) > 1
  )
"""

# A claim that names no end was true when it was made, which is not said: what comes after the last movement shown
# by its exhibit (`later`) may be younger than the claim, and is counted together. What lots do not pass is left
# out, since sources differ in whether they list what failed or is empty.
DIFFER = """
with here as (
  select distinct t.chain, t.tx, c.address, t.asset, t.time, t.height, m.exhibits
  from all_transfers t
  join (select distinct chain, address from claims) c
    on c.chain = t.chain and (c.address = t.src or c.address = t.dst)
  join all_transactions m on m.chain = t.chain and m.id = t.tx
  where t.excluded is null and t.kind <> 'fee' and t.src is distinct from t.dst
),
ends as (
  select e.exhibit, chain, address, asset, max(time) as time, max(height) as height
  from here, (select unnest(here.exhibits) as exhibit) e group by all
)
select distinct h.chain, h.address, h.asset, h.tx, a.exhibit as said, b.exhibit as silent,
  not (b.until is not null or b.until_height is not null
       or coalesce(h.height < e.height, h.time < e.time, false)) as later
from here h
join claims a on a.chain = h.chain and a.address = h.address and (a.asset is null or a.asset = h.asset)
  and list_contains(h.exhibits, a.exhibit)
join claims b on b.chain = h.chain and b.address = h.address and (b.asset is null or b.asset = h.asset)
  and not list_contains(h.exhibits, b.exhibit)
left join ends e on e.exhibit = b.exhibit and e.chain = h.chain and e.address = h.address and e.asset = h.asset
where coalesce(h.time >= b.since, true) and coalesce(h.time <= b.until, true)
  and coalesce(h.height >= b.since_height, true) and coalesce(h.height <= b.until_height, true)
order by all
"""

LOST = """
select distinct exhibit, chain, coalesce(address, 'every address') as address
from coverage where list_contains($false, exhibit) and (chain, coalesce(address, '')) not in (
  select (chain, coalesce(address, '')) from coverage where not list_contains($false, exhibit)
)
order by all
"""


def differing(
    db: duckdb.DuckDBPyConnection, transfers: pa.Table, transactions: pa.Table, alone: Sequence[int]
) -> tuple[list[Gap], frozenset[int]]:
    """A gap for each transfer that one of two whole histories lacks; both exhibits and the transfer are named.

    `alone` are the exhibits that hold by themselves what they claim. With the gaps come the numbers of the
    exhibits that lack something: their claims are false.
    """
    db.execute(SHARED, {"alone": list(alone)})
    if db.execute("select count(*) from claims").fetchall() == [(0,)]:
        return [], frozenset()
    db.register("all_transfers", transfers)
    db.register("all_transactions", transactions)
    rows = db.execute(DIFFER).fetchall()
    found = [row[:-1] for row in rows if not row[-1]]
    younger: dict[tuple[str, str, str, int, int], list[str]] = {}
    for chain, address, asset, tx, said, silent, later in rows:
        if later:
            younger.setdefault((chain, address, asset, said, silent), []).append(tx)
    false = frozenset(silent for *_, silent in found)
    lost = _lost(db, false)
    lacked = [
        Gap(
            code="histories-differ",
            subject=f"{chain}:{address}",
            why=f"Exhibits {said} and {silent} both claim the whole history of this address in {asset}; exhibit "
            f"{said} shows transaction {tx}, and exhibit {silent} does not.",
            effect=f"It is followed as exhibit {said} shows it. If it did not take place, what is traced through "
            f"this address can change. What else exhibit {silent} claims to hold whole counts as not whole"
            f"{lost.get(silent, '')}. Set aside the exhibit that is wrong, or obtain the histories again.",
        )
        for chain, address, asset, tx, said, silent in found
    ]
    return [*lacked, *(_younger(*key, txs) for key, txs in younger.items())], false


def _younger(chain: str, address: str, asset: str, said: int, silent: int, txs: Sequence[str]) -> Gap:
    more = f" and {len(txs) - 1} more" if len(txs) > 1 else ""
    return Gap(
        code="histories-differ",
        subject=f"{chain}:{address}",
        why=f"Exhibits {said} and {silent} both claim the whole history of this address in {asset}; exhibit "
        f"{said} shows transaction {txs[0]}{more} after all that exhibit {silent} shows, and exhibit {silent} "
        "states no moment to which it is whole.",
        effect=f"If exhibit {silent} was made before, it lacks nothing. If not, one of the two is not as it "
        "claims, and what is traced through this address can change.",
    )


def borne(coverage: pa.Table, false: Collection[int]) -> pa.Table:
    """The claims of the exhibits that no other exhibit shows to be false."""
    return coverage.filter(pc.invert(pc.is_in(coverage["exhibit"], pa.array(sorted(false), pa.int32()))))


_NAMED = 5
"""So many of the addresses whose claim falls are named in a gap."""


def _lost(db: duckdb.DuckDBPyConnection, false: Collection[int]) -> dict[int, str]:
    """By exhibit whose claim is false, the addresses whose whole history no other exhibit claims."""
    if not false:
        return {}
    db.execute(LOST, {"false": sorted(false)})
    found: dict[int, list[str]] = {}
    for exhibit, chain, address in db.fetchall():
        found.setdefault(exhibit, []).append(f"{chain}:{address}")
    return {
        exhibit: f": {', '.join(at[:_NAMED])}" + (f" and {len(at) - _NAMED:,} more" if len(at) > _NAMED else "")
        for exhibit, at in found.items()
    }
