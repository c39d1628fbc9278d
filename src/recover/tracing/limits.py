"""Why tracing stops (`Reason`), and at which addresses (`Limits`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Reason(IntEnum):
    """Why traced value is where a trace left it. Codes are stored: they never change their meaning."""

    # At a service its own books govern what went where. At a mix fifo and lifo would name one of equal outputs by
    # its place alone, and pro rata all of them. At a swap value is traced into a substitute (Foskett v McKeown
    # [2001] 1 AC 102), and a lot has one asset: it ends here, and the same share may begin in the other asset.
    REST = 0  # still there at the end of the ledger
    SERVICE = 1  # exchange, payment processor, custodian
    HUB = 2  # an unlabelled address above the case's size
    MIXER = 3  # CoinJoin or mixer
    BRIDGE = 4  # bridge whose other side the data does not show
    LIMIT = 5  # only in the pass from the other end: an address that it is not asked to go through
    UNCOLLECTED = 6  # the address's history is not here
    FEE = 7  # paid as a fee
    BURN = 8  # destroyed
    SWAP = 9  # exchanged for another asset; it goes on there where the data shows for what
    OPEN = 10  # left in a transaction whose receivers no exhibit shows: never taken for destroyed
    CROSSED = 11  # went through a bridge; it goes on on the other side, where the data shows it
    BRIDGE_FEE = 12  # kept by a bridge, or by who paid out for it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limits:
    """By address number: `stop` uint8 (0: follow, else a `Reason`), `known` bool (its whole history is here)."""

    stop: NDArray[np.uint8]
    known: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.stop)

    def problems(self) -> list[str]:
        """What is wrong with these columns, as sentences."""
        if len(self.stop) != len(self.known):
            return [f"The limits have {len(self.stop)} stops for {len(self.known)} addresses."]
        most = int(self.stop.max(initial=0))
        return [f"{most} is no reason to stop."] if most > max(Reason) else []
