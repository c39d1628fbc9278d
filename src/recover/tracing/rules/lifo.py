"""Last in, first out: the newest lots leave first."""

from __future__ import annotations

from recover.tracing.lots import Lot, Queue
from recover.tracing.rule import Rule


class Lifo(Queue):
    __slots__ = ()

    def take(self, amount: int) -> list[Lot]:
        self.balance -= amount
        held = self.held
        taken: list[Lot] = []
        while amount:
            label, size = held[-1]
            if size > amount:
                held[-1] = (label, size - amount)
                taken.append((label, amount))
                break
            held.pop()
            taken.append((label, size))
            amount -= size
        return taken


LIFO = Rule(
    id="lifo",
    law="Last in, first out",
    title="Last in, first out",
    source="An accounting convention; in tracing literature a comparison policy",
    used_when="As an accounting option in United States proceedings, and beside another rule, to show the range.",
    refused_when="No decision that requires it is recorded here. On coins it depends on the order of inputs, "
    "which the spender chooses.",
    pool=Lifo,
    blind=True,
)
