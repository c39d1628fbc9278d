"""Unspent: what rows of payers and payees cannot show on a chain of coins; none of their histories is whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from recover.plugins.registry import Plugins
from recover.sdk.batch import Batch
from recover.sdk.records import Gap

_ROWS = pa.array(["transfer", "mint", "burn", "internal"], pa.string())
"""Kinds of leg that name a payer or a payee, and no output: on a chain of coins there is nothing of the kind."""


def unspent(batches: Sequence[Batch], plugins: Plugins) -> list[Batch]:
    """The same batches of one exhibit, without its claims to whole histories of coins that it shows as payments.

    A transaction of coins spends outputs whole, and what no output takes is its fee: payments that sum to less
    than came in leave nothing behind. A gap says so of each chain.
    """
    native = {one.info.native.id: one.info for one in plugins.chains.values() if one.info.model == "utxo"}
    assets = pa.array(sorted(native), pa.string())
    shown: dict[str, int] = {}
    for batch in batches if native else ():
        if batch.legs is None:
            continue
        paid = pc.and_(
            pc.is_in(batch.legs["kind"], value_set=_ROWS), pc.is_in(batch.legs["asset"], value_set=assets)
        )
        rows = batch.legs.select(["asset", "place"]).filter(paid).group_by("asset", use_threads=False)
        for row in rows.aggregate([("place", "min")]).to_pylist():
            shown.setdefault(row["asset"], row["place_min"] or 0)
    if not shown:
        return list(batches)
    told = [_gap(native[asset].id, native[asset].title, place) for asset, place in sorted(shown.items())]
    return [
        *(_unclaimed(batch, {native[asset].id: asset for asset in shown}) for batch in batches),
        Batch.of(*told),
    ]


def _unclaimed(batch: Batch, shown: dict[str, str]) -> Batch:
    """Without the coverage of these coins, or of all that their chains hold."""
    if batch.coverage is None:
        return batch
    cells = zip(batch.coverage["chain"].to_pylist(), batch.coverage["asset"].to_pylist(), strict=True)
    keep = [chain not in shown or asset not in (None, "", shown[chain]) for chain, asset in cells]
    return replace(batch, coverage=batch.coverage.filter(pa.array(keep, pa.bool_())))


def _gap(chain: str, title: str, place: int) -> Gap:
    return Gap(
        code="coins-by-transfers",
        subject=chain,
        why=f"Rows of this exhibit name who paid whom on {title}, where outputs are spent whole: what a "
        "transaction spends and no output of it takes is its fee, and such rows show neither.",
        effect="No history of such rows counts as whole, and nothing is called at rest by one. Import the "
        "transactions as the chain holds them, raw or as a node or an explorer answers.",
        place=place,
    )
