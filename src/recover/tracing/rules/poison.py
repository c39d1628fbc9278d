"""Exposure: everything that leaves a pool with any traced value in it counts in full, for every loss."""

from __future__ import annotations

from collections.abc import Iterable

from recover.tracing.lots import CLEAN, Lot
from recover.tracing.rule import Rule


class Poison:
    """Which losses have touched the balance since it was last empty."""

    __slots__ = ("balance", "labels")

    def __init__(self) -> None:
        self.balance = 0
        self.labels: dict[int, None] = {}

    @property
    def traced(self) -> int:
        return len(self.labels)

    def put(self, lots: Iterable[Lot], amount: int) -> None:
        self.balance += amount
        for label, _ in lots:
            if label != CLEAN:
                self.labels[label] = None

    def take(self, amount: int) -> list[Lot]:
        if not amount:
            return []
        self.balance -= amount
        taken = [(label, amount) for label in self.labels] or [(CLEAN, amount)]
        # An empty balance touches nothing: contact ends where it reaches zero.
        if not self.balance:
            self.labels.clear()
        return taken

    def lots(self) -> list[Lot]:
        if not self.balance:
            return []
        return [(label, self.balance) for label in self.labels] or [(CLEAN, self.balance)]


POISON = Rule(
    id="poison",
    law="None",
    title="Poison (exposure)",
    source="Möser, Böhme, Breuker, Towards Risk Scoring of Bitcoin Transactions (2014)",
    used_when="To screen: which places had any contact with the loss since their balance was last zero.",
    refused_when="It counts the same value many times, so its amounts exceed the loss: a measure of exposure, "
    "never a loss or claim figure.",
    pool=Poison,
    claim=False,
    conserves=False,
)
