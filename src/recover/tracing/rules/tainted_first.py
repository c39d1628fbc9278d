"""Traced value leaves first, oldest first among itself; clean value leaves last."""

from __future__ import annotations

from recover.tracing.lots import CLEAN, Apart, Lot, clean, front
from recover.tracing.rule import Rule


class TaintedFirst(Apart):
    __slots__ = ()

    def take(self, amount: int) -> list[Lot]:
        # The reverse of lowest intermediate balance: whatever leaves is the victim's until the victim's is gone.
        hot = min(amount, self.traced)
        self.traced -= hot
        taken = front(self.queue, hot)
        if amount > hot:
            self.clean -= amount - hot
            taken.append((CLEAN, amount - hot))
        return taken

    def lots(self) -> list[Lot]:
        return list(self.queue) + clean(self.clean)


TAINTED_FIRST = Rule(
    id="tainted_first",
    law='"Drugs-in, first-out" (Banco Cafetero)',
    title="Tainted value first out",
    source="United States v Banco Cafetero Panama, 797 F.2d 1154 (2d Cir. 1986)",
    used_when="In United States forfeiture, as one of the accounting options open to the government.",
    refused_when="United States v Voigt, 89 F.3d 1050 (3d Cir. 1996) points to substitute assets instead of "
    "tracing through a commingled account. Commentators ask for one presumption for each asset.",
    pool=TaintedFirst,
)
