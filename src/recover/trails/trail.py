"""What tracing asks of one asset's movements and claims, whichever accounting model its chain has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from recover.sdk.records import Gap
from recover.tracing import ByMove, Claims, Model, Rule, Trace
from recover.trails.starts import Payment


class Ended(NamedTuple):
    """`amount` of a loss ended where move `move` brought it; `carried` of it came from whoever paid the move."""

    move: int
    loss: int
    amount: int
    carried: int


class Trail(Protocol):
    """One asset, in one order. A move's number is its place here; `seqs` gives its row in the ledger."""

    @property
    def asset(self) -> str: ...

    @property
    def model(self) -> Model: ...

    @property
    def seqs(self) -> NDArray[np.int64]: ...

    @property
    def claims(self) -> Claims: ...

    @property
    def payments(self) -> tuple[Payment, ...]:
        """The payment of each loss by transaction."""
        ...

    def claiming(self, claims: Claims) -> Trail:
        """The same trail with other claims."""
        ...

    def paid_on(self, rows: Sequence[int]) -> bool:
        """Whether anything is shown to leave the places that these moves pay."""
        ...

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be followed whatever the rule."""
        ...

    # Flows are the largest table by far, and are usually wanted under the declared rule alone.
    def trace(
        self, rule: Rule, more: Sequence[ByMove] = (), *, flows: bool, exposure: bool, given: bool = False
    ) -> Trace:
        """Follow the claims, and the lots `more` that came in by exchange from another asset; `given` asks for the
        lots of what was given in exchanges, in order."""
        ...

    def moved(self, move: int) -> int:
        """The amount of a move."""
        ...

    @property
    def receivers(self) -> NDArray[np.int32]:
        """By move, the number of the address that it pays."""
        ...

    def passed(self, result: Trace, found: Sequence[Ended]) -> Iterator[tuple[Ended, int, int]]:
        """Who passed on what ended: (where, the payer's number or nobody where it began there, amount)."""
        ...

    def payer(self, move: int) -> int:
        """The number of the one address that made a move; -1 where several did, or none is shown."""
        ...

    def payers(self, move: int) -> tuple[int, ...]:
        """The numbers of all addresses that are shown to have made a move, in order."""
        ...

    def stuck(self, result: Trace) -> dict[int, int]:
        """By address, what `result` left there though it is shown spent: that transaction cannot be followed."""
        ...

    def unfollowed(self, result: Trace) -> Iterator[Gap]:
        """What `result` could not follow, beyond what its ends say."""
        ...

    def ends(self, move: int) -> tuple[str | None, str | None]:
        """The pools that a move leaves and fills: names of addresses, or of transactions on a coin chain."""
        ...

    def inputs(self, move: int) -> int | None:
        """How many inputs fill the pool that a move leaves; None on an account chain."""
        ...

    def spent(self, move: int) -> Sequence[int] | None:
        """The moves that fill the pool a move leaves, in order, -1 for one unknown; None on an account chain."""
        ...

    def plainly(self, amount: list[int]) -> Trail:
        """The same trail with these integer objects as its amounts, which the pools see as they are."""
        ...
