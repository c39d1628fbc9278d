"""Coins: the transactions of a coin chain as columns, every output numbered in the order of creation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recover.tracing.moves import ints

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from recover.tracing.moves import Amounts

OUTSIDE = -1
"""The coin number of an input whose output is not in the ledger; a coinbase's new coins are such an input."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coins:
    """Transaction t has the inputs `input_start[t]:input_start[t + 1]`, and its outputs likewise (int64, n + 1
    cells).

    By input: `spends` int64, the number of the coin that it spends or -1, and `paid`, its amount. By output,
    which is its coin number: `address` int32 (-1: none can spend it) and `amount`. By transaction: `block`
    int64, `coinbase` bool (its one input is the subsidy allowed), `mix` uint8 (a `Reason` to stop in it, 0:
    follow). Amounts are an int64 array or a list of exact integers.
    """

    input_start: NDArray[np.int64]
    spends: NDArray[np.int64]
    paid: Amounts
    output_start: NDArray[np.int64]
    address: NDArray[np.int32]
    amount: Amounts
    block: NDArray[np.int64] | None = None
    coinbase: NDArray[np.bool_] | None = None
    mix: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.input_start) - 1

    def problems(self, addresses: int) -> list[str]:
        """What is wrong with these columns, at most 20 sentences that name the transaction by its number."""
        import numpy as np

        shape = self._shape(addresses)
        if shape:
            return shape
        maker = self.makers()
        spender = np.repeat(np.arange(len(self)), np.diff(self.input_start))
        inside = np.flatnonzero(self.spends != OUTSIDE)
        # Coins are numbered in the order of creation, so this is the order of transactions too. The checks
        # below rest on it.
        early = inside[self.spends[inside] >= self.output_start[spender[inside]]]
        found = [
            f"Transaction {spender[i]} spends output {self.spends[i]} before it exists."
            for i in early[:20].tolist()
        ]
        if found:
            return found
        spent, times = np.unique(self.spends[inside], return_counts=True)
        found += [
            f"Output {coin} of transaction {maker[coin]} is spent {n} times."
            for coin, n in zip(spent[times > 1][:20].tolist(), times[times > 1][:20].tolist(), strict=True)
        ]
        found += [
            f"Transaction {spender[i]} spends output {self.spends[i]} as {self.paid[i]}; it holds "
            f"{self.amount[self.spends[i]]}."
            for i in self._contradicted(inside)
        ]
        return (found + self._coinbases() + self._sums())[:20]

    def _contradicted(self, inside: NDArray[np.int64]) -> list[int]:
        """The inputs whose amount is not that of the output that they spend, at most 20."""
        import numpy as np

        if isinstance(self.paid, list) or isinstance(self.amount, list):
            spends = self.spends.tolist()
            return [i for i in inside.tolist() if self.paid[i] != self.amount[spends[i]]][:20]
        wrong: list[int] = inside[
            np.flatnonzero(self.paid[inside] != self.amount[self.spends[inside]])[:20]
        ].tolist()
        return wrong

    def makers(self) -> NDArray[np.int64]:
        """By output, the transaction that made it."""
        import numpy as np

        return np.repeat(np.arange(len(self)), np.diff(self.output_start))

    def _shape(self, addresses: int) -> list[str]:
        import numpy as np

        for name, start, rows in (
            ("input", self.input_start, (len(self.spends), len(self.paid))),
            ("output", self.output_start, (len(self.address), len(self.amount))),
        ):
            if (
                len(start) != len(self) + 1
                or start[0]
                or bool((np.diff(start) < 0).any())
                or {int(start[-1])} != set(rows)
            ):
                return [f"The {name} columns do not fit their starts."]
        for name, column in (("block", self.block), ("coinbase", self.coinbase), ("mix", self.mix)):
            if column is not None and len(column) != len(self):
                return [f"The column {name} has {len(column)} cells for {len(self)} transactions."]
        wrong = np.flatnonzero((self.address < -1) | (self.address >= addresses))[:20].tolist()
        found = [f"Output {i}: {self.address[i]} is no address of {addresses}." for i in wrong]
        unknown = np.flatnonzero((self.spends < OUTSIDE) | (self.spends >= len(self.address)))[:20].tolist()
        found += [f"Input {i} spends output {self.spends[i]}, which is none." for i in unknown]
        for name, amounts in (("Input", self.paid), ("Output", self.amount)):
            if isinstance(amounts, list):
                bad = [i for i, amount in enumerate(amounts) if amount < 0]
            else:
                bad = np.flatnonzero(amounts < 0).tolist()
            found += [f"{name} {i}: the amount {amounts[i]} is negative." for i in bad[:20]]
        return found

    def _coinbases(self) -> list[str]:
        if self.coinbase is None:
            return []
        return [
            f"Transaction {t} is a coinbase and has {n} inputs; it has one, the subsidy."
            for t, n in enumerate((self.input_start[1:] - self.input_start[:-1]).tolist())
            if self.coinbase[t] and n != 1
        ][:20]

    def _sums(self) -> list[str]:
        made = self.fees()
        # A coinbase pays the fees of its block too, which are none of its inputs.
        minted = self.coinbase if self.coinbase is not None else [False] * len(self)
        return [
            f"Transaction {t} pays {-fee} more than its inputs hold."
            for t, fee in enumerate(made)
            if fee < 0 and not minted[t]
        ]

    def fees(self) -> list[int]:
        """By transaction, what its inputs hold above its outputs; for a coinbase, less than zero by the fees it
        took."""
        paid, amount = ints(self.paid), ints(self.amount)
        inputs, outputs = self.input_start.tolist(), self.output_start.tolist()
        return [
            sum(paid[inputs[t] : inputs[t + 1]]) - sum(amount[outputs[t] : outputs[t + 1]])
            for t in range(len(self))
        ]
