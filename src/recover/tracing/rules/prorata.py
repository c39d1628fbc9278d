"""Rolling pro rata: each debit takes from every lot in proportion to what the lot is at that moment.

Integers, by largest remainder at each debit, so every debit conserves the unit and no denominator grows.

Error bound. One debit gives each label less than one unit more or less than its exact quota. That unit moves
from one place to another, and everything after is linear with weights that sum to at most one, so it can change
any later figure by less than one unit. Hence: a figure (a flow, an end, a balance) of one label differs from
exact fractions by less than the number of debits from mixed pools before it, that debit included.
"""

from __future__ import annotations

from recover.tracing.lots import Lot, Shares, apportion
from recover.tracing.rule import Rule


def draw(held: dict[int, int], amount: int) -> list[Lot]:
    """Takes `amount` from one lot a label, pro rata; `amount` is at most their sum."""
    # To the unit. Rounded down alone, as BlockSci's haircut is, in doubles, traced value can vanish.
    parts = apportion(amount, list(held.values()))
    taken = [(label, part) for label, part in zip(held, parts, strict=True) if part]
    for label, part in taken:
        left = held[label] - part
        if left:
            held[label] = left
        else:
            del held[label]
    return taken


class Prorata(Shares):
    __slots__ = ()

    def take(self, amount: int) -> list[Lot]:
        if not amount:
            return []
        self.balance -= amount
        return draw(self.held, amount)


PRORATA = Rule(
    id="prorata",
    law="Rolling charge (North American method)",
    title="Rolling pro rata",
    source="Described in Barlow Clowes International v Vaughan [1992] 4 All ER 22; on coins called haircut "
    "(Möser, Böhme, Breuker 2014)",
    used_when="Between victims of equal standing, where each outflow is to be shared by all who had value in it.",
    refused_when="Found fair but too laborious by hand in Barlow Clowes; on coins it spreads a small loss thinly "
    "over many places.",
    pool=Prorata,
    blind=True,
)
