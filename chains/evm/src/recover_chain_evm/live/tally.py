"""What the movements that were found of one address add up to, to be held against what the node says it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow.compute as pc

from recover.sdk import Batch, amounts


@dataclass(slots=True, kw_only=True)
class Tally:
    """Sums by asset and transaction. A transaction that is read twice, from two answers, counts once."""

    address: str
    sums: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, batches: Sequence[Batch], part: str = "") -> None:
        """The batches of one exhibit. Of a failed transaction only the fee moved.

        `part` names what of a transaction the exhibit shows, where each kind of exhibit shows another part of it.
        """
        failed: set[str] = set()
        found: dict[tuple[str, str], int] = {}
        for batch in batches:
            if batch.transactions is not None:
                failed.update(batch.transactions.filter(pc.field("failed")).column("id").to_pylist())
        for batch in batches:
            if batch.legs is None:
                continue
            own = batch.legs.filter(pc.equal(batch.legs.column("address"), self.address))
            rows = zip(own.to_pylist(), amounts.exact(own), strict=True)
            for leg, amount in rows:
                if leg["kind"] == "fee" or leg["tx"] not in failed:
                    key = (leg["asset"], f"{part} {leg['tx']}")
                    found[key] = found.get(key, 0) + amount
        for key, amount in found.items():
            self.sums.setdefault(key, amount)

    def total(self, asset: str) -> int:
        return sum(amount for (each, _), amount in self.sums.items() if each == asset)
