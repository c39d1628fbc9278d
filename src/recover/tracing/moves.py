"""Moves: one asset's movements between numbered addresses, in the order in which they took place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Amounts: TypeAlias = NDArray[np.int64] | list[int]

NOBODY = -1
"""The address number where there is no party: a mint, a burn, a fee."""


class Kind(IntEnum):
    """What a move is, where it matters for the place in which value without a receiver ends."""

    TRANSFER = 0
    FEE = 1
    BURN = 2
    SWAP = 3
    OPEN = 4  # it left, and no exhibit shows to whom
    CROSSED = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moves:
    """Columns of one length: `src` and `dst` int32 (-1: no party), `amount` in base units, `kind` uint8.

    `amount` is an int64 array, or a list of exact integers for an asset that does not fit. Row order is the
    order of events: a native-coin fee stands after the transfer of its transaction.
    """

    src: NDArray[np.int32]
    dst: NDArray[np.int32]
    amount: Amounts
    kind: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.src)

    def problems(self, addresses: int) -> list[str]:
        """What is wrong with these columns, at most 20 sentences, for a ledger of so many addresses."""
        import numpy as np

        sizes = {len(self.src), len(self.dst), len(self.amount)} | (
            {len(self.kind)} if self.kind is not None else set()
        )
        if len(sizes) > 1:
            return [f"The columns of the moves have different lengths: {sorted(sizes)}."]
        found: list[str] = []
        for name, side in (("source", self.src), ("destination", self.dst)):
            wrong = np.flatnonzero((side < NOBODY) | (side >= addresses))[:20].tolist()
            found += [f"Move {i}: {name} {side[i]} is no address of {addresses}." for i in wrong]
        if isinstance(self.amount, list):
            bad = [i for i, amount in enumerate(self.amount) if amount < 0]
        else:
            bad = np.flatnonzero(self.amount < 0).tolist()
        return (found + [f"Move {i}: the amount {self.amount[i]} is negative." for i in bad[:20]])[:20]


def ints(amounts: Amounts) -> list[int]:
    """Amounts as exact integers, whatever their form."""
    return amounts if isinstance(amounts, list) else amounts.tolist()
