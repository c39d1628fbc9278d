"""What one history lacks: an exhibit claims to hold an address's whole history, and another shows more of it.

An exhibit whose claim another claim shows to be false at one place is believed at none: what it alone claims is
not whole. Where an exhibit that claims nothing shows more, the claim falls at that place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk.records import Gap

if TYPE_CHECKING:
    import duckdb

CLAIMS = """
create temp table claims as
select distinct exhibit, pages, chain, address, asset, since, until, since_height, until_height
from coverage join holding using (exhibit) where address is not null and account is null
"""

# A claim that names no end was true when it was made, which is not said: what comes after the last movement shown
# by its exhibit (`later`) may be younger than the claim, and is counted together. What lots do not pass is left
# out, since sources differ in whether they list what failed or is empty. A transaction that an exhibit shows, and
# for which a person relied on another, it does not lack.
DIFFER = """
with sides as (
  select chain, tx, asset, time, height, src as address from all_transfers
  where excluded is null and kind <> 'fee' and src is distinct from dst and src is not null
  union all
  select chain, tx, asset, time, height, dst as address from all_transfers
  where excluded is null and kind <> 'fee' and src is distinct from dst and dst is not null
),
lacked as (
  select distinct s.*, m.exhibits, b.exhibit as silent, b.pages, b.until, b.until_height
  from all_transactions m
  join sides s on s.chain = m.chain and s.tx = m.id
  join claims b on b.chain = s.chain and b.address = s.address and (b.asset is null or b.asset = s.asset)
  where not list_has_all(m.exhibits, $claiming) and not list_has_any(m.exhibits, b.pages)
    and not exists (from overruled o where o.chain = s.chain and o.tx = s.tx and list_contains(b.pages, o.exhibit))
    and coalesce(s.time >= b.since, true) and coalesce(s.time <= b.until, true)
    and coalesce(s.height >= b.since_height, true) and coalesce(s.height <= b.until_height, true)
),
ends as (
  select p.silent, s.chain, s.address, s.asset, max(s.time) as time, max(s.height) as height
  from (select distinct silent, pages, chain, address, asset from lacked
        where until is null and until_height is null) p
  join sides s on s.chain = p.chain and s.address = p.address and s.asset = p.asset
  join all_transactions m on m.chain = s.chain and m.id = s.tx and list_has_any(m.exhibits, p.pages)
  group by all
)
select p.chain, p.address, p.asset, p.tx,
  coalesce(min(list_min(list_intersect(p.exhibits, a.pages))), min(list_min(p.exhibits))) as said, p.silent,
  bool_and(p.until is null and p.until_height is null
           and not coalesce(p.height < e.height, p.time < e.time, false)) as later,
  min(a.exhibit) is not null as both
from lacked p
left join claims a on a.chain = p.chain and a.address = p.address and (a.asset is null or a.asset = p.asset)
  and list_has_any(p.exhibits, a.pages)
left join ends e on e.silent = p.silent and e.chain = p.chain and e.address = p.address and e.asset = p.asset
group by p.chain, p.address, p.asset, p.tx, p.silent
order by all
"""

LOST = """
select distinct exhibit, chain, coalesce(address, 'every address') as address
from coverage where list_contains($false, exhibit) and (chain, coalesce(address, '')) not in (
  select (chain, coalesce(address, '')) from coverage where not list_contains($false, exhibit)
)
order by all
"""


DIFFERING = pa.schema(
    [
        *((name, pa.string()) for name in ("chain", "address", "asset", "tx")),
        *((name, pa.int32()) for name in ("said", "silent")),
        *((name, pa.bool_()) for name in ("later", "both")),
    ]
)
"""One row for each movement of an address that exhibit `said` shows, and that `silent`, which claims the whole
history there, does not. `later`: after all that `silent` shows, which names no end. `both`: `said` claims it, too.
"""

FALLEN = pa.schema(
    [
        *((name, pa.string()) for name in ("chain", "address", "asset")),
        ("exhibit", pa.int32()),
        *((name, pa.string()) for name in ("at", "tx")),
        ("other", pa.int32()),
    ]
)
"""One row for each claim to a history that is not believed (an empty address: of all of the chain): its exhibit
lacks transaction `tx` of the address `at`, which exhibit `other` shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuted:
    """Claims that are shown to be false: all of some exhibits; of others those to (exhibit, chain, address)."""

    exhibits: frozenset[int] = frozenset()
    places: frozenset[tuple[int, str, str]] = frozenset()

    def falls(self, exhibit: int, chain: str, address: str) -> bool:
        return exhibit in self.exhibits or (exhibit, chain, address) in self.places


@dataclass(frozen=True, slots=True, kw_only=True)
class Differ:
    """What histories lack: the gaps, the rows of `DIFFERING`, and which claims that refutes."""

    gaps: tuple[Gap, ...] = ()
    rows: pa.Table = field(default_factory=DIFFERING.empty_table)
    refuted: Refuted = field(default_factory=Refuted)

    def fallen(self, claims: pa.Table) -> pa.Table:
        """The claims that are not believed, each with the first movement that its exhibit lacks."""
        first: dict[tuple[int, str, str], dict[str, Any]] = {}
        for row in (row for row in self.rows.to_pylist() if not row["later"]):
            first.setdefault((row["silent"], row["chain"], row["address"]), row)
            if row["both"]:  # believed at no place
                first.setdefault((row["silent"], "", ""), row)
        found = []
        for row in claims.select(["exhibit", "chain", "address", "asset"]).to_pylist():
            place = row["exhibit"], row["chain"], row["address"] or ""
            if self.refuted.falls(*place):
                by = first.get(place) or first[row["exhibit"], "", ""]
                found.append({**row, "at": by["address"], "tx": by["tx"], "other": by["said"]})
        return pa.Table.from_pylist(found, schema=FALLEN)


