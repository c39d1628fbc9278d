"""First in, first out: the oldest lots leave first."""

from __future__ import annotations

from recover.tracing.lots import Lot, Queue, front
from recover.tracing.rule import Rule


class Fifo(Queue):
    __slots__ = ()

    def take(self, amount: int) -> list[Lot]:
        self.balance -= amount
        # Clayton's Case: the first sum paid in is the first drawn out. Every unit keeps one origin, so the rule
        # reads backward as well.
        return front(self.held, amount)


FIFO = Rule(
    id="fifo",
    law="Clayton's Case",
    title="First in, first out",
    source="Devaynes v Noble, Clayton's Case (1816) 1 Mer 572; on coins: Anderson, Shumailov, Ahmed, "
    "Making Bitcoin Legal (2018)",
    used_when="The starting point for a running account into which several people's money was paid.",
    refused_when="Displaced between victims where it is impractical or unjust (Barlow Clowes International v "
    "Vaughan [1992] 4 All ER 22); not applied so as to let a wrongdoer keep a victim's money (Re Hallett's Estate "
    "(1880) 13 Ch D 696). On coins it depends on the order of inputs, which the spender chooses.",
    pool=Fifo,
    blind=True,
)
