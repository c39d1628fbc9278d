"""Lots and pools: a lot is (label, amount), a pool is an ordered list of lots that debits take from.

`Queue`, `Shares` and `Apart` are the three ways of holding lots; the rules add how each is taken from.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeAlias

CLEAN = -1
"""The label of value that carries no loss; other labels are loss numbers from 0."""

Lot: TypeAlias = tuple[int, int]
"""(label, amount in base units); the amount is never zero or negative."""


class Pool(Protocol):
    """What one address (or one coin transaction) holds, and the way in which a rule takes from it."""

    __slots__ = ()

    @property
    def balance(self) -> int: ...

    @property
    def traced(self) -> int:
        """Not zero while any lot carries a loss; a pool without one is only its balance."""

    @abstractmethod
    def put(self, lots: Iterable[Lot], amount: int) -> None:
        """Adds lots behind those already here; `amount` is the whole credit."""

    @abstractmethod
    def take(self, amount: int) -> list[Lot]:
        """Removes `amount` (never above `balance`: the engines see to that) and says which lots it was."""

    @abstractmethod
    def lots(self) -> list[Lot]:
        """What is held now, in order."""


class Queue:
    """Lots in the order of arrival; neighbours of one label are one lot, or lots would multiply."""

    __slots__ = ("balance", "held")

    def __init__(self) -> None:
        self.held: deque[Lot] = deque()
        self.balance = 0

    def put(self, lots: Iterable[Lot], amount: int) -> None:
        self.balance += amount
        for label, size in lots:
            append(self.held, label, size)

    @property
    def traced(self) -> int:
        return len(self.held) > 1 or (len(self.held) == 1 and self.held[0][0] != CLEAN)

    def lots(self) -> list[Lot]:
        return list(self.held)


class Shares:
    """One lot a label, in the order in which the labels came: for rules that do not look at age.

    A label that was used up and comes again stands last.
    """

    __slots__ = ("balance", "held")

    def __init__(self) -> None:
        self.held: dict[int, int] = {}
        self.balance = 0

    def put(self, lots: Iterable[Lot], amount: int) -> None:
        self.balance += amount
        held = self.held
        for label, size in lots:
            held[label] = held.get(label, 0) + size

    @property
    def traced(self) -> int:
        return len(self.held) - (CLEAN in self.held)

    def lots(self) -> list[Lot]:
        return list(self.held.items())


class Apart:
    """The holder's clean value apart from the traced lots, which stand in the order of their deposits."""

    __slots__ = ("clean", "queue", "traced")

    def __init__(self) -> None:
        self.clean = 0
        self.traced = 0
        self.queue: deque[Lot] = deque()

    @property
    def balance(self) -> int:
        return self.clean + self.traced

    def put(self, lots: Iterable[Lot], amount: int) -> None:
        for label, size in lots:
            if label == CLEAN:
                self.clean += size
            else:
                self.traced += size
                append(self.queue, label, size)


def clean(amount: int) -> list[Lot]:
    """Value that carries no loss, as lots."""
    return [(CLEAN, amount)] if amount else []


def append(held: deque[Lot], label: int, size: int) -> None:
    """Adds one lot at the end, merged with the last where the label is the same."""
    if not size:
        return
    if held and held[-1][0] == label:
        held[-1] = (label, held[-1][1] + size)
    else:
        held.append((label, size))


def joined(lots: Iterable[Lot]) -> list[Lot]:
    """Lots in their order, neighbours of one label as one."""
    held: deque[Lot] = deque()
    for label, size in lots:
        append(held, label, size)
    return list(held)


def front(held: deque[Lot], amount: int) -> list[Lot]:
    """Cuts `amount` from the oldest end. Linear in the lots that it removes."""
    taken: list[Lot] = []
    while amount:
        label, size = held[0]
        if size > amount:
            held[0] = (label, size - amount)
            taken.append((label, amount))
            break
        held.popleft()
        taken.append((label, size))
        amount -= size
    return taken


def totals(lots: Iterable[Lot]) -> dict[int, int]:
    """The sum of each loss's lots, clean left out, in the order of first appearance."""
    found: dict[int, int] = {}
    for label, size in lots:
        if label != CLEAN:
            found[label] = found.get(label, 0) + size
    return found


def apportion(amount: int, weights: Sequence[int]) -> list[int]:
    """Splits `amount` in proportion to `weights`, in whole units that sum to it exactly.

    Largest remainder (Hamilton): everyone gets the floor of the exact quota, and the units left go to the
    largest remainders, ties to the earlier weight. Each part is less than one unit from its quota, and none
    exceeds its weight while `amount <= sum(weights)`.
    """
    whole = sum(weights)
    # With two weights the remainders sum to `whole` or are both zero, so half of `whole` or more is the larger
    # one, and a tie goes to the first.
    if len(weights) == 2:  # the ordinary case: one loss and clean value
        part, rest = divmod(amount * weights[0], whole)
        part += 2 * rest >= whole
        return [part, amount - part]
    # The products can need twice the bits of an amount: Python's integers hold them, fixed widths would not.
    pairs = [divmod(amount * weight, whole) for weight in weights]
    parts = [part for part, _ in pairs]
    short = amount - sum(parts)
    if short:
        rests = [rest for _, rest in pairs]
        for i in sorted(range(len(rests)), key=rests.__getitem__, reverse=True)[:short]:  # stable: ties keep order
            parts[i] += 1
    return parts
