"""The claimant's election: in the debits that are named, the claimant's lots leave first; elsewhere as `libr`.

Re Oatway: the holder bought an asset out of the mixture, and then dissipated what was left. The claimant may say
that the asset was bought with his money. That is a choice about named debits, so it is never a default.
"""

from __future__ import annotations

from collections.abc import Collection

from recover.tracing.lots import Lot
from recover.tracing.rule import Rule
from recover.tracing.rules.libr import Libr
from recover.tracing.rules.prorata import draw


class Oatway(Libr):
    __slots__ = ()

    def elect(self, amount: int, losses: Collection[int]) -> list[Lot]:
        """A debit that the claimants of `losses` elect: theirs first, pro rata among them, then as `take`."""
        # Only lots of the losses whose claimants elect leave first: of the others' value they have no choice.
        chosen = {label: size for label, size in self.claims.items() if label in losses}
        first = min(amount, sum(chosen.values()))
        taken = draw(chosen, first) if first else []
        for label, part in taken:
            self.claims[label] -= part
            if not self.claims[label]:
                del self.claims[label]
        self.traced -= first
        # A debit larger than their claims: the rest of it is as under `libr`, the holder's own money first.
        return taken + self.take(amount - first)


OATWAY = Rule(
    id="oatway",
    law="Re Oatway (election)",
    title="Lowest intermediate balance, with the debits that the claimant elects",
    source="Re Oatway [1903] 2 Ch 356",
    used_when="Where the holder kept an asset bought from the mixture and the rest was dissipated, and the "
    "claimant elects to treat the asset as bought with the claimant's money.",
    refused_when="An election by the claimant, never a default: it has to be pleaded, and it names the debits.",
    pool=Oatway,
    models=("account",),
    elective=True,
)