def differing(
    db: duckdb.DuckDBPyConnection,
    transfers: pa.Table,
    transactions: pa.Table,
    holding: Mapping[int, Sequence[int]],
    overruled: pa.Table,
) -> Differ:
    """A gap for each transfer that a whole history lacks; both exhibits and the transfer are named.

    `holding` are the exhibits that claim, each with those that hold what it claims, `overruled` those that show a
    transaction for which a person relied on another. With the gaps comes what falls of the claims of those that
    lack something. What an exhibit that claims nothing shows after the end of a history that names none is no gap:
    any history that is as old as its last movement looks so.
    """
    if not holding:
        return Differ()
    pages = pa.array(map(sorted, holding.values()), pa.list_(pa.int32()))
    db.register("holding", pa.table({"exhibit": pa.array(holding, pa.int32()), "pages": pages}))
    db.execute(CLAIMS)
    claiming = [number for (number,) in db.execute("select distinct exhibit from claims order by 1").fetchall()]
    if not claiming:
        return Differ()
    db.register("all_transfers", transfers)
    db.register("all_transactions", transactions)
    db.register("overruled", overruled)
    rows = db.execute(DIFFER, {"claiming": claiming}).fetchall()
    found = [row for row in rows if not row[-2]]
    younger: dict[tuple[str, str, str, int, int], list[str]] = {}
    for chain, address, asset, tx, said, silent, later, both in rows:
        if later and both:
            younger.setdefault((chain, address, asset, said, silent), []).append(tx)
    false = frozenset(row[5] for row in found if row[-1])
    places = frozenset((row[5], row[0], row[1]) for row in found if not row[-1])
    lost = _lost(db, false)
    lacked = [
        Gap(
            code="histories-differ",
            subject=f"{chain}:{address}",
            why=_claimed(said, silent, asset, both, holding)
            + f"exhibit {said} shows transaction {tx}, and exhibit {silent} does not.",
            effect=_believed(said, silent, lost)
            if both
            else "This history counts as not whole: unless another exhibit claims it, value that came to this "
            "address is not followed further, and what it held before is not known. Set aside the exhibit that is "
            "wrong, or obtain the history again.",
        )
        for chain, address, asset, tx, said, silent, _, both in found
    ]
    gaps = (*lacked, *(_younger(*key, txs, holding) for key, txs in younger.items()))
    shown = [dict(zip(DIFFERING.names, row, strict=True)) for row in rows]
    refuted = Refuted(exhibits=false, places=places)
    return Differ(gaps=gaps, rows=pa.Table.from_pylist(shown, schema=DIFFERING), refuted=refuted)


def _believed(said: int, silent: int, lost: Mapping[int, str]) -> str:
    return (
        f"It is followed as exhibit {said} shows it. If it did not take place, what is traced through this "
        f"address can change. What else exhibit {silent} claims to hold whole counts as not whole"
        f"{lost.get(silent, '')}. "
        "Set aside the exhibit that is wrong, or obtain the histories again."
    )


def _claimed(said: int, silent: int, asset: str, both: bool, alone: Collection[int]) -> str:
    if both and said not in alone:
        return (
            f"Exhibit {silent} and the answer of which exhibit {said} is a page both claim the whole history of "
            f"this address in {asset}; "
        )
    if both:
        return f"Exhibits {said} and {silent} both claim the whole history of this address in {asset}; "
    return f"Exhibit {silent} claims the whole history of this address in {asset}; "


def _younger(
    chain: str, address: str, asset: str, said: int, silent: int, txs: Sequence[str], alone: Collection[int]
) -> Gap:
    more = f" and {len(txs) - 1} more" if len(txs) > 1 else ""
    return Gap(
        code="histories-differ",
        subject=f"{chain}:{address}",
        why=_claimed(said, silent, asset, True, alone)
        + f"exhibit {said} shows transaction {txs[0]}{more} after all "
        f"that exhibit {silent} shows, and exhibit {silent} states no moment to which it is whole.",
        effect=f"If exhibit {silent} was made before, it lacks nothing. If not, one of the two is not as it "
        "claims, and what is traced through this address can change.",
    )


def borne(coverage: pa.Table, false: Refuted) -> pa.Table:
    """The claims that no other exhibit shows to be false."""
    kept = coverage.filter(pc.invert(pc.is_in(coverage["exhibit"], pa.array(sorted(false.exhibits), pa.int32()))))
    named = pa.array(
        [f"{exhibit} {chain} {address}" for exhibit, chain, address in sorted(false.places)], pa.string()
    )
    here = pc.binary_join_element_wise(kept["exhibit"].cast(pa.string()), kept["chain"], kept["address"], " ")
    return kept.filter(pc.invert(pc.is_in(here, named)))


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
