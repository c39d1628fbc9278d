"""Lowest intermediate balance: the holder's own money leaves first, and later own deposits do not refill a claim.

With one claimant, the claim after each entry is the lesser of the balance and of the claim before plus what the
claimant paid in; so it is never more than the lowest balance since the deposit. `clean` is the holder's own here,
value of unknown source included: a report has to say so.
"""

from __future__ import annotations

from collections.abc import Iterable

from recover.tracing.lots import CLEAN, Apart, Lot, clean, front
from recover.tracing.rule import Rule
from recover.tracing.rules.prorata import draw


class Libr:
    """What leaves after the own money is shared among the claimants in proportion to their claims."""

    __slots__ = ("claims", "clean", "traced")

    def __init__(self) -> None:
        self.clean = 0
        self.traced = 0
        self.claims: dict[int, int] = {}

    @property
    def balance(self) -> int:
        return self.clean + self.traced

    def put(self, lots: Iterable[Lot], amount: int) -> None:
        for label, size in lots:
            if label == CLEAN:
                # A later deposit of the holder's own restores no claim (James Roscoe (Bolton) Ltd v Winder [1915]
                # 1 Ch 62).
                self.clean += size
            else:
                self.traced += size
                self.claims[label] = self.claims.get(label, 0) + size

    def take(self, amount: int) -> list[Lot]:
        # He is presumed to spend his own money first (Re Hallett's Estate (1880) 13 Ch D 696).
        own = min(amount, self.clean)
        self.clean -= own
        rest = amount - own
        taken = clean(own)
        if rest:
            self.traced -= rest
            taken += draw(self.claims, rest)
        return taken

    def lots(self) -> list[Lot]:
        return clean(self.clean) + list(self.claims.items())


class LibrFifo(Apart):
    """What leaves after the own money is taken from the claimants in the order of their deposits."""

    __slots__ = ()

    def take(self, amount: int) -> list[Lot]:
        own = min(amount, self.clean)
        self.clean -= own
        self.traced -= amount - own
        # Among claimants as in Clayton's Case: the earlier deposit leaves first.
        taken = clean(own)
        return taken + front(self.queue, amount - own)

    def lots(self) -> list[Lot]:
        return clean(self.clean) + list(self.queue)


_SOURCE = (
    "Re Hallett's Estate (1880) 13 Ch D 696; James Roscoe (Bolton) Ltd v Winder [1915] 1 Ch 62; Cunningham v "
    "Brown, 265 U.S. 1 (1924)"
)
_USED = "Against a wrongdoer who mixed a victim's money with his own: he is presumed to spend his own first."
_REFUSED = (
    "It limits a claim to the lowest balance since the deposit, so it gives nothing once an account ran empty; "
    "where the rest of the mixture was dissipated a claimant may elect otherwise (Re Oatway [1903] 2 Ch 356). "
    "United States v Voigt, 89 F.3d 1050 (3d Cir. 1996) points against tracing through a commingled account."
)

LIBR = Rule(
    id="libr",
    law="Lowest intermediate balance (Re Hallett; Roscoe v Winder)",
    title="Lowest intermediate balance, pro rata among victims",
    source=_SOURCE,
    used_when=_USED,
    refused_when=_REFUSED,
    pool=Libr,
)

LIBR_FIFO = Rule(
    id="libr-fifo",
    law="Lowest intermediate balance (Re Hallett; Roscoe v Winder), Clayton's Case among victims",
    title="Lowest intermediate balance, first in first out among victims",
    source=_SOURCE,
    used_when=_USED + " Among several victims the earlier deposit leaves first.",
    refused_when=_REFUSED,
    pool=LibrFifo,
)
