"""Turned: what services would get if movements were taken by their times where blocks are followed, or by these.

Only where an address that value reached has movements whose blocks and times contradict each other. Nothing says
which is wrong, so both orders are traced, and a reader sees how far a figure hangs on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived, looked
from recover.findings.evidence import Row, Slots
from recover.findings.material import Material
from recover.ledger.contrary import by_time, otherwise
from recover.ledger.join import TABLES
from recover.plugins.registry import Plugins
from recover.stages.supposed import sums, work

CODE = "order-contradicted"
"""The gap of such an address."""


def rows(case: Case, plugins: Plugins, material: Material) -> Iterator[Row]:
    """One finding for each asset and service that gets something else in the other order."""
    gaps = derived.load(case, case.derived / "trace" / "gaps.parquet", "trace", ["code", "subject"])
    met = gaps.filter(pc.equal(gaps["code"], CODE))["subject"].to_pylist()
    places = {tuple(subject.rsplit(":", 1)) for subject in met}
    if not places:
        return
    tables = {name: derived.read(case, name) for name in TABLES}
    transfers, transactions = tables["transfers"], tables["transactions"]
    look = looked.at(case)
    chains = {chain for chain, _ in places}
    derived.hold(look, "decode", {**tables, "transfers": otherwise(transfers, transactions, chains)})
    made = work(look, plugins, join=False, link=False)
    here, there = sums(material), {} if made is None else sums(made)
    timed = by_time(transfers, transactions)
    exhibits = _showing(transfers, places)
    for asset, service in sorted({*here, *there}):
        amount, other = here.get((asset, service), 0), there.get((asset, service), 0)
        if amount != other:
            followed = "times" if asset.split("/", 1)[0] in timed else "blocks"
            slots: Slots = {
                "asset": asset,
                "service": service,
                "amount": amount,
                "otherwise": other,
                "by": followed,
            }
            yield "order-otherwise", service or asset, "", slots, exhibits


def _showing(transfers: pa.Table, places: Collection[tuple[str, ...]]) -> tuple[int, ...]:
    """The exhibits that show the movements of these addresses."""
    names = pa.array(sorted({address for _, address in places}), pa.string())
    sides = [pc.is_in(transfers[side], value_set=names) for side in ("src", "dst")]
    mine = transfers.filter(pc.and_(pc.is_null(transfers["excluded"]), pc.or_(*sides)))
    return tuple(sorted(set(mine["exhibit"].to_pylist())))
